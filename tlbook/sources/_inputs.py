"""The one input check of the scores: rows of features and a class for each."""

from __future__ import annotations

from typing import Any

import numpy as np

from tlbook._base.checks import check_labels
from tlbook._base.estimators import dense


def labeled_rows(
    features: Any, y: Any, each: int = 1, names: tuple[str, str] = ("features", "y")
) -> tuple[np.ndarray, np.ndarray]:
    """Return features (n, d) as float64 and classes as codes 0 … k − 1, k ≥ 2.

    Raises
    ------
    ValueError
        If shapes do not fit, there is only one class, or a class has fewer than ``each`` rows.
    """
    F = dense(features, names[0], min_rows=2).astype(np.float64)
    labels = check_labels(y, len(F), names[1], min_classes=2)
    classes, codes = np.unique(labels, return_inverse=True)
    counts = np.bincount(codes)
    if counts.min() < each:
        rare = classes[counts.argmin()]
        raise ValueError(
            f"{names[1]}: got {counts.min()} row(s) of class {rare}, "
            f"want at least {each} of each class"
        )
    return F, codes
