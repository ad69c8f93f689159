"""Differential privacy: what a release with Gaussian noise costs, and its audit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize import brentq, minimize_scalar
from scipy.stats import beta, norm

from tlbook._base.checks import check_array, check_positive
from tlbook._base.named import named


@named
def epsilon_of(rho: float, delta: float) -> float:
    r"""Return ε of (ε, δ)-differential privacy that ρ-zCDP implies.

    .. math:: \varepsilon = \min_{a > 1}\; a \rho
        + \frac{\log(1/\delta) + (a - 1) \log(1 - 1/a) - \log a}{a - 1}

    The older ρ + 2√(ρ log(1/δ)) is an upper bound of it.

    Parameters
    ----------
    rho : float
        Zero-concentrated privacy loss; one Gaussian release with noise σ and sensitivity Δ has
        ρ = Δ²/(2σ²), and several releases add up.
    delta : float in (0, 1)
        Usually well below 1/n.

    Returns
    -------
    float, at least 0

    Raises
    ------
    ValueError
        If a number lies outside its range.

    References
    ----------
    Bun and Steinke, Concentrated differential privacy, TCC 2016. Canonne, Kamath and Steinke, The
    discrete Gaussian for differential privacy, NeurIPS 2020 (the conversion).

    Examples
    --------
    >>> from tlbook.trust import epsilon_of
    >>> round(epsilon_of(0.1, 1e-5), 2)  # ρ + 2√(ρ log(1/δ)) would say 2.25
    1.91
    """
    check_positive(rho, "rho")
    _check_delta(delta)

    def bound(log_a: float) -> float:
        a = 1 + np.exp(log_a)
        tail = np.log(1 / delta) + (a - 1) * np.log1p(-1 / a) - np.log(a)
        return float(a * rho + tail / (a - 1))

    return max(0.0, float(minimize_scalar(bound, bounds=(-12, 20), method="bounded").fun))


@named
def rho_of(epsilon: float, delta: float) -> float:
    """Return the ρ that :func:`epsilon_of` turns into this ε: the budget to spend.

    Parameters
    ----------
    epsilon : float
    delta : float in (0, 1)

    Returns
    -------
    float

    Raises
    ------
    ValueError
        If a number lies outside its range.

    Examples
    --------
    >>> from tlbook.trust import epsilon_of, rho_of
    >>> round(epsilon_of(rho_of(1.0, 1e-5), 1e-5), 6)
    1.0
    """
    check_positive(epsilon, "epsilon")
    _check_delta(delta)
    found = brentq(lambda r: epsilon_of(float(np.exp(r)), delta) - epsilon, -40, 20, xtol=1e-12)
    return float(np.exp(found))


@named
def gaussian_epsilon(rho: float, delta: float) -> float:
    r"""Return the exact ε of Gaussian releases with ρ-zCDP: the truth below :func:`epsilon_of`.

    .. math:: \delta = \Phi\!\left(-\tfrac{\varepsilon}{\mu} + \tfrac{\mu}{2}\right)
        - e^{\varepsilon} \Phi\!\left(-\tfrac{\varepsilon}{\mu} - \tfrac{\mu}{2}\right),
        \qquad \mu = \sqrt{2 \rho}

    No attack can show more than this, and the best attack shows this much.

    Parameters
    ----------
    rho : float
    delta : float in (0, 1)

    Returns
    -------
    float, at least 0

    Raises
    ------
    ValueError
        If a number lies outside its range.

    References
    ----------
    Balle and Wang, Improving the Gaussian mechanism for differential privacy, ICML 2018.

    Examples
    --------
    >>> from tlbook.trust import epsilon_of, gaussian_epsilon
    >>> bool(gaussian_epsilon(0.1, 1e-5) < epsilon_of(0.1, 1e-5))
    True
    """
    mu = np.sqrt(2 * check_positive(rho, "rho"))
    _check_delta(delta)

    def excess(epsilon: float) -> float:
        high = norm.cdf(-epsilon / mu + mu / 2)
        low = np.exp(epsilon + norm.logcdf(-epsilon / mu - mu / 2))
        return float(high - low - delta)

    if excess(0.0) <= 0:
        return 0.0
    return float(brentq(excess, 0, epsilon_of(rho, delta) + 1e-9, xtol=1e-12))


@dataclass(frozen=True)
class Audit:
    """What an attack has shown of ε: a lower bound that holds with the given confidence."""

    epsilon: float
    true_positives: float
    false_positives: float


@named
def audit_epsilon(
    with_row: Any, without_row: Any, delta: float = 0.0, confidence: float = 0.95
) -> Audit:
    r"""Return a lower bound on ε from the outputs of many runs with and without one row.

    Every (ε, δ)-private mechanism has TPR ≤ e^ε FPR + δ and 1 − FPR ≤ e^ε (1 − TPR) + δ for every
    test, so

    .. math:: \varepsilon \ge \max\left( \log \frac{\underline{\mathrm{TPR}} - \delta}
        {\overline{\mathrm{FPR}}},\ \log \frac{1 - \overline{\mathrm{FPR}} - \delta}
        {1 - \underline{\mathrm{TPR}}} \right)

    with Clopper–Pearson bounds. The threshold is chosen on the first half of the runs and judged on
    the second, else the bound would be bought by the search. A bound above the stated ε refutes the
    statement; one below proves nothing, the attack may be weak.

    Parameters
    ----------
    with_row, without_row : arrays of shape (runs,)
        A number made of each run's output, larger with the row; at least ten runs of each.
    delta : float in [0, 1)
    confidence : float in (0, 1)
        Of the lower bound.

    Returns
    -------
    Audit

    Raises
    ------
    ValueError
        If there are too few runs or a number lies outside its range.

    References
    ----------
    Jagielski, Ullman and Oprea, Auditing differentially private machine learning, NeurIPS 2020.

    Examples
    --------
    >>> import numpy as np
    >>> from tlbook.trust import audit_epsilon
    >>> noise = np.random.default_rng(0).laplace(size=(2, 20000))  # Laplace, ε = 1 exactly
    >>> found = audit_epsilon(noise[0] + 1, noise[1])
    >>> bool(0.8 < found.epsilon <= 1)
    True
    """
    inside = check_array(with_row, "with_row", ndim=1, min_rows=10).astype(np.float64)
    outside = check_array(without_row, "without_row", ndim=1, min_rows=10).astype(np.float64)
    if not 0 <= delta < 1:
        raise ValueError(f"delta: got {delta!r}, want a number in [0, 1)")
    if not 0 < confidence < 1:
        raise ValueError(f"confidence: got {confidence!r}, want a number between 0 and 1")
    halves = [(Z[: len(Z) // 2], Z[len(Z) // 2 :]) for Z in (inside, outside)]
    (search_in, test_in), (search_out, test_out) = halves
    candidates = np.quantile(
        np.concatenate([search_in, search_out]), np.linspace(0.005, 0.995, 199)
    )
    searched = [_bound(search_in > t, search_out > t, delta, confidence) for t in candidates]
    t = candidates[int(np.argmax([found.epsilon for found in searched]))]
    return _bound(test_in > t, test_out > t, delta, confidence)


def _bound(hits: np.ndarray, alarms: np.ndarray, delta: float, confidence: float) -> Audit:
    tail = (1 - confidence) / 2  # one bound each on two rates
    tpr = beta.ppf(tail, hits.sum(), len(hits) - hits.sum() + 1) if hits.any() else 0.0
    fpr = 1.0 if alarms.all() else beta.ppf(1 - tail, alarms.sum() + 1, len(alarms) - alarms.sum())
    bounds = [0.0]
    if tpr > delta:
        bounds.append(float(np.log((tpr - delta) / fpr)))
    if 1 - fpr > delta:
        bounds.append(float(np.log((1 - fpr - delta) / (1 - tpr))))
    return Audit(max(bounds), float(hits.mean()), float(alarms.mean()))


def _check_delta(delta: float) -> None:
    if not 0 < delta < 1:
        raise ValueError(f"delta: got {delta!r}, want a number between 0 and 1")
