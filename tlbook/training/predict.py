"""Predictions of a trained network."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader

from tlbook._base.named import named
from tlbook.training.datasets import blocks, is_stored, shuffles
from tlbook.training.draws import to_tensor
from tlbook.training.refusals import explained


def in_blocks(
    function: Callable[[torch.Tensor], torch.Tensor], model: nn.Module, X: Any, batch_size: int
) -> np.ndarray:
    """Return ``function`` over blocks of rows, without gradients, in eval mode, as NumPy.

    ``X`` is an array, or a ``Dataset`` or ``DataLoader`` of which the inputs are read in order.
    """
    device = next((p.device for p in model.parameters()), torch.device("cpu"))
    if device.type == "cpu":  # activations of a small block stay in the cache: a third faster
        batch_size = min(batch_size, 128)
    was_training = model.training
    model.eval()
    try:
        answers = []
        for x in _inputs(X, batch_size):
            with torch.inference_mode():  # not around the reading: a dataset may keep what it reads
                answers.append(_answer(function, x.to(device)).cpu())
    finally:
        model.train(was_training)
    return torch.cat(answers).numpy()


def _answer(function: Callable[[torch.Tensor], torch.Tensor], x: torch.Tensor) -> torch.Tensor:
    try:
        return function(x)
    except Exception as error:
        told = explained(error, "X", x)
        if told is error:
            raise
        raise told from error


def _inputs(X: Any, batch_size: int) -> Iterable[torch.Tensor]:
    if not is_stored(X):
        return to_tensor(X, torch.device("cpu")).split(batch_size)
    if isinstance(X, DataLoader) and shuffles(X):
        raise ValueError("X: got a DataLoader that shuffles, want one that keeps the order of rows")
    return (x for x, _ in blocks(X, batch_size, "X", labeled=False))


@named
def predict(model: nn.Module, X: Any, *, batch_size: int = 512) -> np.ndarray:
    """Return the class with the largest logit for each row.

    Parameters
    ----------
    model : nn.Module
        Maps (n, ...) to logits (n, classes). Runs in eval mode where its weights are, and is left
        in the mode in which it came.
    X : array or tensor of shape (n, ...), Dataset or DataLoader
        Inputs; labels that come with them are left alone.
    batch_size : int
        Rows at a time, at most.

    Returns
    -------
    array of shape (n,)
    """
    return in_blocks(lambda x: model(x).argmax(dim=1), model, X, batch_size)


@named
def predictor(model: nn.Module, *, batch_size: int = 512) -> Callable[[Any], np.ndarray]:
    """Return ``predict`` with the model filled in: what ``task.score`` takes.

    Parameters
    ----------
    model, batch_size
        As in :func:`predict`.

    Returns
    -------
    function
        From inputs (n, ...) to labels (n,).

    Examples
    --------
    >>> from tlbook import data, models
    >>> from tlbook.training import predictor
    >>> task = data.load("fonts-to-handwriting", n_source=200)
    >>> net = models.create("digitnet")
    >>> predictor(net)(task.target.X[:3]).shape
    (3,)
    >>> task.score(predictor(net)) < 0.4, task.looks  # untrained: about guessing
    (True, 1)
    """
    return lambda X: predict(model, X, batch_size=batch_size)
