"""The shares of a mixture whose parts are known: the problem under KLIEP and under EM."""

from __future__ import annotations

import numpy as np

SHORT = 0.99


def mixture_shares(
    A: np.ndarray, tol: float = 1e-9, max_iter: int = 200
) -> tuple[np.ndarray, float]:
    r"""Maximize the likelihood of the shares of known parts.

    .. math:: \max_\pi \tfrac1m \sum_j \log \sum_l A_{jl} \pi_l \quad\text{with}\quad
        \pi_l \ge 0,\; \textstyle\sum_l \pi_l = 1

    It is concave. Written as :math:`\min -\frac1m \sum_j \log (A\pi)_j + \sum_l \pi_l`, which has
    its minimum at shares that sum to 1 by themselves, it has bounds only; an interior-point
    Newton method finds it in some twenty steps. (EM finds the same point, slowly.)

    Parameters
    ----------
    A : array of shape (m, k)
        Density of row j under part l, not negative; every row has a positive entry.
    tol : float
        Stop when the mean log-likelihood is at most this far below its maximum.

    Returns
    -------
    shares : array of shape (k,)
    gap : float
        Certified: the maximum is at most this far above (:func:`shares_gap`).
    """
    A = A / A.max(axis=1, keepdims=True)  # a factor per row changes the value, not the shares
    m, k = A.shape
    shares = np.full(k, 1 / k)
    best, least = shares, shares_gap(A, shares)
    pi, z = shares, np.ones(k)
    for _ in range(max_iter):
        if least <= tol:
            break
        R = A / (A @ pi)[:, None]
        gradient = 1 - R.mean(axis=0)
        mu = 0.1 * float(pi @ z) / k
        H = R.T @ R / m
        H[np.diag_indices(k)] += z / pi
        step = np.linalg.solve(H, mu / pi - gradient)
        dz = mu / pi - z - z / pi * step
        length = min(1.0, SHORT * min(_room(pi, step), _room(z, dz)))
        pi, z = pi + length * step, z + length * dz
        candidate = pi / pi.sum()
        gap = shares_gap(A, candidate)
        if gap < least:
            best, least = candidate, gap
    return best, least


def shares_gap(A: np.ndarray, shares: np.ndarray) -> float:
    r"""Return a bound on what the mean log-likelihood of these shares lacks: their KKT residual.

    :math:`\max_l \frac1m \sum_j A_{jl} / (A\pi)_j - 1`, which is 0 at the maximum and nowhere else
    (concavity: the likelihood lies below its tangent).
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        slope = (A / (A @ shares)[:, None]).mean(axis=0).max()
    return float(slope - 1) if np.isfinite(slope) else np.inf


def _room(values: np.ndarray, change: np.ndarray) -> float:
    falling = change < 0
    return float((-values[falling] / change[falling]).min()) if falling.any() else 2.0
