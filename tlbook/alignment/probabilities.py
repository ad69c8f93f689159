"""Class probabilities of a trained network."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import nn

from tlbook._base.named import named
from tlbook.training.predict import in_blocks


@named
def probabilities(model: nn.Module, X: Any, *, batch_size: int = 512) -> np.ndarray:
    """Return the softmax of the logits of each row, (n, classes), in eval mode.

    Parameters
    ----------
    model : nn.Module
        Maps (n, ...) to logits (n, classes); it is left in the mode in which it came.
    X : array or tensor of shape (n, ...)
        Inputs.
    batch_size : int
        Rows at a time, at most.
    """
    return in_blocks(lambda x: torch.softmax(model(x).float(), dim=1), model, X, batch_size)
