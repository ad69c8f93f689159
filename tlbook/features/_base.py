"""What the aligners share: checks, the width of floats, and ``fit_transform``."""

from __future__ import annotations

from typing import Any

import numpy as np

from tlbook._base.checks import check_positive
from tlbook._base.estimators import PairEstimator


class PairTransformer(PairEstimator):
    """A pair estimator that maps rows of both domains.

    A subclass writes ``fit``, ``_map_source`` and ``_map_target``. The work is done in double
    precision; what comes out has the type of what went in.
    """

    def fit(self, Xs: Any, Xt: Any, ys: Any = None) -> PairTransformer:
        """Learn the map from source (n, d) and target (m, d)."""
        raise NotImplementedError

    def transform_source(self, X: Any) -> np.ndarray:
        """Map rows (k, d) of the source. Every row is mapped by itself; nothing is refitted.

        Raises
        ------
        sklearn.exceptions.NotFittedError
            If ``fit`` was not called.
        ValueError
            If the rows do not have the features of the fit.
        """
        rows = self._check_rows(X)
        return self._map_source(rows.astype(np.float64)).astype(rows.dtype, copy=False)

    def transform_target(self, X: Any) -> np.ndarray:
        """Map rows (k, d) of the target. Every row is mapped by itself; nothing is refitted.

        Raises
        ------
        sklearn.exceptions.NotFittedError
            If ``fit`` was not called.
        ValueError
            If the rows do not have the features of the fit.
        """
        rows = self._check_rows(X)
        return self._map_target(rows.astype(np.float64)).astype(rows.dtype, copy=False)

    def fit_transform(self, Xs: Any, Xt: Any, ys: Any = None) -> tuple[np.ndarray, np.ndarray]:
        """Fit, and return both mapped samples, ``(Zs, Zt)``."""
        self.fit(Xs, Xt, ys)
        return self.transform_source(Xs), self.transform_target(Xt)

    def _check_double_pair(self, Xs: Any, Xt: Any) -> tuple[np.ndarray, np.ndarray]:
        source, target = self._check_pair(Xs, Xt)
        return source.astype(np.float64, copy=False), target.astype(np.float64, copy=False)

    def _map_source(self, rows: np.ndarray) -> np.ndarray:
        raise NotImplementedError

    def _map_target(self, rows: np.ndarray) -> np.ndarray:
        raise NotImplementedError


def check_components(n_components: Any, limit: int, why: str) -> int:
    """Return ``n_components`` if it is an integer in 1 … ``limit``; ``why`` explains the limit."""
    check_positive(n_components, "n_components", integer=True)
    if n_components > limit:
        raise ValueError(f"n_components: got {n_components}, want at most {limit} ({why})")
    return int(n_components)
