"""A box cut by a slab, {0 ≤ w ≤ B, ℓ ≤ Σ w ≤ h}: its projection and its optimality gap."""

from __future__ import annotations

import numpy as np


def project_box_slab(v: np.ndarray, upper: float, low: float, high: float) -> np.ndarray:
    r"""Project a vector onto a box cut by a slab, exactly.

    .. math:: \operatorname{argmin}_w \|w - v\| \quad\text{with}\quad
        0 \le w_i \le B,\; \ell \le \textstyle\sum_i w_i \le h

    The answer is ``clip(v - t, 0, B)`` for one number t: 0 if the sum then lies in the slab, else
    the one at which the sum meets the nearer end. The sum is piecewise linear in t with corners at
    ``v`` and ``v - B``, so t is found by sorting the corners: no iteration, no tolerance.

    Parameters
    ----------
    v : array of shape (n,)
    upper : float
        B, above 0.
    low, high : float
        Ends of the slab, ``low <= high``; the set is not empty: ``low <= n B`` and ``high >= 0``.

    Returns
    -------
    array of shape (n,)
    """
    w = np.clip(v, 0, upper)
    total = w.sum()
    if low <= total <= high:
        return w
    want = low if total < low else high
    corners = np.sort(np.concatenate([v, v - upper]))
    # Walking down from the largest t: the sum grows by (number of free weights) × (step in t).
    steps = np.diff(corners)
    right = np.searchsorted(np.sort(v), corners[1:], side="left")  # those clipped to 0 at t
    left = np.searchsorted(np.sort(v - upper), corners[1:], side="left")  # those below the cap
    free = left - right
    sums = np.concatenate([np.cumsum((free * steps)[::-1])[::-1], [0.0]])  # at each corner
    k = int(np.searchsorted(-sums, -want, side="right")) - 1  # the last corner with sum >= want
    k = min(max(k, 0), len(steps) - 1)
    t = corners[k] + (sums[k] - want) / free[k] if free[k] else corners[k]
    return np.clip(v - t, 0, upper)


def optimality_gap(
    w: np.ndarray, gradient: np.ndarray, upper: float, low: float, high: float
) -> float:
    r"""Return a bound on how far a convex objective at ``w`` is above its minimum.

    .. math:: \max_v g^\top (w - v) \quad\text{over the box cut by the slab}

    A convex function lies above its tangent, so no v can be better by more. It is 0 exactly at
    the minimum. The best v fills the cheapest entries first.
    """
    cheapest = np.sort(gradient)
    level = np.minimum(np.arange(len(w) + 1) * upper, high)  # sum after so many entries
    value = np.concatenate([[0.0], np.cumsum(cheapest * np.diff(level))])
    # The value is a convex function of the sum with corners at the levels.
    sums = np.clip(level, low, high)
    least = float(np.interp(sums, level, value).min())
    return max(float(gradient @ w) - least, 0.0)
