"""AdaBN: the statistics of BatchNorm taken from the target."""

from __future__ import annotations

import copy
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

from tlbook._base.checks import check_array, check_positive
from tlbook._base.named import named


@named
def adabn(model: nn.Module, X: Any, *, batch_size: int = 512) -> nn.Module:
    r"""Return a copy of the network whose BatchNorm statistics are those of ``X``.

    .. math:: \hat z = \gamma \, \frac{z - \mu_T}{\sqrt{\sigma_T^2 + \epsilon}} + \beta

    No weight changes. The moments are exact, those of all rows and positions (divisor n − 1, as
    in the running statistics of PyTorch), layer after layer: each layer sees what the layers
    before it give with their new statistics. A moving average over batches would remember the
    source for a while.

    Parameters
    ----------
    model : nn.Module
        Has at least one BatchNorm layer. It stays as it is.
    X : array or tensor of shape (n, ...)
        Unlabeled target inputs.
    batch_size : int
        Rows at a time; it changes the memory, not the result.

    Returns
    -------
    nn.Module
        In eval mode.

    Raises
    ------
    ValueError
        If there is no BatchNorm layer with running statistics, or X has no rows or is not finite.

    References
    ----------
    Li et al. (2018), Adaptive batch normalization for practical domain adaptation.

    Examples
    --------
    >>> import numpy as np
    >>> from tlbook import data, models
    >>> from tlbook.alignment import adabn
    >>> from tlbook.training import fit, predict
    >>> digits, net = data.load("handwriting"), models.create("digitnet")
    >>> _ = fit(net, digits, steps=50)
    >>> pale = 0.2 * digits.X + 0.5  # another scanner
    >>> adapted = adabn(net, pale)  # no label, no gradient step
    >>> before, after = (float(np.mean(predict(m, pale) == digits.y)) for m in (net, adapted))
    >>> after > before + 0.1
    True
    """
    check_positive(batch_size, "batch_size", integer=True)
    rows = X if isinstance(X, Tensor) else torch.from_numpy(check_array(X, "X", min_rows=2))
    if isinstance(X, Tensor):
        check_array(X.detach().cpu().numpy(), "X", min_rows=2)
    like = next(model.parameters())
    rows = rows.to(device=like.device, dtype=like.dtype)
    adapted = copy.deepcopy(model).eval()
    with torch.no_grad():
        for layer in normalizations(adapted, rows[:2]):
            mean, variance = moments_before(adapted, layer, rows, batch_size)
            layer.running_mean.copy_(mean)  # type: ignore[union-attr]
            layer.running_var.copy_(variance)  # type: ignore[union-attr]
    return adapted


def normalizations(model: nn.Module, rows: Tensor) -> list[_BatchNorm]:
    """Return the BatchNorm layers that have running statistics, in the order of execution."""
    order: list[_BatchNorm] = []
    hooks = [
        layer.register_forward_pre_hook(lambda layer, _: order.append(layer))
        for layer in model.modules()
        if isinstance(layer, _BatchNorm) and layer.running_mean is not None
    ]
    try:
        model(rows)
    finally:
        for hook in hooks:
            hook.remove()
    if not order:
        raise ValueError(
            "model: got no BatchNorm layer with running statistics, want at least one: AdaBN "
            "changes nothing else"
        )
    return list(dict.fromkeys(order))


def moments_before(
    model: nn.Module, layer: nn.Module, rows: Tensor, batch_size: int
) -> tuple[Tensor, Tensor]:
    """Return mean and variance (divisor n − 1) of what comes into a layer, per channel."""
    total = _Moments()
    hook = layer.register_forward_pre_hook(lambda _, inputs: total.add(inputs[0]))
    try:
        for block in rows.split(batch_size):
            model(block)
    finally:
        hook.remove()
    return total.mean, total.squares / (total.count - 1)


class _Moments:
    """Mean and sum of squared deviations, joined block by block in double precision."""

    def __init__(self) -> None:
        self.count = 0
        self.mean = torch.zeros(())
        self.squares = torch.zeros(())

    def add(self, z: Tensor) -> None:
        # MPS has no double precision; there the joined single precision has to do.
        values = z.float() if z.device.type == "mps" else z.double()
        values = values.transpose(0, 1).flatten(1)
        n, mean = values.shape[1], values.mean(dim=1)
        squares = (values - mean[:, None]).square().sum(dim=1)
        if self.count:
            gap, both = mean - self.mean, self.count + n
            squares = squares + self.squares + gap.square() * (self.count * n / both)
            mean = self.mean + gap * (n / both)
        self.count, self.mean, self.squares = self.count + n, mean, squares
