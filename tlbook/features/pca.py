"""Principal components: the baseline that knows nothing of two domains."""

from __future__ import annotations

from typing import Any

import numpy as np
import sklearn.decomposition

from tlbook._base.checks import check_choice
from tlbook._base.named import named
from tlbook.features._base import PairTransformer, check_components


class PCA(PairTransformer):
    r"""Project both domains onto the same principal components (主成分分析).

    .. math:: z = P (x - \bar x), \qquad P = \text{leading eigenvectors of the covariance}

    The baseline: one map for both domains, chosen for variance and not for likeness. A shift
    along a leading component goes through unchanged.

    Parameters
    ----------
    n_components : int or float
        Components to keep. A number below 1 keeps the fewest that hold this share of the variance.
    on : {"both", "source"}
        Rows whose mean and covariance are used: both domains pooled, or the source only.

    Attributes
    ----------
    components_ : array of shape (n_components, d)
        Orthonormal rows.
    mean_ : array of shape (d,)
    explained_variance_ : array of shape (n_components,)
        In squared units of the features.

    Raises
    ------
    ValueError
        If the inputs do not fit, or there are fewer rows or features than components.
    """

    @named
    def __init__(self, n_components: float = 0.95, on: str = "both") -> None:
        self.n_components = n_components
        self.on = on

    def fit(self, Xs: Any, Xt: Any, ys: Any = None) -> PCA:
        """Find the components of source (n, d) and target (m, d); labels are not used."""
        source, target = self._check_double_pair(Xs, Xt)
        check_choice(self.on, "on", ("both", "source"))
        rows = source if self.on == "source" else np.concatenate([source, target])
        fitted = principal_components(rows, self.n_components)
        self.components_, self.mean_ = fitted.components_, fitted.mean_
        self.explained_variance_ = fitted.explained_variance_
        return self

    def _map_source(self, rows: np.ndarray) -> np.ndarray:
        return (rows - self.mean_) @ self.components_.T

    _map_target = _map_source


def principal_components(X: np.ndarray, n_components: Any) -> sklearn.decomposition.PCA:
    """Return scikit-learn's PCA of the rows, exact and deterministic."""
    n, d = X.shape
    if isinstance(n_components, float) and 0 < n_components < 1:
        k: float = n_components
    else:
        k = check_components(n_components, min(n - 1, d), f"{n} rows of {d} features")
    solver = "covariance_eigh" if n > 2 * d else "full"
    return sklearn.decomposition.PCA(k, svd_solver=solver).fit(X)
