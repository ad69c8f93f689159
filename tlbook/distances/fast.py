"""Two cheaper estimates of the MMD: disjoint pairs, and random Fourier features."""

from typing import Any

import numpy as np

from tlbook._base.checks import check_positive
from tlbook._base.named import named
from tlbook.distances._inputs import Array, full_precision, is_tensor, namespace, two_arrays
from tlbook.distances.kernels import Bandwidth, resolve_bandwidths
from tlbook.distances.mmd import as_result


@named
def mmd2_linear_time(X: Any, Y: Any, bandwidth: Bandwidth = "median", seed: int = 0) -> Any:
    r"""Unbiased squared MMD in linear time, from disjoint pairs of points.

    .. math:: \frac{1}{n/2} \sum_i k(x_{2i}, x_{2i+1}) + k(y_{2i}, y_{2i+1})
        - k(x_{2i}, y_{2i+1}) - k(x_{2i+1}, y_{2i})

    It is much noisier than ``mmd2`` at the same n, so it pays where data are endless and time
    is short. Both samples are shuffled (data often come sorted by class) and cut to the
    smaller, even number of rows.

    Parameters
    ----------
    X, Y : array or tensor of shape (n, d) and (m, d), at least 2 rows each
    bandwidth : "median", float or sequence of float
    seed : int
        Seed of the shuffle.

    Returns
    -------
    float for arrays, scalar tensor for tensors

    References
    ----------
    Gretton et al., A kernel two-sample test, JMLR 2012, section 6.
    """
    X, Y = two_arrays(X, Y, min_rows=2)
    sigmas = resolve_bandwidths(X, Y, bandwidth)
    rng = np.random.default_rng(seed)
    pairs = min(len(X), len(Y)) // 2
    order_x, order_y = rng.permutation(len(X)), rng.permutation(len(Y))
    if is_tensor(X):
        torch = namespace(X)
        order_x, order_y = (torch.as_tensor(o, device=X.device) for o in (order_x, order_y))
    x1, x2 = X[order_x[:pairs]], X[order_x[pairs : 2 * pairs]]
    y1, y2 = Y[order_y[:pairs]], Y[order_y[pairs : 2 * pairs]]
    xp = namespace(X)

    def k(A: Array, B: Array) -> Array:
        squared = ((A - B) ** 2).sum(1)
        return sum(xp.exp(squared / (-2 * sigma**2)) for sigma in sigmas)

    return as_result((k(x1, x2) + k(y1, y2) - k(x1, y2) - k(x2, y1)).mean())


@named
def mmd2_random_features(
    X: Any,
    Y: Any,
    bandwidth: Bandwidth = "median",
    unbiased: bool = True,
    n_features: int = 1024,
    seed: int = 0,
) -> Any:
    r"""Squared MMD through random Fourier features: time linear in n, a fixed approximation.

    .. math:: k(x, y) \approx \phi(x) \cdot \phi(y), \quad
        \phi(x) = \tfrac{1}{\sqrt{D}} (\cos Wx, \sin Wx), \quad W_{kj} \sim N(0, 1/\sigma^2)

    Then the MMD is the length of a difference of two plain mean vectors. The error of the
    approximation falls with the root of ``n_features``.

    Parameters
    ----------
    X, Y : array or tensor of shape (n, d) and (m, d)
    bandwidth : "median", float or sequence of float
    unbiased : bool
        Leave out the pairs of a point with itself, as in ``mmd2``.
    n_features : int
        Number D of random directions for each bandwidth.
    seed : int
        Seed of the directions.

    Returns
    -------
    float for arrays, scalar tensor for tensors

    References
    ----------
    Rahimi and Recht, Random features for large-scale kernel machines, NeurIPS 2007.
    """
    X, Y = two_arrays(X, Y, min_rows=2 if unbiased else 1)
    check_positive(n_features, "n_features", integer=True)
    sigmas = resolve_bandwidths(X, Y, bandwidth)
    directions = np.random.default_rng(seed).standard_normal((X.shape[1], n_features))
    center = (X.mean(0) + Y.mean(0)) / 2  # the kernel does not care; cosines of large numbers do
    if is_tensor(X):
        center = center.detach()
        directions = namespace(X).as_tensor(directions, dtype=X.dtype, device=X.device)
    else:
        directions = directions.astype(X.dtype)

    n, m = len(X), len(Y)
    value: Any = 0.0
    for sigma in sigmas:
        with full_precision(X):
            mean_x = _mean_features(X - center, directions / sigma)
            mean_y = _mean_features(Y - center, directions / sigma)
            xx, yy, xy = mean_x @ mean_x, mean_y @ mean_y, mean_x @ mean_y
        if unbiased:  # |phi(x)| is exactly 1
            xx, yy = (n * xx - 1) / (n - 1), (m * yy - 1) / (m - 1)
        value = value + xx + yy - 2 * xy
    return as_result(value)


def _mean_features(X: Array, directions: Array, rows: int = 1024) -> Array:
    """Mean of (cos, sin) features over the rows, a block of rows at a time."""
    xp = namespace(X)
    total: Any = 0.0
    for start in range(0, len(X), rows):
        angles = X[start : start + rows] @ directions
        total = total + xp.concatenate([xp.cos(angles).sum(0), xp.sin(angles).sum(0)])
    return total / (len(X) * directions.shape[1] ** 0.5)
