"""A recognizer that listens: a small network on spectrograms of synthesized vowels.

``method(task, seed, **settings) -> predict`` on the task ``vowels``: rows of F0 to F3 are made
audible, and the network sees the spectrogram alone. Utterances are augmented where they are made,
as a vocoder would do it with recordings.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from torch import Tensor, nn

from tlbook.alignment import adabn
from tlbook.course.ch19b_applications_language.synthesis import BINS, FRAMES, pictures
from tlbook.domains import Task
from tlbook.evaluation.compare import Predict
from tlbook.models.seeding import seeded
from tlbook.training import fit, predictor

COPIES = 3
"""How often each utterance is made, with another noise; augmentation changes each copy."""
STEPS = 250
PITCH = (-0.1, 0.9)
"""Range of the logarithm of the factor of F0: from a deeper voice to one 2.5 times as high."""
LENGTH = (-0.1, 0.45)
"""Of the factor of all formants: children's tracts are shorter, by how much we leave open."""


class VowelNet(nn.Module):
    """Two convolutions over frequency and time; where a formant lies must not be pooled away."""

    def __init__(self, n_classes: int = 10) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(1, 8, (9, 3), stride=(2, 1), padding=(4, 1), bias=False),
            nn.BatchNorm2d(8),
            nn.ReLU(),
            nn.Conv2d(8, 16, (7, 3), stride=(2, 1), padding=(3, 1), bias=False),
            nn.BatchNorm2d(16),
            nn.ReLU(),
            nn.AvgPool2d((2, FRAMES)),
        )
        self.head = nn.Linear(16 * BINS // 8, n_classes)

    def features(self, x: Tensor) -> Tensor:
        """Return features of shape (n, 256) of spectrograms (n, 1, 128, 6)."""
        return self.body(x).flatten(1)

    def forward(self, x: Tensor) -> Tensor:
        """Return logits of shape (n, 10)."""
        return self.head(self.features(x))


def spoken(
    X: np.ndarray, rng: np.random.Generator, pitch: bool = False, length: bool = False
) -> np.ndarray:
    """Return ``COPIES`` of each utterance as spectrograms, with other voices where asked."""
    rows = np.tile(X, (COPIES, 1)).astype(float)
    if pitch:
        rows[:, 0] *= np.exp(rng.uniform(*PITCH, len(rows)))
    if length:
        rows[:, 1:4] *= np.exp(rng.uniform(*LENGTH, (len(rows), 1)))
    return pictures(rows, int(rng.integers(2**31)))


def trained(X: np.ndarray, y: np.ndarray, seed: int, **augment: bool) -> nn.Module:
    """Return a network trained on utterances, made audible."""
    P = spoken(X, np.random.default_rng([seed, 0x50EC]), **augment)
    net: Any = seeded(VowelNet, seed)
    labels = np.tile(y, COPIES)
    fit(net, (P, labels), steps=STEPS, lr=3e-3, weight_decay=0.01, schedule="cosine",
        device="cpu", seed=seed)  # fmt: skip
    return net


def heard(net: nn.Module) -> Predict:
    """Return a function from rows to vowels that makes them audible first."""
    answer = predictor(net)
    return lambda X: answer(pictures(X, 1))


def source_only(task: Task, seed: int, *, pitch: bool = False, length: bool = False) -> Predict:
    """Learn from men, perhaps with other pitches and other lengths of the vocal tract."""
    assert task.source.y is not None
    return heard(trained(task.source.X, task.source.y, seed, pitch=pitch, length=length))


def target_statistics(task: Task, seed: int) -> Predict:
    """Learn from men, then take BatchNorm's statistics from the target (AdaBN)."""
    assert task.source.y is not None
    net = trained(task.source.X, task.source.y, seed)
    return heard(adabn(net, pictures(task.target.X, seed + 1)))


def few_labels(task: Task, seed: int, *, k: int) -> Predict:
    """Learn from k labeled utterances of each vowel of the target, and no man."""
    return heard(trained(*task.label(k, seed), seed))


METHODS: dict[str, Callable[..., Any]] = {
    "men": source_only,
    "men, other pitches": partial(source_only, pitch=True),
    "men, other lengths": partial(source_only, length=True),
    "men, both": partial(source_only, pitch=True, length=True),
    "men, AdaBN": target_statistics,
    "5 labels per vowel": partial(few_labels, k=5),
    "60 labels per vowel": partial(few_labels, k=60),
}
