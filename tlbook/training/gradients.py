"""Gradient norms of the parts of an objective, and what a blown-up gradient looks like."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor


def part_norms(
    parts: dict[str, Tensor],
    weights: dict[str, float],
    parameters: Sequence[Tensor],
    average: Callable[[Sequence[Tensor | None]], None] | None = None,
) -> dict[str, Tensor]:
    r"""Return :math:`\lVert \nabla_w (\alpha_j A_j) \rVert_2` for each part of the objective.

    Parameters
    ----------
    parts, weights : dict
        Values with their graph, and weights, by name. The graph is kept.
    parameters : sequence of tensors
        The network's trained parameters (not those of discriminators).
    average : function, optional
        Replaces gradients by their means over several processes.

    Returns
    -------
    dict of scalar tensors, 0 for a part that does not reach the network
    """
    norms = {}
    for name, value in parts.items():
        zero = torch.zeros((), device=value.device)
        if not value.requires_grad or not parameters:
            norms[name] = zero
            continue
        found = torch.autograd.grad(
            weights[name] * value, parameters, retain_graph=True, allow_unused=True
        )
        if average is not None:
            average(found)
        squares = [g.detach().float().square().sum() for g in found if g is not None]
        norms[name] = torch.stack(squares).sum().sqrt() if squares else zero
    return norms


def all_finite(parameters: Sequence[Tensor]) -> bool:
    """Say whether every value of every parameter is finite."""
    return all(bool(torch.isfinite(p).all()) for p in parameters)
