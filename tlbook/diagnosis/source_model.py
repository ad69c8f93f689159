"""The source model that a report is about: chosen and judged on held-out source rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True, eq=False)
class SourceModel:
    """A classifier, not fitted yet, and what it answers on source rows that it did not see.

    Attributes
    ----------
    name : {"linear", "kernel"}
    classifier : scikit-learn classifier
        For standardized rows.
    classes : array of shape (k,)
    held_out : array of shape (n, k)
        Its class probabilities on the source rows, each by a fit without this row.
    codes : array of shape (n,)
        The source labels as columns of ``held_out``.
    """

    name: str
    classifier: Any
    classes: np.ndarray
    held_out: np.ndarray
    codes: np.ndarray

    @property
    def right(self) -> np.ndarray:
        """Whether each held-out answer is right, shape (n,)."""
        return self.held_out.argmax(axis=1) == self.codes

    @property
    def accuracy(self) -> float:
        """Share of the source rows that are answered right by a model that did not see them."""
        return float(self.right.mean())


def linear() -> Any:
    """Return a logistic regression."""
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression(max_iter=1000)


def kernel(features: int, rows: int, seed: int) -> Any:
    """Return a logistic regression on random kernel features, for boundaries that are no planes."""
    from sklearn.kernel_approximation import Nystroem
    from sklearn.pipeline import make_pipeline

    parts = min(100, rows // 3)  # folds of folds have fewer rows
    basis = Nystroem(gamma=1 / features, n_components=parts, random_state=seed)
    return make_pipeline(basis, linear())


def choose_model(X: np.ndarray, y: np.ndarray, seed: int = 0, folds: int = 5) -> SourceModel:
    """Return the model with the larger accuracy on held-out source rows.

    The kernel is taken only where it is better by more than one standard error of the difference.

    Parameters
    ----------
    X, y : arrays of shape (n, d) and (n,)
        The source, at least ``folds`` rows of each class.
    seed : int
        Of the folds and of the kernel features.
    folds : int
    """
    plain = held_out_model("linear", linear(), X, y, seed, folds)
    curved = held_out_model("kernel", kernel(X.shape[1], len(X), seed), X, y, seed, folds)
    gain = curved.right.astype(float) - plain.right
    return curved if gain.mean() > gain.std() / np.sqrt(len(gain)) else plain


def held_out_model(
    name: str, classifier: Any, X: np.ndarray, y: np.ndarray, seed: int = 0, folds: int = 5
) -> SourceModel:
    """Return one classifier with its answers on held-out source rows."""
    from sklearn.model_selection import StratifiedKFold, cross_val_predict
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    classes, codes = np.unique(y, return_inverse=True)
    split = StratifiedKFold(folds, shuffle=True, random_state=seed)
    model = make_pipeline(StandardScaler(), classifier)
    held_out = cross_val_predict(model, X, codes, cv=split, method="predict_proba")
    return SourceModel(name, classifier, classes, held_out, codes)
