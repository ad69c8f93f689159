"""The squared MMD as one differentiable torch operation whose memory does not grow with n²."""

from typing import Any

import torch

from tlbook.distances._inputs import full_precision
from tlbook.distances._pairs import Chain
from tlbook.distances._sums import combine


class SquaredMMD(torch.autograd.Function):
    """Value and gradient come from the same pass over the tiles; backward only scales it."""

    @staticmethod
    def forward(
        ctx: Any,
        X: torch.Tensor,
        Y: torch.Tensor,
        groups: list[Chain],
        unbiased: bool,
        block: int,
    ) -> torch.Tensor:
        need = (ctx.needs_input_grad[0], ctx.needs_input_grad[1])
        with full_precision(X):
            value, by_x, by_y = combine(torch, X, Y, groups, unbiased, block, need)
        ctx.save_for_backward(by_x, by_y, X, Y)
        return torch.tensor(value, dtype=X.dtype, device=X.device)

    @staticmethod
    def backward(ctx: Any, grad: torch.Tensor) -> tuple[torch.Tensor | None, ...]:
        by_x, by_y, X, Y = ctx.saved_tensors
        return (
            None if by_x is None else _FirstOnly.apply(grad * by_x, X),
            None if by_y is None else _FirstOnly.apply(grad * by_y, Y),
            None,
            None,
            None,
        )


class _FirstOnly(torch.autograd.Function):
    """Passes a first derivative on, and refuses to be differentiated itself.

    torch's ``once_differentiable`` would stay silent where the second derivative is wanted by
    the samples: a gradient penalty would train nothing and nobody would notice.
    """

    @staticmethod
    def forward(ctx: Any, gradient: torch.Tensor, sample: torch.Tensor) -> torch.Tensor:
        return gradient.view_as(gradient)

    @staticmethod
    def backward(ctx: Any, grad: torch.Tensor) -> None:
        raise RuntimeError(
            "mmd2: got a second derivative to compute, want the first only; "
            "build the value from gaussian_kernel, which can be differentiated twice"
        )
