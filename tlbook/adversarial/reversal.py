"""Gradient reversal: nothing on the way forward, the opposite slope on the way back."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from tlbook._base.checks import check_positive
from tlbook._base.named import named


class _Reverse(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: float) -> Tensor:
        ctx.weight = weight
        return x.view_as(x)

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, None]:
        return grads[0].mul(-ctx.weight), None


@named
def reverse(x: Tensor, weight: float = 1.0) -> Tensor:
    r"""Return ``x``; its gradient comes back times :math:`-\lambda`.

    .. math:: R_\lambda(x) = x, \qquad \frac{\partial R_\lambda}{\partial x} := -\lambda I

    Whatever stands after it is trained to make its loss small, whatever stands before it to make
    the same loss large: a game of two players in one backward pass.

    Parameters
    ----------
    x : Tensor
        Any shape.
    weight : float
        :math:`\lambda \ge 0`, how strongly the second player pulls.

    Raises
    ------
    ValueError
        If ``x`` is no tensor or the weight is negative or not finite.

    References
    ----------
    Ganin & Lempitsky (2015), Unsupervised domain adaptation by backpropagation.

    Examples
    --------
    >>> import torch
    >>> from tlbook.adversarial import reverse
    >>> x = torch.tensor([2.0], requires_grad=True)
    >>> y = 3 * reverse(x, weight=0.5)
    >>> y.backward()
    >>> y.item(), x.grad.item()  # 3 · 2 forward, -0.5 · 3 back
    (6.0, -1.5)
    """
    if not isinstance(x, Tensor):
        raise ValueError(f"x: got {type(x).__name__}, want a tensor")
    check_positive(weight, "weight", zero_ok=True)
    result: Tensor = _Reverse.apply(x, float(weight))
    return result
