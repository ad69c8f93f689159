"""Answers on a test part as one word of a stored table, so that a widget can show mistakes."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np


def packed(answers: Iterable[int]) -> str:
    """Return labels 0 … 9 as one word; the letter in front keeps it one when it is read again.

    Examples
    --------
    >>> packed([0, 7, 3]), unpacked("a073").tolist()
    ('a073', [0, 7, 3])
    """
    return "a" + "".join(str(int(answer)) for answer in answers)


def unpacked(word: str) -> np.ndarray:
    """Return the labels of a word that :func:`packed` made, shape (n,)."""
    return np.frombuffer(word[1:].encode(), dtype=np.uint8).astype(int) - ord("0")
