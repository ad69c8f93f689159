"""BatchNorm over the rows of all processes, on any device.

``torch.nn.SyncBatchNorm`` wants a GPU; the lesson, and the tests, run on two processes of a laptop.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from types import MethodType
from typing import Any

import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm


class _Sum(torch.autograd.Function):
    """Sum over the processes; so is its gradient."""

    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        total = x.clone()
        dist.all_reduce(total)
        return total

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> Tensor:
        total = gradients[0].clone()
        dist.all_reduce(total)
        return total


def normalize_together(layer: _BatchNorm, x: Tensor) -> Tensor:
    r"""Return what the layer would give for the rows of all processes, for this one's rows.

    .. math:: y = \gamma \frac{x - m}{\sqrt{v + \epsilon}} + \beta

    with the mean m and the variance v over the rows (and positions) of all processes; running
    statistics move towards m and the unbiased v.

    Parameters
    ----------
    layer : BatchNorm layer
        In training mode.
    x : tensor of shape (n, c, …)

    References
    ----------
    Ioffe and Szegedy (2015), Batch normalization.
    """
    kept = x.dtype
    x = x.float()
    dims = [0, *range(2, x.ndim)]
    shape = [1, -1, *[1] * (x.ndim - 2)]
    n = _Sum.apply(torch.tensor(float(x.numel() // x.shape[1]), device=x.device))
    mean = _Sum.apply(x.sum(dims)) / n
    centered = x - mean.view(shape)
    variance = _Sum.apply(centered.square().sum(dims)) / n
    _move_running(layer, mean.detach(), variance.detach() * n / (n - 1).clamp(min=1))
    y = centered * (variance + layer.eps).rsqrt().view(shape)
    if layer.affine:
        y = y * layer.weight.view(shape) + layer.bias.view(shape)
    return y.to(kept)


def _move_running(layer: _BatchNorm, mean: Tensor, variance: Tensor) -> None:
    if layer.running_mean is None or layer.running_var is None:
        return
    assert layer.num_batches_tracked is not None
    layer.num_batches_tracked.add_(1)
    rate = layer.momentum
    if rate is None:
        rate = 1.0 / float(layer.num_batches_tracked)
    layer.running_mean.lerp_(mean.to(layer.running_mean.dtype), rate)
    layer.running_var.lerp_(variance.to(layer.running_var.dtype), rate)


@contextmanager
def shared_statistics(model: nn.Module) -> Iterator[None]:
    """Let the BatchNorm layers that are called meanwhile share their statistics."""
    layers = [m for m in model.modules() if isinstance(m, _BatchNorm)]
    for layer in layers:
        layer.forward = MethodType(_forward, layer)  # type: ignore[method-assign]
    try:
        yield
    finally:
        for layer in layers:
            del layer.forward


def _forward(layer: _BatchNorm, x: Tensor) -> Tensor:
    own = layer.training or (layer.running_mean is None and layer.running_var is None)
    return normalize_together(layer, x) if own else type(layer).forward(layer, x)
