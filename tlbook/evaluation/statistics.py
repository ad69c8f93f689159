"""Intervals and paired tests: is a difference larger than the scatter over seeds?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from tlbook._base.checks import check_array, check_positive, check_probability
from tlbook._base.named import named

EXACT_UP_TO = 16
"""Up to this many pairs the sign-flip test looks at all 2^n sign patterns."""


@dataclass(frozen=True)
class Interval:
    """A mean with a confidence interval."""

    mean: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.mean:.3g} [{self.low:.3g}, {self.high:.3g}]"


@dataclass(frozen=True)
class PairedResult:
    """Mean paired difference, its confidence interval, and a sign-flip p-value."""

    effect: float
    low: float
    high: float
    p_value: float
    n: int

    def __str__(self) -> str:
        return (
            f"{self.effect:+.3g} [{self.low:+.3g}, {self.high:+.3g}], "
            f"p = {self.p_value:.2g}, n = {self.n}"
        )


def _sample(values: Any, name: str, allow_nan: bool = False) -> np.ndarray:
    array = check_array(values, name, ndim=1, min_rows=0, allow_nan=allow_nan).astype(float)
    if len(array) < 2:
        raise ValueError(f"{name}: got {len(array)} value(s), want at least 2 (one per seed)")
    return array


def _level(level: float) -> float:
    if not 0 < check_probability(level, "level") < 1:
        raise ValueError(f"level: got {level!r}, want a number between 0 and 1")
    return float(level)


@named
def t_interval(values: Any, level: float = 0.95) -> Interval:
    """Return the mean and Student's t interval, the right one for a handful of seeds.

    ``mean ± t_{n−1} · s / √n`` with s the sample standard deviation. It assumes that the mean is
    roughly normal, which averages of accuracies over a test set are.

    Parameters
    ----------
    values : array of shape (n,), n >= 2
        One value per seed.
    level : float
        Probability with which such intervals contain the true mean.

    Raises
    ------
    ValueError
        If fewer than two values came, or some are not finite.

    References
    ----------
    Student, "The probable error of a mean", Biometrika 1908.

    Examples
    --------
    >>> from tlbook.evaluation import t_interval
    >>> found = t_interval([0.71, 0.74, 0.69, 0.73, 0.72])  # one accuracy per seed
    >>> round(found.mean, 3), round(found.low, 3), round(found.high, 3)
    (0.718, 0.694, 0.742)
    """
    from scipy.stats import ttest_1samp

    sample, level = _sample(values, "values"), _level(level)
    mean = float(sample.mean())
    # Equal up to rounding: SciPy warns of a spread that it cannot compute.
    if np.ptp(sample) <= 1e-14 * np.abs(sample).max():
        return Interval(mean, mean, mean)
    found = ttest_1samp(sample, 0.0).confidence_interval(level)
    return Interval(mean, float(found.low), float(found.high))


@named
def bootstrap_interval(
    values: Any, level: float = 0.95, n_resamples: int = 5_000, seed: int = 0
) -> Interval:
    """Return the mean and its bias-corrected, accelerated (BCa) bootstrap interval.

    The sample is drawn again ``n_resamples`` times with replacement; the interval is cut out of
    the means found. It needs no normal distribution, but with fewer than about ten values it is
    too narrow (n = 5 covers about 85 % instead of 95 %): use :func:`t_interval` there.

    Parameters
    ----------
    values : array of shape (n,), n >= 2
        One value per seed, image, or whatever was drawn independently.
    level : float
        Confidence level.
    n_resamples : int
        Number of bootstrap samples.
    seed : int
        Seed of the resampling.

    Raises
    ------
    ValueError
        If fewer than two values came, or some are not finite.

    References
    ----------
    Efron, "Better bootstrap confidence intervals", JASA 1987.

    Examples
    --------
    >>> print(bootstrap_interval([3.0, 3.0, 3.0]))
    3 [3, 3]
    """
    from scipy.stats import bootstrap

    sample = _sample(values, "values")
    check_positive(n_resamples, "n_resamples", integer=True)
    level, mean = _level(level), float(sample.mean())
    if np.ptp(sample) == 0:  # BCa divides by the spread; equal values leave nothing to resample
        return Interval(mean, mean, mean)
    found = bootstrap(
        (sample,),
        np.mean,
        confidence_level=level,
        n_resamples=int(n_resamples),
        batch=max(1, 2_000_000 // len(sample)),
        method="BCa",
        rng=np.random.default_rng(seed),
    ).confidence_interval
    return Interval(mean, float(found.low), float(found.high))


@named
def paired_test(better: Any, worse: Any = 0.0, level: float = 0.95, seed: int = 0) -> PairedResult:
    """Compare two methods that were run with the same seeds.

    The differences ``d_i = better_i − worse_i`` give the effect (their mean), Student's t interval
    for it, and the two-sided p-value of the sign-flip test: under "no difference" every d_i is as
    likely as −d_i, so p is the share of sign patterns whose mean is at least as far from 0. All
    2^n patterns are counted up to n = 16, 20,000 random ones above. With n pairs p cannot fall
    below 2^(1−n): five seeds never give less than 0.0625, however large the effect is.

    Parameters
    ----------
    better, worse : arrays of shape (n,), n >= 2
        Values paired by seed; ``worse`` may be one number.
    level : float
        Level of the interval.
    seed : int
        Seed of the random sign patterns (n > 16).

    Raises
    ------
    ValueError
        If the arrays differ in length, have fewer than two values, or are not finite.

    References
    ----------
    Fisher, "The Design of Experiments", 1935 (sign-flip test); Student, Biometrika 1908.

    Examples
    --------
    >>> from tlbook.evaluation import paired_test
    >>> aligned = [0.78, 0.81, 0.76, 0.80, 0.79, 0.77]  # one accuracy per seed
    >>> source_only = [0.70, 0.75, 0.69, 0.71, 0.73, 0.70]
    >>> found = paired_test(aligned, source_only)
    >>> round(found.effect, 3), round(found.low, 3), round(found.high, 3)
    (0.072, 0.059, 0.084)
    >>> found.p_value  # 2 of 64 sign patterns: six seeds cannot give less
    0.03125
    """
    first, second = paired_values(better, worse)
    differences = first - second
    interval = t_interval(differences, level)
    p = _sign_flip_p(differences, seed)
    return PairedResult(interval.mean, interval.low, interval.high, p, len(differences))


def paired_values(
    better: Any, worse: Any = 0.0, allow_nan: bool = False
) -> tuple[np.ndarray, np.ndarray]:
    """Return two arrays of shape (n,) whose values belong together; ``worse`` may be one number.

    Raises
    ------
    ValueError
        If the arrays differ in length, have fewer than two values, or (unless ``allow_nan``) are
        not finite.

    Examples
    --------
    >>> paired_values([0.9, 0.8], 0.5)
    (array([0.9, 0.8]), array([0.5, 0.5]))
    """
    first = _sample(better, "better", allow_nan)
    second = check_array(worse, "worse", ndim=(0, 1), min_rows=0, allow_nan=allow_nan)
    if second.ndim == 1 and len(second) != len(first):
        raise ValueError(
            f"worse: got {len(second)} values, want {len(first)}, paired with better by seed"
        )
    return first, np.broadcast_to(second.astype(float), first.shape).copy()


def _sign_flip_p(differences: np.ndarray, seed: int, n_random: int = 20_000) -> float:
    from scipy.stats import permutation_test

    size, n = np.abs(differences).sum(), len(differences)
    if size == 0:
        return 1.0

    def distance(values: np.ndarray, axis: int) -> np.ndarray:
        # Rounded, so that sums that are equal but for the order of their terms count as ties.
        return np.round(np.abs(values.sum(axis=axis)) / size, 12)

    found = permutation_test(
        (differences,),
        distance,
        permutation_type="samples",  # one sample: every difference keeps or changes its sign
        alternative="greater",
        vectorized=True,
        n_resamples=np.inf if n <= EXACT_UP_TO else n_random,
        batch=max(1, 4_000_000 // n),
        rng=np.random.default_rng(seed),
    )
    return float(found.pvalue)
