"""How much weight a few target rows deserve beside many source rows."""

from __future__ import annotations

from typing import Any

import numpy as np

from tlbook._base.checks import check_array, check_positive
from tlbook.course.ch09_objective.bounds.line import Line


def best_weight(
    gap: float, noise: float, n_source: int, n_target: int, dimension: int = 1
) -> float:
    r"""Return the λ with the smallest expected squared error in the target.

    .. math:: \lambda = n_T \left(\frac{\delta^2}{d \sigma^2} + \frac{1}{n_S}\right)

    exactly so for the mean of d numbers, where the minimizer of :math:`L_S + \lambda L_T` is
    :math:`(\bar y_S + \lambda \bar y_T) / (1 + \lambda)`; nearly so for least squares with d
    weights in a basis that is orthonormal in both domains.

    Parameters
    ----------
    gap : float
        δ, the distance of the true weights of source and target.
    noise : float
        σ, the standard deviation of the noise of a row.
    n_source, n_target : int
        Labeled rows.
    dimension : int
        d.

    Raises
    ------
    ValueError
        If a number is out of range.

    Notes
    -----
    Without a gap λ is n_T / n_S: both losses are means, and so weighted every row counts alike.
    """
    check_positive(n_source, "n_source", integer=True)
    check_positive(n_target, "n_target", integer=True)
    check_positive(gap, "gap", zero_ok=True)
    check_positive(noise, "noise")
    check_positive(dimension, "dimension", integer=True)
    return float(n_target * ((gap / noise) ** 2 / dimension + 1 / n_source))


def mixed_errors(
    source: Line, target: Line, n_source: int, n_target: int, shares: Any, seed: int,
    draws: int = 400,
) -> np.ndarray:  # fmt: skip
    r"""Return the mean target error of the thresholds that minimize a mix of two errors.

    .. math:: \min_t \; s \, \hat\varepsilon_T(t) + (1 - s) \, \hat\varepsilon_S(t)

    Class 1 is above the threshold. Of several best thresholds it is the one in their middle.

    Parameters
    ----------
    source, target : Line
    n_source, n_target : int
        Labeled rows of each draw.
    shares : array of shape (k,)
        s, in [0, 1].
    seed : int
        Of the draws.
    draws : int
        How many times rows are drawn; the errors themselves are exact.

    Returns
    -------
    array of shape (k,)

    Raises
    ------
    ValueError
        If a number is out of range.

    References
    ----------
    Ben-David et al. (2010), theorem 3, bounds this error; s is called α there.
    """
    check_positive(draws, "draws", integer=True)
    s = check_array(shares, "shares", ndim=1).astype(float)
    if not np.all((s >= 0) & (s <= 1)):
        raise ValueError(f"shares: got {shares!r}, want numbers in [0, 1]")
    found = []
    for i in range(draws):
        rng = np.random.default_rng([seed, n_target, i])
        (xs, ys), (xt, yt) = source.sample(n_source, rng), target.sample(n_target, rng)
        x = np.sort(np.r_[xs, xt])
        cuts = np.r_[x[0] - 1, (x[1:] + x[:-1]) / 2, x[-1] + 1]  # (n + 1,)
        e_S, e_T = _errors_at(cuts, xs, ys), _errors_at(cuts, xt, yt)
        mixed = np.outer(1 - s, e_S) + np.outer(s, e_T)  # (k, n + 1)
        best = [cuts[row <= row.min() + 1e-12] for row in mixed]
        found.append(target.error([(b[0] + b[-1]) / 2 for b in best]))
    return np.mean(found, axis=0)


def _errors_at(cuts: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return the share of rows that each threshold gets wrong: ones below it, zeros above it."""
    ones, zeros = np.sort(x[y == 1]), np.sort(x[y == 0])
    wrong = np.searchsorted(ones, cuts) + len(zeros) - np.searchsorted(zeros, cuts)
    return wrong / len(x)
