"""Predictions of a trained network."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import nn

from tlbook.training.draws import to_tensor


def in_blocks(
    function: Callable[[torch.Tensor], torch.Tensor], model: nn.Module, X: Any, batch_size: int
) -> np.ndarray:
    """Return ``function`` over blocks of rows, without gradients, in eval mode, as NumPy."""
    place = next((p.device for p in model.parameters()), torch.device("cpu"))
    if place.type == "cpu":  # activations of a small block stay in the cache: a third faster
        batch_size = min(batch_size, 128)
    was_training = model.training
    model.eval()
    try:
        with torch.inference_mode():
            x = to_tensor(X, torch.device("cpu"))
            blocks = [function(b.to(place)).cpu() for b in x.split(batch_size)]
    finally:
        model.train(was_training)
    return torch.cat(blocks).numpy()


def predict(model: nn.Module, X: Any, *, batch_size: int = 512) -> np.ndarray:
    """Return the class with the largest logit for each row.

    Parameters
    ----------
    model : nn.Module
        Maps (n, ...) to logits (n, classes). Runs in eval mode where its weights are, and is left
        in the mode in which it came.
    X : array or tensor of shape (n, ...)
        Inputs.
    batch_size : int
        Rows at a time, at most.

    Returns
    -------
    array of shape (n,)
    """
    return in_blocks(lambda x: model(x).argmax(dim=1), model, X, batch_size)


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
    >>> net = models.untrained("digitnet")
    >>> predictor(net)(task.target.X[:3]).shape
    (3,)
    >>> task.score(predictor(net)) < 0.4, task.looks  # untrained: about guessing
    (True, 1)
    """
    return lambda X: predict(model, X, batch_size=batch_size)
