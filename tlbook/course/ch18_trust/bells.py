"""Three classes on a line whose posterior is known: two that overlap, and one that is apart."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.stats import norm

from tlbook._base.checks import check_positive

CENTERS = np.array([0.0, 1.5, 6.0])
EVEN, SHIFTED = np.array([1, 1, 1]) / 3, np.array([0.6, 0.35, 0.05])
"""The class mix of the source, and of the target."""


def draw(n: int, mix: Any, seed: Any) -> tuple[np.ndarray, np.ndarray]:
    """Return n inputs and their classes, drawn with this class mix.

    Raises
    ------
    ValueError
        If n is no positive integer.
    """
    check_positive(n, "n", integer=True)
    rng = np.random.default_rng(seed)
    y = rng.choice(3, n, p=mix)
    return rng.normal(CENTERS[y], 1), y


def posteriors(x: Any, mix: Any = EVEN, sharpness: float = 1.0) -> np.ndarray:
    """Return P(y given x) under a class mix, (n, 3); a sharpness above 1 makes it too sure."""
    p = (norm.pdf(np.asarray(x)[:, None], CENTERS) * mix) ** sharpness
    return p / p.sum(axis=1, keepdims=True)
