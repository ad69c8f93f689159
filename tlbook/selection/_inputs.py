"""Input checks that the criteria share."""

from __future__ import annotations

from typing import Any

import numpy as np

from tlbook._base.checks import check_array


def check_posteriors(values: Any, name: str, min_rows: int = 1) -> np.ndarray:
    """Return class probabilities of shape (n, k), k ≥ 2, as float64 rows that sum to 1.

    Raises
    ------
    ValueError
        If the shape does not fit or a row is no probability distribution.
    """
    P = check_array(values, name, ndim=2, min_rows=min_rows).astype(np.float64)
    if P.shape[1] < 2:
        raise ValueError(f"{name}: got {P.shape[1]} column(s), want one per class, at least 2")
    if (P < 0).any() or not np.allclose(P.sum(axis=1), 1, atol=1e-4):
        raise ValueError(
            f"{name}: got rows that are not probabilities, want softmax(logits): rows that sum to 1"
        )
    return P / P.sum(axis=1, keepdims=True)


def entropies(P: np.ndarray) -> np.ndarray:
    """Return the entropy of each row in nats, with 0 · log 0 = 0."""
    return -np.where(P > 0, P * np.log(np.where(P > 0, P, 1.0)), 0.0).sum(axis=-1)
