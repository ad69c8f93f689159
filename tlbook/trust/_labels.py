"""The check of true classes that the functions on probabilities share."""

from __future__ import annotations

from typing import Any

import numpy as np

from tlbook._base.checks import check_labels


def class_codes(y: Any, n: int, k: int) -> np.ndarray:
    """Return n classes as whole numbers, each one of the k columns.

    Raises
    ------
    ValueError
        If the number does not fit or a label is no column.
    """
    labels = check_labels(y, n, "y")
    if len(np.setdiff1d(labels, np.arange(k))):
        raise ValueError(f"y: got labels that are no column, want classes 0 … {k - 1}")
    return labels.astype(np.int64)
