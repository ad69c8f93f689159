"""Maximum mean discrepancy: the distance between two kernel means, and its witness."""

from typing import Any

import numpy as np

from tlbook._base.checks import check_choice
from tlbook._base.named import named
from tlbook.distances._inputs import (
    Array,
    check_block,
    is_tensor,
    namespace,
    two_arrays,
)
from tlbook.distances._pairs import chains
from tlbook.distances._sums import combine
from tlbook.distances.kernels import Bandwidth, gaussian_kernel, resolve_bandwidths


@named
def mmd2(
    X: Any,
    Y: Any,
    bandwidth: Bandwidth = "median",
    unbiased: bool = True,
    kernel: str = "rbf",
    block: int | None = None,
) -> Any:
    r"""Squared maximum mean discrepancy (最大均值差异) between two samples.

    .. math:: \mathrm{MMD}^2(P, Q) = \|\mu_P - \mu_Q\|^2
        = \mathbb{E}\,k(x, x') + \mathbb{E}\,k(y, y') - 2\,\mathbb{E}\,k(x, y)

    with the Gaussian kernel :math:`k(x, y) = \sum_\sigma \exp(-\|x-y\|^2 / 2\sigma^2)`. The
    unbiased estimate leaves out the pairs of a point with itself; its mean is exactly
    :math:`\mathrm{MMD}^2`, so where P = Q it is negative about half of the time. The biased
    estimate is a squared length, never negative, and too large by about
    :math:`(1 - \mathbb{E}k)(1/n + 1/m)`.

    The pairs are visited in tiles, so memory grows with ``block``, not with n². Gradients flow
    to both samples; the bandwidth is treated as a constant. A second derivative is refused.

    Parameters
    ----------
    X : array or tensor of shape (n, d)
        Sample from P. Rows are points; at least 2 for the unbiased estimate.
    Y : array or tensor of shape (m, d)
        Sample from Q.
    bandwidth : "median", float or sequence of float
        :math:`\sigma` in units of the features; several add their kernels.
    unbiased : bool
        Leave out the pairs of a point with itself.
    kernel : {"rbf", "linear"}
        "linear" compares the plain means, :math:`k(x, y) = x \cdot y`: blind to every other
        difference. It has no bandwidth.
    block : int, optional
        Rows per tile. Changes memory and speed, not the result.

    Returns
    -------
    float for arrays, scalar tensor for tensors

    Raises
    ------
    ValueError
        If shapes, values, bandwidth or kernel do not fit.

    See Also
    --------
    mmd_test : whether such a value can be chance.
    tlbook.alignment.MMD : as a term of an objective; it takes the mean of its kernels, not the sum.

    References
    ----------
    Gretton et al., A kernel two-sample test, JMLR 2012.

    Examples
    --------
    >>> import numpy as np
    >>> from tlbook.distances import mmd2
    >>> rng = np.random.default_rng(0)
    >>> X, wide = rng.normal(size=(500, 2)), 2 * rng.normal(size=(500, 2))
    >>> mmd2(X, wide) > 0.05, mmd2(X, rng.normal(size=(500, 2))) < 0.01
    (True, True)
    >>> mmd2(X, wide, kernel="linear") < 0.05  # compares means only: blind to the spread
    True
    """
    check_choice(kernel, "kernel", ("rbf", "linear"))
    X, Y = two_arrays(X, Y, min_rows=2 if unbiased else 1)
    if kernel == "linear":
        _refuse_bandwidth(bandwidth)
        return as_result(_linear_mmd2(X, Y, unbiased))
    groups = chains(resolve_bandwidths(X, Y, bandwidth))
    rows = check_block(block, X)
    if is_tensor(X):
        from tlbook.distances._autograd import SquaredMMD

        return SquaredMMD.apply(X, Y, groups, unbiased, rows)
    return combine(np, X, Y, groups, unbiased, rows, (False, False))[0]


def _refuse_bandwidth(bandwidth: Any) -> None:
    if not (isinstance(bandwidth, str) and bandwidth == "median"):
        raise ValueError(f"bandwidth: got {bandwidth!r}, but the linear kernel has none")


def as_result(value: Any) -> Any:
    """Return a tensor as it is, anything else as a Python float."""
    return value if is_tensor(value) else float(value)


def _linear_mmd2(X: Array, Y: Array, unbiased: bool) -> Array:
    # The value does not depend on the origin; far from it, products of large numbers would.
    center = (X.mean(0) + Y.mean(0)) / 2
    X, Y = X - center, Y - center
    gap = ((X.mean(0) - Y.mean(0)) ** 2).sum()
    if not unbiased:
        return gap
    # |mean|² is too large by the mean's variance, trace(covariance) / n.
    noise_x = ((X - X.mean(0)) ** 2).sum() / (len(X) * (len(X) - 1))
    noise_y = ((Y - Y.mean(0)) ** 2).sum() / (len(Y) * (len(Y) - 1))
    return gap - noise_x - noise_y


@named
def witness(
    X: Any, Y: Any, points: Any, bandwidth: Bandwidth = "median", block: int | None = None
) -> Array:
    r"""Witness function of the MMD: where one sample has more mass than the other.

    .. math:: f(t) = \frac1n \sum_i k(t, x_i) - \frac1m \sum_j k(t, y_j)

    Positive where X is denser, negative where Y is. Up to its length it is the function of the
    kernel's space whose means under P and Q differ most.

    Parameters
    ----------
    X, Y : array or tensor of shape (n, d) and (m, d)
    points : array or tensor of shape (p, d)
        Where to evaluate it.
    bandwidth : "median", float or sequence of float
        The median is taken over X and Y, not over the points.
    block : int, optional
        Rows of ``points`` per tile.

    Returns
    -------
    array or tensor of shape (p,)

    Examples
    --------
    >>> import numpy as np
    >>> from tlbook.distances import witness
    >>> rng = np.random.default_rng(0)
    >>> X, Y = rng.normal(0, 1, size=(300, 1)), rng.normal(2, 1, size=(300, 1))
    >>> np.sign(witness(X, Y, [[-1.0], [3.0]]))  # more of X at -1, more of Y at 3
    array([ 1., -1.])
    """
    X, Y = two_arrays(X, Y)
    X, points = two_arrays(X, points, names=("X", "points"))
    sigmas = resolve_bandwidths(X, Y, bandwidth)
    rows = check_block(block, X)
    parts = [
        gaussian_kernel(points[i : i + rows], X, sigmas).mean(1)
        - gaussian_kernel(points[i : i + rows], Y, sigmas).mean(1)
        for i in range(0, len(points), rows)
    ]
    return namespace(X).concatenate(parts)
