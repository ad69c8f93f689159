"""How much weight a few target rows deserve beside many source rows: what theory says."""

from __future__ import annotations

from typing import Any

import numpy as np

from tlbook._base.checks import check_positive, check_probability


def mixing_bound(
    alpha: Any, n_source: int, n_target: int, penalty: float, capacity: float
) -> np.ndarray:
    r"""Return the part of the mixing bound that depends on α.

    .. math:: C \sqrt{\frac{\alpha^2}{n_T} + \frac{(1-\alpha)^2}{n_S}} + (1 - \alpha) A

    for the hypothesis that minimizes :math:`\alpha\hat\varepsilon_T + (1-\alpha)\hat\varepsilon_S`.

    Parameters
    ----------
    alpha : float or array
        Weight of the target, in [0, 1]. In the course's objective α = λ / (1 + λ).
    n_source, n_target : int
        Labeled rows.
    penalty : float
        A: half the divergence plus λ*.
    capacity : float
        C, see :func:`vc_capacity`.

    Raises
    ------
    ValueError
        If a number is out of range.

    References
    ----------
    Ben-David et al. (2010), theorem 3, with factors of two divided out.
    """
    n_source, n_target = _sizes(n_source, n_target)
    check_positive(penalty, "penalty", zero_ok=True)
    check_positive(capacity, "capacity")
    a = np.asarray(alpha, dtype=float)
    if not np.all((a >= 0) & (a <= 1)):
        raise ValueError(f"alpha: got {alpha!r}, want numbers in [0, 1]")
    return capacity * np.sqrt(a**2 / n_target + (1 - a) ** 2 / n_source) + (1 - a) * penalty


def optimal_mix(n_source: int, n_target: int, penalty: float, capacity: float) -> float:
    r"""Return the α that minimizes :func:`mixing_bound`.

    .. math:: \alpha^* = 1 \text{ if } n_T \ge D^2, \quad\text{else}\quad
              \min\Bigl(1, \nu \Bigl(1 + \frac{n_S}{\sqrt{D^2 (n_S + n_T) - n_S n_T}}\Bigr)\Bigr)

    with :math:`D = C / A` and :math:`\nu = n_T / (n_S + n_T)`. Without a divergence α* is ν: every
    row counts the same. With enough target rows the source is left out.

    References
    ----------
    Ben-David et al. (2010), section 5.
    """
    n_source, n_target = _sizes(n_source, n_target)
    check_positive(penalty, "penalty", zero_ok=True)
    check_positive(capacity, "capacity")
    share = n_target / (n_source + n_target)
    if penalty == 0:
        return share
    d2 = (capacity / penalty) ** 2
    if n_target >= d2:
        return 1.0
    return min(
        1.0, share * (1 + n_source / np.sqrt(d2 * (n_source + n_target) - n_source * n_target))
    )


def vc_capacity(n: int, dimension: int = 2, delta: float = 0.05) -> float:
    r"""Return C of the mixing bound, :math:`\sqrt{2 d \log(2(n+1)) + 2\log(8/\delta)}`.

    Parameters
    ----------
    n : int
        Labeled rows of both domains together.
    dimension : int
        VC dimension; thresholds with a free side have 2.
    delta : float
        The bound may fail with this probability.
    """
    check_positive(n, "n", integer=True)
    check_positive(dimension, "dimension", integer=True)
    if not 0 < check_probability(delta, "delta") < 1:
        raise ValueError(f"delta: got {delta!r}, want a number between 0 and 1")
    return float(np.sqrt(2 * dimension * np.log(2 * (n + 1)) + 2 * np.log(8 / delta)))


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
    n_source, n_target = _sizes(n_source, n_target)
    check_positive(gap, "gap", zero_ok=True)
    check_positive(noise, "noise")
    check_positive(dimension, "dimension", integer=True)
    return float(n_target * ((gap / noise) ** 2 / dimension + 1 / n_source))


def _sizes(n_source: int, n_target: int) -> tuple[int, int]:
    check_positive(n_source, "n_source", integer=True)
    check_positive(n_target, "n_target", integer=True)
    return n_source, n_target
