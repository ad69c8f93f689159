"""The documents' ResNet loop: each of its mistakes is an argument of one function.

This is the listing under examination and no second training loop: with its repairs it makes the
same steps as :func:`tlbook.training.fit`, which a test shows.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from tlbook._base.checks import check_choice, check_positive
from tlbook.training.draws import Draws, to_labels, to_tensor
from tlbook.training.optimizers import make_optimizer

CPU = torch.device("cpu")
BATCH = 16


def unnormalized(x: Any) -> Any:
    """Return pictures whose pixels reach ``signnet``'s first layer as they are, in [0, 1].

    The network begins with (x − 0.5) / 0.25, so that here 0.5 + 0.25 x takes it back. A torchvision
    network leaves that step to its user, who may forget it.
    """
    return 0.5 + 0.25 * x


def train_as_published(
    model: nn.Module,
    X: Any,
    y: Any,
    *,
    steps: int,
    lr: float,
    zeroed: bool = False,
    optimizer: str = "adamw",
    batch_size: int = BATCH,
    seed: int = 0,
) -> list[float]:
    """Train in place by the published loop, with the names filled in that it never defines.

    Parameters
    ----------
    model : nn.Module
        From inputs to logits; what requires gradients is trained.
    X, y : arrays of n rows
        Labeled rows, labels 0 … classes − 1.
    steps, batch_size : int
        Gradient steps, rows of each.
    lr, optimizer
        As in :func:`tlbook.training.fit`.
    zeroed : bool
        Whether the gradients are set to zero before each backward pass; the listing forgets it.
    seed : int
        Of the draws, the same as those of ``fit``.

    Returns
    -------
    list of float
        The loss of each step; it ends where the loss is no longer finite.
    """
    for name, value in {"steps": steps, "batch_size": batch_size}.items():
        check_positive(value, name, integer=True)
    check_positive(lr, "lr")
    inputs, labels = to_tensor(X, CPU), to_labels(y, len(X), CPU)
    draws = Draws(len(inputs), batch_size, seed, 0)
    trained = [p for p in model.parameters() if p.requires_grad]
    rule = make_optimizer(optimizer, trained, lr, 0.0)
    losses = []
    model.train()
    for step in range(steps):
        rows = torch.from_numpy(draws.at(step))
        loss = cross_entropy(model(inputs[rows]), labels[rows])
        losses.append(float(loss.detach()))
        if not np.isfinite(losses[-1]):
            break
        if zeroed:
            rule.zero_grad()
        loss.backward()
        rule.step()
    return losses


MODES = ("eval", "train: mixed batches", "train: classes in blocks", "train: one at a time")


def answers(model: nn.Module, X: Any, mode: str = "eval", batch_size: int = 64) -> np.ndarray:
    """Return the class of each row, with BatchNorm and dropout as they are in ``mode``.

    In training mode BatchNorm normalizes with the rows that happen to lie in the same batch, so the
    answer for a picture depends on its neighbors. "Classes in blocks" orders the rows by the class
    that the network itself sees in them, as a folder that is read in order has them.

    Parameters
    ----------
    model : nn.Module
        Stays as it is; a copy answers.
    X : array of shape (n, ...)
    mode : str
        One of ``MODES``.

    Raises
    ------
    ValueError
        If the mode is unknown.
    """
    check_choice(mode, "mode", MODES)
    check_positive(batch_size, "batch_size", integer=True)
    inputs = to_tensor(X, CPU)
    copied = copy.deepcopy(model).eval()
    order = torch.arange(len(inputs))
    if mode == "eval":
        return _in_order(copied, inputs, order, 128)
    if mode == "train: classes in blocks":
        order = torch.from_numpy(_in_order(copied, inputs, order, 128).argsort(kind="stable"))
    size = 1 if mode == "train: one at a time" else batch_size
    return _in_order(copied.train(), inputs, order, size)


def _in_order(model: nn.Module, x: Tensor, order: Tensor, size: int) -> np.ndarray:
    found = torch.empty(len(x), dtype=torch.int64)
    with torch.no_grad():
        for rows in _blocks(order, size):
            found[rows] = model(x[rows]).argmax(dim=1)
    return found.numpy()


def _blocks(order: Tensor, size: int) -> Iterator[Tensor]:
    yield from order.split(size)
