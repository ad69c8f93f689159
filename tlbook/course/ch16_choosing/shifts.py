"""Targets with the classes of printed digits, from hardly shifted to handwriting."""

from __future__ import annotations

import numpy as np

from tlbook._base.checks import check_choice
from tlbook.course.ch16_choosing.cases import printed
from tlbook.data.fonts import DIGITS
from tlbook.data.handwriting import handwriting_arrays

SHIFTS = (
    "print again", "turned by 15°", "turned by 30°", "pale and noisy", "0–4 are rare",
    "handwriting",
)  # fmt: skip
ROWS = 1000
OTHER = 50_000
"""Added to the seed: other drawings than those of the sources."""


def shifted(name: str, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return rows of 64 pixels and their labels under one of ``SHIFTS``."""
    from scipy.ndimage import rotate

    check_choice(name, "name", SHIFTS)
    if name == "handwriting":
        images, labels = handwriting_arrays()
        return images.reshape(len(images), -1), labels
    images, labels = printed(DIGITS, ROWS, seed + OTHER)
    X = images.astype(np.float32) / 16
    if name.startswith("turned"):
        degrees = 15 if "15" in name else 30
        X = rotate(X, degrees, axes=(1, 2), reshape=False, order=1)
    elif name == "pale and noisy":
        noise = np.random.default_rng([seed, 16]).standard_normal(X.shape)
        X = np.clip(0.4 + 0.3 * X + 0.05 * noise, 0, 1)
    elif name == "0–4 are rare":
        rows = (labels > 4) | (np.arange(len(labels)) % 10 == 0)
        X, labels = X[rows], labels[rows]
    return X.reshape(len(X), -1).astype(np.float32), labels
