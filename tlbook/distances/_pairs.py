"""Sums of kernels over all pairs, in tiles: the engine under every MMD.

One algorithm serves NumPy and torch (``xp`` is either module) because both write into a given
buffer. Three things make it fast and small:

* a tile of ``-gamma |a - b|²`` is one matrix product of rows that carry their squared norm,
  ``(2 gamma a, -gamma |a|², 1) · (b, 1, -gamma |b|²)``;
* kernels whose bandwidths form a ladder need one exponential: half the bandwidth is the fourth
  power, a factor of the root of two is the square;
* the gradient of the sum is a product of the same tile with the data, so it is taken in the
  same pass and no matrix of all pairs is ever kept.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np

from tlbook.distances._inputs import Array

# A chain is [(gamma, squarings since the entry before), …]; its first entry costs the exponential.
Chain = list[tuple[float, int]]
_MOST_SQUARINGS = 8  # each doubles the relative rounding error of the kernel


def chains(sigmas: tuple[float, ...]) -> list[Chain]:
    """Group kernels so that all but the widest of a group are repeated squares of it."""
    groups: list[Chain] = []
    for gamma in sorted(0.5 / sigma**2 for sigma in sigmas):
        for group in groups:
            squarings = _whole_log2(gamma / group[-1][0])
            if squarings is not None and _length(group) + squarings <= _MOST_SQUARINGS:
                group.append((gamma, squarings))
                break
        else:
            groups.append([(gamma, 0)])
    return groups


def _length(group: Chain) -> int:
    return sum(squarings for _, squarings in group)


def _whole_log2(ratio: float) -> int | None:
    power = np.log2(ratio)
    return round(power) if abs(power - round(power)) < 1e-12 else None


def lift(xp: Any, A: Array, gamma: float) -> Array:
    """Rows (a, 1, -gamma |a|²): the right-hand factor of a tile."""
    lifted = xp.empty((A.shape[0], A.shape[1] + 2), **_like(xp, A))
    lifted[:, :-2] = A
    lifted[:, -2] = 1
    lifted[:, -1] = (A * A).sum(1) * -gamma
    return lifted


def _lift_left(lifted: Array, gamma: float) -> Array:
    """Rows (2 gamma a, -gamma |a|², 1) from rows (a, 1, -gamma |a|²)."""
    left = lifted * (2 * gamma)
    left[:, -2] = lifted[:, -1]
    left[:, -1] = 1
    return left


def exponents(xp: Any, left: Array, right: Array, gamma: float, room: Array) -> Array:
    """The tile ``-gamma |a - b|²`` of two lifted sets of rows, at most zero, in ``room``."""
    rows, columns = left.shape[0], right.shape[0]
    tile = room[: rows * columns].reshape(rows, columns)
    xp.matmul(_lift_left(left, gamma), right.T, out=tile)
    return xp.clip(tile, None, 0, out=tile)  # rounding can make a zero distance negative


def drop_diagonal(tile: Array) -> None:
    """Make the kernel of a point with itself vanish (its exact value, 1, is added by callers)."""
    tile.reshape(-1)[:: tile.shape[1] + 1] = -float("inf")


def powers(
    xp: Any, tile: Array, groups: list[Chain], spare: Array
) -> Iterator[tuple[float, Array]]:
    """Yield (gamma, kernel matrix) for every bandwidth; the matrix is overwritten by the next."""
    base = groups[0][0][0]
    for index, group in enumerate(groups):
        last = index == len(groups) - 1
        kernel = tile if last else spare[: tile.shape[0] * tile.shape[1]].reshape(tile.shape)
        if len(groups) > 1:
            xp.multiply(tile, group[0][0] / base, out=kernel)
        xp.exp(kernel, out=kernel)
        for gamma, squarings in group:
            for _ in range(squarings):
                xp.multiply(kernel, kernel, out=kernel)
            yield gamma, kernel


def buffer(xp: Any, A: Array, size: int) -> Array:
    """Room for ``size`` numbers of the type, and on the device, of ``A``."""
    return xp.empty(size, **_like(xp, A))


def _like(xp: Any, A: Array) -> dict[str, Any]:
    return {"dtype": A.dtype} if xp is np else {"dtype": A.dtype, "device": A.device}


def pair_sum(
    xp: Any,
    A: Array,
    B: Array | None,
    groups: list[Chain],
    block: int,
    gradient: tuple[bool, bool] = (False, False),
) -> tuple[float, Array, Array]:
    """Sum of k(a, b) over all pairs, or over ordered pairs of different rows of A if B is None.

    Parameters
    ----------
    A, B : arrays or tensors of shape (n, d) and (m, d)
    groups : the bandwidths, from ``chains``
    block : rows and columns of a tile
    gradient : whether the derivatives by A and by B are wanted (tensors only)

    Returns
    -------
    total : float
    derivative by A : of shape (n, d), or None
    derivative by B : of shape (m, d), or None
    """
    within = B is None
    center = A.mean(0) if B is None else (A.mean(0) + B.mean(0)) / 2
    gamma = groups[0][0][0]
    left = lift(xp, A - center, gamma)
    right = left if B is None else lift(xp, B - center, gamma)
    n, m = left.shape[0], right.shape[0]
    size = min(block, n) * min(block, m)
    tiles = buffer(xp, A, size)
    spare = buffer(xp, A, size if len(groups) > 1 else 0)  # for a second exponential
    slopes = buffer(xp, A, size if any(gradient) else 0)
    pull_a = _Pull(xp, left) if gradient[0] else None
    pull_b = pull_a if within else (_Pull(xp, right) if gradient[1] else None)

    total = 0.0
    for i in range(0, n, block):
        for j in range(i if within else 0, m, block):
            rows, columns = left[i : i + block], right[j : j + block]
            tile = exponents(xp, rows, columns, gamma, tiles)
            on_diagonal = within and i == j
            if on_diagonal:
                drop_diagonal(tile)
            slope = slopes[: len(rows) * len(columns)].reshape(tile.shape) if len(slopes) else None
            tile_sum = _tile_sum(xp, tile, groups, spare, slope)
            total += tile_sum if on_diagonal or not within else 2 * tile_sum
            if pull_a and slope is not None:
                pull_a.add(i, slope, columns)
            if pull_b and slope is not None and not on_diagonal:
                pull_b.add(j, slope.T, rows)
    by_a = pull_a.derivative(4 if within else 2) if pull_a else None
    return total, by_a, pull_b.derivative(2) if pull_b and not within else None


def _tile_sum(
    xp: Any, tile: Array, groups: list[Chain], spare: Array, slope: Array | None
) -> float:
    """Sum all kernels of a tile; fill ``slope`` with the sum of gamma times kernel."""
    total = 0.0
    for index, (gamma, kernel) in enumerate(powers(xp, tile, groups, spare)):
        total += float(kernel.sum())
        if slope is not None and index == 0:
            xp.multiply(kernel, gamma, out=slope)
        elif slope is not None:
            slope.add_(kernel, alpha=gamma)
    return total


class _Pull:
    """Collects, for every row a, the sums over b of slope·b and of slope (tensors only)."""

    def __init__(self, xp: Any, lifted: Array) -> None:
        self.rows = lifted[:, :-2]
        self.weighted = xp.zeros_like(self.rows)
        self.sums = xp.zeros_like(self.rows[:, :1])

    def add(self, start: int, slope: Array, others: Array) -> None:
        part = slice(start, start + len(slope))
        self.weighted[part].addmm_(slope, others[:, :-2])
        self.sums[part] += slope.sum(1, keepdim=True)

    def derivative(self, factor: float) -> Array:
        """``-factor`` times the sum over b of slope·(a - b)."""
        return (self.weighted - self.sums * self.rows) * factor
