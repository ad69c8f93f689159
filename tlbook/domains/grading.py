"""What a learner answers on the test part, checked, and how good it is."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import numpy as np

from tlbook._base.checks import as_array, is_text

Predict = Callable[[np.ndarray], Any]


def answer_of(predict: Predict, X: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return what ``predict`` says about the rows of X, as plain numbers or texts like y.

    ``predict`` is a function, or something with a method ``predict``, as scikit-learn's estimators.

    Raises
    ------
    ValueError
        If it is neither, or its answer is not one finite label of y's type for each row.
    """
    if is_network(predict):
        raise ValueError(
            f"predict: got the network {type(predict).__name__}, want a function that returns "
            "labels: tlbook.training.predictor(network)"
        )
    function = predict if callable(predict) else getattr(predict, "predict", None)
    if not callable(function):
        raise ValueError(
            f"predict: got {type(predict).__name__}, want a function from inputs to labels, or an "
            "estimator with a method predict"
        )
    answer = as_array(function(X), "predict: what it returned")
    if answer.shape != y.shape:
        raise ValueError(
            f"predict: returned shape {answer.shape}, want {y.shape}: one label per row"
            + (" (take the argmax of scores)" if answer.ndim == 2 else "")
        )
    return like_labels(answer, y, "predict")


def like_labels(answer: np.ndarray, y: np.ndarray, name: str) -> np.ndarray:
    """Return answers as plain numbers or texts, whichever the labels y are.

    Raises
    ------
    ValueError
        If they are of another type, not finite, or objects that decide themselves what they equal.
    """
    plain = np.array(answer.tolist()) if answer.dtype.kind == "O" else answer
    if plain.dtype.kind not in "biufU" or plain.shape != answer.shape:
        found = type(answer.ravel()[0]).__name__ if answer.dtype.kind == "O" else answer.dtype
        raise ValueError(f"{name}: returned values of type {found}, want labels like {_some(y)}")
    if plain.dtype.kind == "f" and not np.isfinite(plain).all():
        raise ValueError(f"{name}: returned NaN or infinity, want labels")
    if (plain.dtype.kind == "U") != is_text(y):
        got, want = ("texts", "numbers") if plain.dtype.kind == "U" else ("numbers", "texts")
        raise ValueError(f"{name}: returned {got}, want {want} like {_some(y)}")
    return plain


def _some(y: np.ndarray) -> str:
    """Return some labels in words."""
    return ", ".join(repr(label) for label in np.unique(y)[:3].tolist())


def is_network(value: Any) -> bool:
    """Whether ``value`` is a torch module (without importing torch to find out)."""
    torch = sys.modules.get("torch")
    return torch is not None and isinstance(value, torch.nn.Module)


def grade(y: np.ndarray, answer: np.ndarray, kind: str) -> float:
    """Return the accuracy in [0, 1]; in regression the root mean squared error."""
    if kind == "regression":
        return float(np.sqrt(np.mean((y - answer) ** 2)))
    return float(np.mean(y == answer))
