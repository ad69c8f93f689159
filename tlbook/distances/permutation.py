"""The permutation test of the MMD, from one pass over the kernel matrix, and its power."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from tlbook._base.checks import check_choice, check_positive, check_probability
from tlbook._base.named import named
from tlbook.distances._inputs import (
    Array,
    check_block,
    full_precision,
    is_tensor,
    namespace,
    to_numpy,
    two_arrays,
)
from tlbook.distances._pairs import buffer, chains, drop_diagonal, exponents, lift, powers
from tlbook.distances.kernels import Bandwidth, resolve_bandwidths


class MMDTest(NamedTuple):
    """Outcome of ``mmd_test``."""

    statistic: float
    """Unbiased squared MMD of the two samples."""
    p_value: float
    """Share of relabelings, the observed one included, with a statistic at least as large."""
    null: np.ndarray
    """Statistic of every permutation, of shape (permutations,)."""

    def __repr__(self) -> str:
        """One line: the 500 values of the null distribution are not for reading."""
        name, count = type(self).__name__, len(self.null)
        return f"{name}(statistic={self.statistic:.4g}, p_value={self.p_value:.3g}, null=<{count}>)"


@named
def mmd_test(
    X: Any,
    Y: Any,
    permutations: int = 500,
    bandwidth: Bandwidth = "median",
    kernel: str = "rbf",
    seed: int = 0,
    block: int | None = None,
) -> MMDTest:
    r"""Permutation test of "both samples come from one distribution".

    If P = Q, the labels "from X" and "from Y" are arbitrary, so the observed statistic is just
    one of those under random relabeling, and

    .. math:: p = \frac{1 + \#\{\text{permuted} \ge \text{observed}\}}{1 + B}

    is at most :math:`\alpha` with probability at most :math:`\alpha`, for every sample size.
    The bandwidth must not be chosen by looking at which row is in which sample; the median of
    the pooled sample is not.

    Each tile of the kernel matrix is computed once and multiplied with the 0/1 matrix of all
    permutations: no permutation ever touches the data.

    Parameters
    ----------
    X, Y : array or tensor of shape (n, d) and (m, d), at least 2 rows each
    permutations : int
        Number B of random relabelings. The smallest possible p-value is 1 / (B + 1).
    bandwidth : "median", float or sequence of float
    kernel : {"rbf", "linear"}
        "linear" tests the plain means only.
    seed : int
        Seed of the relabelings.
    block : int, optional
        Rows per tile. Changes memory and speed, not the result.

    Returns
    -------
    MMDTest(statistic, p_value, null)

    References
    ----------
    Gretton et al., A kernel two-sample test, JMLR 2012.
    Phipson and Smyth, Permutation p-values should never be zero, 2010.

    Examples
    --------
    >>> import numpy as np
    >>> from tlbook.distances import mmd_test
    >>> rng = np.random.default_rng(0)
    >>> X, wide = rng.normal(size=(100, 2)), 2 * rng.normal(size=(100, 2))
    >>> round(mmd_test(X, wide).p_value, 3)  # the smallest that 500 relabelings can give
    0.002
    >>> mmd_test(X, wide, kernel="linear").p_value > 0.05
    True
    """
    check_positive(permutations, "permutations", integer=True)
    check_choice(kernel, "kernel", ("rbf", "linear"))
    X, Y = two_arrays(X, Y, min_rows=2)
    n, m = len(X), len(Y)
    xp = namespace(X)
    if kernel == "linear" and not (isinstance(bandwidth, str) and bandwidth == "median"):
        raise ValueError(f"bandwidth: got {bandwidth!r}, but the linear kernel has none")
    sigmas = resolve_bandwidths(X, Y, bandwidth) if kernel == "rbf" else None
    pooled = xp.concatenate([X.detach(), Y.detach()] if is_tensor(X) else [X, Y])
    dtype = to_numpy(pooled[:0]).dtype
    in_x = _relabelings(n, m, permutations, seed).astype(dtype)
    if is_tensor(X):
        in_x = xp.as_tensor(in_x, device=X.device)

    with full_precision(X):
        forms, row_sums = _quadratic_forms(xp, pooled, in_x, sigmas, check_block(block, X))
        touching_x = to_numpy(in_x.T @ row_sums).astype(np.float64)
    within_x = to_numpy(forms).astype(np.float64)
    cross = touching_x - within_x
    within_y = float(row_sums.sum()) - touching_x - cross
    means = np.stack([within_x / (n * (n - 1)), within_y / (m * (m - 1)), cross / (n * m)])
    values = means[0] + means[1] - 2 * means[2]
    if not np.isfinite(values).all():
        raise ValueError(
            f"X: got values up to {float(abs(pooled).max()):.3g}, too large for {dtype}: the "
            "statistic is not finite; want smaller ones, such as standardized features"
        )
    statistic, null = float(values[0]), values[1:]
    # Relabelings that are equal on paper must count as ties whatever the order of summation.
    tie = 16 * np.finfo(dtype).eps * abs(means).max()
    p_value = (1 + int((null >= statistic - tie).sum())) / (1 + permutations)
    return MMDTest(statistic, p_value, null)


@named
def mmd_power(
    draw: Callable[[np.random.Generator], tuple[Any, Any]],
    trials: int = 100,
    level: float = 0.05,
    permutations: int = 99,
    bandwidth: Bandwidth = "median",
    kernel: str = "rbf",
    seed: int = 0,
) -> float:
    r"""Power of the test: the share of trials in which ``mmd_test`` gives p at most ``level``.

    Where both samples come from one distribution it is the test's level instead.

    Parameters
    ----------
    draw : callable
        Takes a NumPy generator and returns a fresh pair of samples (X, Y).
    trials : int
        How many pairs are drawn and tested.
    level : float
        Largest p-value that counts as "found a difference".
    permutations, bandwidth, kernel
        Passed to ``mmd_test``.
    seed : int
        Seed of the samples and of the relabelings.

    Returns
    -------
    float in [0, 1]
    """
    check_positive(trials, "trials", integer=True)
    check_probability(level, "level")
    rng = np.random.default_rng(seed)
    found = 0
    for trial in range(trials):
        test = mmd_test(*draw(rng), permutations, bandwidth, kernel, seed=trial)
        found += test.p_value <= level
    return found / trials


def _relabelings(n: int, m: int, permutations: int, seed: int) -> np.ndarray:
    """Columns of zeros and ones, of shape (n + m, 1 + permutations); the first is the truth."""
    rng = np.random.default_rng(seed)
    labels = np.zeros((1 + permutations, n + m), dtype=np.uint8)
    labels[:, :n] = 1
    rng.permuted(labels[1:], axis=1, out=labels[1:])
    return labels.T


def _quadratic_forms(
    xp: Any, Z: Array, S: Array, sigmas: tuple[float, ...] | None, block: int
) -> tuple[Array, Array]:
    """For each column s of S: the sum of K over pairs i ≠ j in s; and the row sums of K.

    K is symmetric, so each tile reaches from the diagonal to the right end and counts twice.
    """
    Z = Z - Z.mean(0)
    groups = chains(sigmas) if sigmas else [[(1.0, 0)]]
    gamma = groups[0][0][0]
    rows = lift(xp, Z, gamma)
    size = min(block, len(Z)) * len(Z)
    tiles = buffer(xp, Z, size if sigmas else 0)
    spare = buffer(xp, Z, size if len(groups) > 1 else 0)
    total = buffer(xp, Z, size if len(sigmas or ()) > 1 else 0)
    forms, row_sums = 0.0 * S[0], xp.zeros_like(Z[:, 0])
    for i in range(0, len(Z), block):
        stop = min(i + block, len(Z))
        if sigmas:
            tile = exponents(xp, rows[i:stop], rows[i:], gamma, tiles)
            drop_diagonal(tile)
            tile = _sum_of_kernels(xp, tile, groups, spare, total)
        else:
            tile = Z[i:stop] @ Z[i:].T
            tile.reshape(-1)[:: tile.shape[1] + 1] = 0
        row_sums[i:stop] += tile.sum(1)
        row_sums[stop:] += tile[:, stop - i :].sum(0)
        tile[:, : stop - i] *= 0.5  # the square on the diagonal holds each pair twice already
        forms += 2 * (S[i:stop] * (tile @ S[i:])).sum(0)
    return forms, row_sums


def _sum_of_kernels(xp: Any, tile: Array, groups: list, spare: Array, total: Array) -> Array:
    if not len(total):
        return next(kernel for _, kernel in powers(xp, tile, groups, spare))
    result = total[: tile.shape[0] * tile.shape[1]].reshape(tile.shape)
    result[...] = 0
    for _, kernel in powers(xp, tile, groups, spare):
        result += kernel
    return result
