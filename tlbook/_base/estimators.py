"""What the shallow methods share: one signature, ``fit(Xs, Xt, ys=None)``, and one input check."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.exceptions import NotFittedError

from tlbook._base.checks import check_array, check_labels, check_same_features


class PairEstimator(BaseEstimator):
    """An estimator that is fitted on a source and an unlabeled target, ``fit(Xs, Xt, ys=None)``.

    A subclass writes ``fit``; it begins with ``Xs, Xt = self._check_pair(Xs, Xt)`` (or
    ``_check_labeled_pair`` where the method needs source labels), which also sets
    ``n_features_in_`` and, for data frames, ``feature_names_in_``.
    """

    n_features_in_: int
    feature_names_in_: np.ndarray

    def _check_pair(self, Xs: Any, Xt: Any, min_rows: int = 2) -> tuple[np.ndarray, np.ndarray]:
        """Return source (n, d) and target (m, d) as float arrays and remember their features."""
        source, target = dense(Xs, "Xs", min_rows), dense(Xt, "Xt", min_rows)
        check_same_features(source, target, ("Xs", "Xt"))
        names = column_names(Xs)
        check_column_names(Xt, names, "Xt")
        self.n_features_in_ = source.shape[1]
        if names is not None:
            self.feature_names_in_ = names
        elif hasattr(self, "feature_names_in_"):
            del self.feature_names_in_
        return source, target

    def _check_labeled_pair(
        self, Xs: Any, Xt: Any, ys: Any, min_rows: int = 2, min_classes: int = 2
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """As ``_check_pair``, for a method that needs the source's labels."""
        source, target = self._check_pair(Xs, Xt, min_rows)
        if ys is None:
            raise ValueError(f"ys: got None, {type(self).__name__} needs the source's labels")
        return source, target, check_labels(ys, len(source), "ys", min_classes)

    def _check_rows(self, X: Any, name: str = "X") -> np.ndarray:
        """Return new rows as a float array with the features that ``fit`` saw.

        Raises
        ------
        sklearn.exceptions.NotFittedError
            If ``fit`` was not called.
        ValueError
            If the rows do not fit.
        """
        if not hasattr(self, "n_features_in_"):
            raise NotFittedError(f"this {type(self).__name__} is not fitted: call fit(Xs, Xt)")
        rows = dense(X, name)
        if rows.shape[1] != self.n_features_in_:
            raise ValueError(
                f"{name}: got {rows.shape[1]} features, want {self.n_features_in_} as in fit"
            )
        check_column_names(X, getattr(self, "feature_names_in_", None), name)
        return rows


def dense(X: Any, name: str, min_rows: int = 1) -> np.ndarray:
    """Return ``X`` as a dense (n, d) array of floats; float32 stays, all else becomes float64.

    Raises
    ------
    ValueError
        If ``X`` is sparse, not numeric, not two-dimensional, too short, or not finite.
    """
    from scipy.sparse import issparse

    if issparse(X):
        raise ValueError(
            f"{name}: got a sparse matrix, want a dense array "
            "(X.toarray() where it fits into memory, else TruncatedSVD first)"
        )
    if hasattr(X, "detach"):
        X = X.detach().cpu().numpy()
    rows = check_array(X, name, ndim=2, min_rows=min_rows)
    if rows.shape[1] == 0:
        raise ValueError(f"{name}: got shape {rows.shape}, want at least one feature")
    return rows if rows.dtype in (np.float32, np.float64) else rows.astype(np.float64)


def column_names(X: Any) -> np.ndarray | None:
    """Return the column names of a data frame, ``None`` for anything else."""
    columns = getattr(X, "columns", None)
    return None if columns is None else np.asarray(columns, dtype=object)


def check_column_names(X: Any, names: np.ndarray | None, name: str) -> None:
    """Refuse a data frame whose columns are not those of the first one, in the same order."""
    own = column_names(X)
    if own is not None and names is not None and list(own) != list(names):
        raise ValueError(f"{name}: got columns {list(own)[:6]}, want {list(names)[:6]} as in fit")
