"""What a learner answers on the test part, checked, and how good it is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

Predict = Callable[[np.ndarray], Any]


def answer_of(predict: Predict, X: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return what ``predict`` says about the rows of X.

    Raises
    ------
    ValueError
        If it is no function, or its answer is not one finite label for each row.
    """
    if not callable(predict):
        raise ValueError(
            f"predict: got {type(predict).__name__}, want a function from inputs to labels"
        )
    answer = np.asarray(predict(X))
    if answer.shape != y.shape:
        raise ValueError(
            f"predict: returned shape {answer.shape}, want {y.shape}: one label per row"
            + (" (take the argmax of scores)" if answer.ndim == 2 else "")
        )
    if answer.dtype.kind == "f" and not np.isfinite(answer).all():
        raise ValueError("predict: returned NaN or infinity, want labels")
    return answer


def grade(y: np.ndarray, answer: np.ndarray, kind: str) -> float:
    """Return the accuracy in [0, 1]; in regression the root mean squared error."""
    if kind == "regression":
        return float(np.sqrt(np.mean((y - answer) ** 2)))
    return float(np.mean(y == answer))
