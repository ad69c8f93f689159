"""Handwriting: 1,797 real handwritten digits of 8 × 8 pixels. The course's target domain."""

from __future__ import annotations

import numpy as np

from tlbook.data.fonts import DIGITS
from tlbook.data.random import generator
from tlbook.domains.task import Domain

TARGET_TRAIN = 1000  # of 1,797; the other 797 are the test part


def handwriting_arrays() -> tuple[np.ndarray, np.ndarray]:
    """Return images (1797, 1, 8, 8) float32 in [0, 1], ink is 1, and labels (1797,) int64."""
    from sklearn.datasets import load_digits

    digits = load_digits()
    return (digits.images[:, None] / 16).astype(np.float32), digits.target.astype(np.int64)


def load_handwriting(seed: int = 0) -> Domain:
    """Return the handwritten digits that ship with scikit-learn.

    ``X`` of shape (1797, 1, 8, 8), float32 in [0, 1]; ``y`` of shape (1797,). There is nothing
    random about it, so ``seed`` changes nothing.

    References
    ----------
    Alpaydin and Kaynak, Optical recognition of handwritten digits, UCI repository (1998).
    """
    return Domain("handwriting", *handwriting_arrays(), tuple(DIGITS))


def stratified_split(y: np.ndarray, n_first: int, name: str, seed: int) -> tuple[np.ndarray, ...]:
    """Split row numbers in two parts with the same share of each class, in a seeded order."""
    from sklearn.model_selection import train_test_split

    state = int(generator(f"split of {name}", seed).integers(2**31))
    first, second = train_test_split(
        np.arange(len(y)), train_size=n_first, stratify=y, random_state=state
    )
    return first, second
