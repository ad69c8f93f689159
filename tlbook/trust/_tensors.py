"""What the functions on networks share: rows as tensors, and a network that stays as it came."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn

from tlbook.training.draws import to_labels, to_tensor


def rows_of(model: nn.Module, X: Any, y: Any) -> tuple[Tensor, Tensor]:
    """Return inputs and classes as tensors where the model's weights are.

    Raises
    ------
    ValueError
        If values are not finite or lengths do not fit.
    """
    device = next((p.device for p in model.parameters()), torch.device("cpu"))
    x = to_tensor(X, device)
    labels = to_labels(y, len(x), device)
    if labels.is_floating_point():
        raise ValueError("y: got numbers with a fraction, want classes 0 … k − 1")
    return x, labels


@contextmanager
def unchanged(model: nn.Module) -> Iterator[None]:
    """Run the model in eval mode with frozen weights, and give both back as they were."""
    training = model.training
    frozen = [(p, p.requires_grad) for p in model.parameters()]
    model.eval()
    for p, _ in frozen:
        p.requires_grad_(False)
    try:
        yield
    finally:
        model.train(training)
        for p, asked in frozen:
            p.requires_grad_(asked)


def chosen(logits: Tensor, y: Tensor) -> Tensor:
    """Return the logit of class y of each row, shape (n,).

    Raises
    ------
    ValueError
        If a label is no column of the logits.
    """
    if int(y.min()) < 0 or int(y.max()) >= logits.shape[1]:
        raise ValueError(
            f"y: got labels that are no output, want classes 0 … {logits.shape[1] - 1}"
        )
    return logits.gather(1, y[:, None])[:, 0]


def gradient(model: nn.Module, x: Tensor, y: Tensor) -> Tensor:
    """Return ∂ logit_y / ∂ x for each row, in the shape of x."""
    point = x.detach().clone().requires_grad_(True)
    with torch.enable_grad():
        total = chosen(model(point), y).sum()  # rows do not touch each other in eval mode
        return torch.autograd.grad(total, point)[0]
