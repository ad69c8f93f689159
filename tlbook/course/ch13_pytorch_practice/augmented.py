"""Fine-tuning ``signnet`` with augmentation of one kind and strength, for the widget."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from torch import nn

from tlbook import augmentation
from tlbook._base.checks import check_choice, check_positive
from tlbook.course.ch13_pytorch_practice.methods import signnet
from tlbook.finetuning import replace_head
from tlbook.training import fit

STEPS, BATCH = 30, 16
KINDS = ("geometric", "photometric")


def augmenter(kind: str, strength: float) -> Callable[..., Any] | None:
    """Return the augmentation, or ``None`` at strength 0.

    Parameters
    ----------
    kind : {"geometric", "photometric"}
        Turn, move, zoom and shear; or brightness, contrast and noise.
    strength : float
        Factor of the usual limits: 1 turns by up to 10 degrees, 2 by up to 20.

    Raises
    ------
    ValueError
        If the kind is unknown or the strength negative.
    """
    check_choice(kind, "kind", KINDS)
    s = check_positive(strength, "strength", zero_ok=True)
    if not s:
        return None
    if kind == "geometric":
        return augmentation.geometric(10 * s, 0.08 * s, 0.1 * s, 0.1 * s)
    return augmentation.photometric(0.15 * s, 0.3 * s, 0.02 * s)


def augmented(X: Any, y: Any, seed: int, *, kind: str, strength: float, lr: float) -> nn.Module:
    """Return ``signnet`` with a new head, fine-tuned for 30 steps of 16 augmented rows.

    Raises
    ------
    ValueError
        If an argument is out of range.
    """
    model = replace_head(signnet(), int(np.max(y)) + 1, seed=seed)
    fit(
        model,
        (X, y),
        steps=STEPS,
        batch_size=BATCH,
        lr=lr,
        augment=augmenter(kind, strength),
        seed=seed,
        device="cpu",
        progress=False,
    )
    return model
