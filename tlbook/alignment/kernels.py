"""Squared MMD of two small draws as one sum over a matrix: what the terms minimize.

``distances.mmd2`` visits the pairs in tiles and never keeps their matrix, which pays for thousands
of rows. A step has a hundred rows: here one matrix of all pairs is faster, rows can carry weights,
and kernels of several layers can be multiplied. Several bandwidths are averaged (the convex
combination of DAN), where ``mmd2`` adds them; divided by their number, its value is the same.

Nothing is checked for NaN: that would make a GPU wait in each step, and a NaN has to reach ``fit``,
which says at which step and in which term it appeared.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce

import torch
from torch import Tensor

from tlbook._base.named import named
from tlbook.distances import bandwidth_ladder
from tlbook.distances.kernels import squared_distances
from tlbook.objective import full_precision

LADDER = bandwidth_ladder(1.0, steps=5, ratio=2.0)
"""Bandwidths in units of the median distance: 1/4, 1/2, 1, 2, 4."""


@named
def weighted_mmd2(
    X: Tensor,
    Y: Tensor,
    weights: Tensor | None = None,
    bandwidths: Sequence[float] = LADDER,
    unbiased: bool = True,
) -> Tensor:
    r"""Squared MMD between two draws, the rows of the first weighted.

    .. math:: \sum_{i, i'} \bar w_i \bar w_{i'} k(x_i, x_{i'}) + \frac{1}{m^2} \sum_{j, j'}
        k(y_j, y_{j'}) - \frac{2}{m} \sum_{i, j} \bar w_i k(x_i, y_j), \qquad
        \bar w_i = \frac{w_i}{\sum_l w_l}

    The unbiased form leaves out the pairs of a row with itself and divides by what is left:
    :math:`\sum_{i \ne i'} w_i w_{i'} = (\sum w)^2 - \sum w^2` and :math:`m (m - 1)`. The kernel is
    the mean of Gaussians whose bandwidths are ``bandwidths`` times the median distance in the
    pooled draw; the median is a constant for the gradient.

    Parameters
    ----------
    X, Y : tensors of shape (n, d) and (m, d)
    weights : tensor of shape (n,), optional
        :math:`w_i \ge 0`; all 1 by default.
    bandwidths : sequence of float
        In units of the median distance.
    unbiased : bool
        At least 2 rows on each side.

    Returns
    -------
    scalar tensor, float32 unless the inputs are float64

    Raises
    ------
    ValueError
        If there are too few rows.

    References
    ----------
    Gretton et al. (2012), A kernel two-sample test.
    Yan et al. (2017), Mind the class weight bias: weighted maximum mean discrepancy for
    unsupervised domain adaptation.
    """
    return joint_mmd2([(X, Y)], weights, [bandwidths], unbiased)


@named
def joint_mmd2(
    layers: Sequence[tuple[Tensor, Tensor]],
    weights: Tensor | None = None,
    bandwidths: Sequence[Sequence[float]] | None = None,
    unbiased: bool = True,
) -> Tensor:
    r"""Squared MMD of the joint distribution of several layers: their kernels are multiplied.

    .. math:: k\bigl((z, p), (z', p')\bigr) = k_1(z, z')\, k_2(p, p')

    Parameters
    ----------
    layers : sequence of (X, Y)
        What each layer gives on both draws, shapes (n, d_l) and (m, d_l).
    weights, unbiased
        As in :func:`weighted_mmd2`.
    bandwidths : sequence of sequences of float, optional
        For each layer, in units of its median distance.

    Raises
    ------
    ValueError
        If there are too few rows.

    References
    ----------
    Long et al. (2017), Deep transfer learning with joint adaptation networks.
    """
    n, m = len(layers[0][0]), len(layers[0][1])
    least = 2 if unbiased else 1
    if n < least or m < least:
        raise ValueError(f"draws: got {n} and {m} rows, want at least {least} each")
    ladders = bandwidths or [LADDER] * len(layers)
    with full_precision(layers[0][0].device):
        grams = [
            pooled_kernel(torch.cat([_floats(X), _floats(Y)]), ladder)
            for (X, Y), ladder in zip(layers, ladders, strict=True)
        ]
        kernel = reduce(torch.mul, grams)
        w = torch.ones(n, device=kernel.device) if weights is None else weights
        return (kernel * pair_weights(w.to(kernel.dtype), m, unbiased)).sum()


def pooled_kernel(Z: Tensor, bandwidths: Sequence[float]) -> Tensor:
    """Return the mean of Gaussian kernels among all rows of Z, (n + m, n + m)."""
    squared = squared_distances(Z, Z)
    median = median_square(squared)
    grams = [torch.exp(squared / (-2 * b**2 * median)) for b in bandwidths]
    return reduce(torch.add, grams) / len(grams)


def median_square(squared: Tensor) -> Tensor:
    """Return the median squared distance between different rows as a constant, 1 if it is 0."""
    # Each pair is there twice and the n zeros of the diagonal once: count past them.
    n = len(squared)
    middle = squared.detach().flatten().kthvalue(n + (n * (n - 1) + 1) // 2).values
    return torch.where(middle > 0, middle, torch.ones_like(middle))


def pair_weights(w: Tensor, m: int, unbiased: bool) -> Tensor:
    """Return the factor of each pair of the pooled draw: + within a side, − across."""
    n, smallest = len(w), torch.finfo(w.dtype).tiny
    total = w.sum().clamp_min(smallest)
    signed = torch.cat([w / total, w.new_full((m,), -1 / m)])
    factors = torch.outer(signed, signed)
    if unbiased:
        left = (1 - (signed[:n] ** 2).sum()).clamp_min(1e-6)  # share of pairs of different rows
        factors[:n, :n] /= left
        factors[n:, n:] *= m / (m - 1)
        factors.fill_diagonal_(0)
    return factors


def _floats(x: Tensor) -> Tensor:
    return x if x.dtype == torch.float64 else x.float()
