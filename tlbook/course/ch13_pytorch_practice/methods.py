"""The methods of chapter 13: the documents' listing with its mistakes, and augmented fine-tuning.

Each is ``method(task, seed, k, **settings) -> predict`` and starts from ``signnet``. Within a seed
all see the same labels, make the same draws and start from the same head.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from torch import nn

from tlbook import augmentation
from tlbook._base.checks import check_choice, check_positive
from tlbook.course.ch13_pytorch_practice.published import answers, train_as_published, unnormalized
from tlbook.course.pretraining.networks import signnet
from tlbook.domains import Task
from tlbook.evaluation.compare import Predict
from tlbook.finetuning import cached_features, head_on_features, replace_head
from tlbook.models import create
from tlbook.training import fit, predictor

BATCH = 16
KINDS = ("none", "geometric", "photometric")


class Published:
    """The documents' listing as a method; it keeps the network and what its user gets to see.

    Attributes
    ----------
    network : nn.Module
        The trained one.
    losses : list of float
        The loss of each step.
    reported : float
        The accuracy that its user would report: on the rows it was trained on, or on those that
        were held back.
    """

    network: nn.Module
    losses: list[float]
    reported: float

    def __call__(
        self,
        task: Task,
        seed: int,
        k: int,
        *,
        lr: float,
        steps: int = 60,
        zeroed: bool = True,
        optimizer: str = "adamw",
        normalized: bool = True,
        frozen: bool = False,
        pretrained: bool = True,
        held: int = 0,
    ) -> Predict:
        """Train by the listing with all its repairs, or with a mistake put back.

        Parameters
        ----------
        task : Task
            Its target has the labels 0 … classes − 1.
        seed : int
            Of the labels, the head's start and the draws.
        k : int
            Labels per class.
        lr, steps, optimizer
            As in :func:`tlbook.training.fit`.
        zeroed : bool
            Whether the gradients are set to zero before each backward pass.
        normalized : bool
            Whether the pixels are scaled as the pretraining had them.
        frozen : bool
            Train the head alone.
        pretrained : bool
            Start from ``signnet``, not from random weights.
        held : int
            Labels per class that are held back for validation.
        """
        X, y = task.label(k, seed)
        pixels = (lambda rows: rows) if normalized else unnormalized
        held_back = first_of_each(y, held)
        Z, classes = pixels(X[~held_back]), int(np.max(y)) + 1
        if pretrained:
            self.network = replace_head(signnet(), classes, seed=seed)
        else:
            self.network = create("signnet", n_classes=classes, seed=seed)
        learner = self.network
        if frozen:
            Z, learner = cached_features(self.network, Z), head_on_features(self.network)
        self.losses = train_as_published(
            learner,
            Z,
            y[~held_back],
            steps=steps,
            lr=lr,
            zeroed=zeroed,
            optimizer=optimizer,
            batch_size=BATCH,
            seed=seed,
        )
        network, asked = self.network, held_back if held else ~held_back
        self.reported = float(np.mean(answers(network, pixels(X[asked])) == y[asked]))
        return lambda rows: answers(network, pixels(rows))


def first_of_each(y: np.ndarray, n: int) -> np.ndarray:
    """Return a mask of the first ``n`` rows of each class."""
    chosen = np.zeros(len(y), dtype=bool)
    for c in np.unique(y):
        chosen[np.flatnonzero(y == c)[:n]] = True
    return chosen


def augmenter(kind: str, strength: float) -> Callable[..., Any] | None:
    """Return the augmentation, or ``None`` at strength 0.

    Parameters
    ----------
    kind : {"none", "geometric", "photometric"}
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
    if kind == "none" or not s:
        return None
    if kind == "geometric":
        return augmentation.geometric(10 * s, 0.08 * s, 0.1 * s, 0.1 * s)
    return augmentation.photometric(0.15 * s, 0.3 * s, 0.02 * s)


def augmented(
    task: Task, seed: int, k: int, *, kind: str = "none", strength: float = 0.0, lr: float = 3e-3
) -> Predict:
    """Fine-tune ``signnet`` with a new head for 30 steps of 16 augmented rows."""
    X, y = task.label(k, seed)
    model = replace_head(signnet(), int(np.max(y)) + 1, seed=seed)
    fit(
        model,
        (X, y),
        steps=30,
        batch_size=BATCH,
        lr=lr,
        augment=augmenter(kind, strength),
        seed=seed,
        device="cpu",
        progress=False,
    )
    return predictor(model)
