"""The squared MMD from the three sums over pairs, for arrays and for tensors alike."""

from typing import Any

from tlbook.distances._inputs import Array
from tlbook.distances._pairs import Chain, pair_sum


def combine(
    xp: Any,
    X: Array,
    Y: Array,
    groups: list[Chain],
    unbiased: bool,
    block: int,
    need: tuple[bool, bool],
) -> tuple[float, Array, Array]:
    """Squared MMD and its derivatives (None where not needed) from the three sums over pairs."""
    n, m = len(X), len(Y)
    kernels = sum(len(group) for group in groups)
    sum_xx, xx_by_x, _ = pair_sum(xp, X, None, groups, block, (need[0], False))
    sum_yy, yy_by_y, _ = pair_sum(xp, Y, None, groups, block, (need[1], False))
    sum_xy, xy_by_x, xy_by_y = pair_sum(xp, X, Y, groups, block, need)
    if unbiased:
        pairs_x, pairs_y, self_x, self_y = n * (n - 1), m * (m - 1), 0, 0
    else:
        pairs_x, pairs_y, self_x, self_y = n * n, m * m, n * kernels, m * kernels
    value = (sum_xx + self_x) / pairs_x + (sum_yy + self_y) / pairs_y - 2 * sum_xy / (n * m)
    by_x = xx_by_x / pairs_x - xy_by_x * (2 / (n * m)) if need[0] else None
    by_y = yy_by_y / pairs_y - xy_by_y * (2 / (n * m)) if need[1] else None
    return value, by_x, by_y
