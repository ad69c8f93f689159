"""The Gaussian kernel and its bandwidth."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from tlbook._base.checks import check_positive
from tlbook._base.named import named
from tlbook.distances._inputs import (
    Array,
    full_precision,
    is_tensor,
    namespace,
    one_array,
    to_numpy,
    two_arrays,
)

Bandwidth = str | float | Sequence[float]


@named
def gaussian_kernel(X: Any, Y: Any = None, bandwidth: Bandwidth = "median") -> Array:
    r"""Gaussian kernel matrix, or the sum of several of them.

    .. math:: k(x, y) = \sum_\sigma \exp\left(-\frac{\|x - y\|^2}{2\sigma^2}\right)

    The whole matrix is returned, so memory grows with n times m; the distances themselves
    work in tiles and never call this.

    Parameters
    ----------
    X : array or tensor of shape (n, d)
    Y : array or tensor of shape (m, d), optional
        ``X`` itself if left out.
    bandwidth : "median", float or sequence of float
        :math:`\sigma`, in the units of the features.

    Returns
    -------
    array or tensor of shape (n, m)

    Raises
    ------
    ValueError
        If shapes, values or the bandwidth do not fit.
    """
    X, Y = two_arrays(X, X if Y is None else Y)
    sigmas = resolve_bandwidths(X, Y, bandwidth)
    with full_precision(X):
        squared = squared_distances(X, Y)
    xp = namespace(X)
    total = xp.exp(squared / (-2 * sigmas[0] ** 2))
    for sigma in sigmas[1:]:
        total = total + xp.exp(squared / (-2 * sigma**2))
    return total


def squared_distances(X: Array, Y: Array) -> Array:
    """All squared Euclidean distances, of shape (n, m), by one matrix product.

    The data are centered first: far from the origin, ``|x|² + |y|² - 2 x·y`` would subtract
    huge numbers and lose everything in single precision.
    """
    center = (X.mean(0) + Y.mean(0)) / 2
    if is_tensor(center):
        center = center.detach()
    X, Y = X - center, Y - center
    squared = (X * X).sum(1)[:, None] + (Y * Y).sum(1)[None, :] - 2 * (X @ Y.T)
    return squared.clip(min=0)


@named
def median_bandwidth(X: Any, Y: Any = None, max_points: int = 500, seed: int = 0) -> float:
    r"""Median heuristic: the median distance between two different points of the pooled sample.

    .. math:: \sigma = \operatorname{median}_{i < j} \|z_i - z_j\|, \qquad z = (x, y)

    It is a constant for the gradient: the bandwidth is part of the ruler, not of what is
    measured. Pairs at distance zero are left out if they are the majority; if all points
    coincide the answer is 1, where any bandwidth gives a distance of zero.

    Parameters
    ----------
    X, Y : array or tensor of shape (n, d) and (m, d)
        ``Y`` may be left out.
    max_points : int
        At most so many points, drawn at random, are compared.
    seed : int
        Seed of that draw.

    Returns
    -------
    float

    References
    ----------
    Gretton et al., A kernel two-sample test, JMLR 2012.
    """
    max_points = check_positive(max_points, "max_points", integer=True)
    if Y is None:
        pooled = to_numpy(one_array(X, "X", min_rows=2))
    else:
        X, Y = two_arrays(X, Y)
        pooled = np.concatenate([to_numpy(X), to_numpy(Y)])
    if len(pooled) > max(max_points, 2):
        rng = np.random.default_rng(seed)
        pooled = pooled[rng.choice(len(pooled), max(max_points, 2), replace=False)]
    pooled = pooled.astype(np.float64)
    squared = squared_distances(pooled, pooled)[np.triu_indices(len(pooled), k=1)]
    # A squared distance below the rounding error of the product is a distance of zero.
    spread = float(((pooled - pooled.mean(0)) ** 2).sum(1).max())
    if np.median(squared) <= 1e-13 * spread:
        squared = squared[squared > 1e-13 * spread]
    return float(np.sqrt(np.median(squared))) if len(squared) else 1.0


@named
def bandwidth_ladder(center: float, steps: int = 5, ratio: float = 2.0) -> tuple[float, ...]:
    r"""Bandwidths :math:`\sigma r^k` around a center, for a sum of kernels.

    Parameters
    ----------
    center : float
        The middle bandwidth, such as ``median_bandwidth(X, Y)``.
    steps : int
        How many bandwidths; an odd number has the center in the middle.
    ratio : float
        Each bandwidth is so many times the one before. Ratios 2 and √2 are the fastest: then
        every kernel but the widest is a power of its neighbor.

    Returns
    -------
    tuple of float

    References
    ----------
    Long et al., Learning transferable features with deep adaptation networks, ICML 2015.
    """
    check_positive(center, "center")
    check_positive(steps, "steps", integer=True)
    check_positive(ratio, "ratio")
    return tuple(center * ratio ** (k - (steps - 1) / 2) for k in range(steps))


def resolve_bandwidths(X: Array, Y: Array, bandwidth: Any) -> tuple[float, ...]:
    """Turn the argument ``bandwidth`` of a distance into a tuple of positive numbers."""
    if isinstance(bandwidth, str):
        if bandwidth != "median":
            raise ValueError(f"bandwidth: got {bandwidth!r}, want 'median', a number or several")
        return (median_bandwidth(X, Y),)
    if is_tensor(bandwidth):
        bandwidth = to_numpy(bandwidth)
    values = np.asarray(bandwidth)
    if values.ndim > 1 or values.size == 0 or values.dtype.kind not in "iuf":
        raise ValueError(f"bandwidth: got {bandwidth!r}, want 'median', a number or several")
    return tuple(float(check_positive(value, "bandwidth")) for value in values.ravel())
