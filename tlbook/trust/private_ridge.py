"""A linear classifier whose training rows stay private: ridge from noisy sums."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.exceptions import NotFittedError

from tlbook._base.checks import check_labels, check_positive
from tlbook._base.estimators import dense
from tlbook._base.named import named
from tlbook.trust.privacy import rho_of


class PrivateRidge(ClassifierMixin, BaseEstimator):
    r"""Ridge regression on one-hot classes, from sums with Gaussian noise.

    .. math:: \hat W = \left( X^\top X + E + \lambda I \right)^{-1} \left( X^\top Y + F \right)

    Each row is shortened to the norm ``bound`` R, a constant column is appended within it, and Y is
    one-hot. Adding or removing a row moves XᵀX by at most R² and XᵀY by at most R in the Frobenius
    norm, so symmetric Gaussian noise E and F with R² / √(2ρ₁) and R / √(2ρ₂) on the entries (of the
    upper triangle) costs ρ₁ + ρ₂ = ρ. Everything after the two sums is free: privacy does not
    shrink by computing.

    The scale of the features, the classes and R must not come from the private rows: take them from
    public ones.

    Parameters
    ----------
    epsilon : float
        Privacy loss; ``inf`` for ridge without noise.
    delta : float in (0, 1)
    bound : float
        R, the norm to which rows are shortened.
    ridge : float, optional
        λ. If left out 4 σ √d, twice the size of the noise's largest eigenvalue (once would leave
        the sum nearly singular), and at least 1e-3 R².
    classes : sequence, optional
        All classes. Those of ``y`` if left out, which then are taken to be public.
    seed : int
        Of the noise. For real privacy draw it from ``secrets`` and forget it.

    Attributes
    ----------
    classes_ : array of shape (k,)
    coef_ : array of shape (d + 1, k)
        The last row belongs to the constant.
    rho_ : float
        The budget spent in zCDP; ``inf`` without noise.

    References
    ----------
    Dwork, Talwar, Thakurta and Zhang, Analyze Gauss, STOC 2014. Mehta et al., Large scale transfer
    learning for differentially private image classification, TMLR 2023 (least squares).

    Examples
    --------
    >>> import numpy as np
    >>> from tlbook.trust import PrivateRidge
    >>> rng = np.random.default_rng(0)
    >>> y = np.arange(600) % 3
    >>> X = np.eye(3)[y] + 0.2 * rng.normal(size=(600, 3))
    >>> [round(PrivateRidge(e, 1e-5).fit(X, y).score(X, y), 1) for e in (0.01, 1.0, np.inf)]
    [0.6, 1.0, 1.0]
    """

    @named
    def __init__(
        self,
        epsilon: float = 1.0,
        delta: float = 1e-5,
        bound: float = 1.0,
        ridge: float | None = None,
        classes: Any = None,
        seed: int = 0,
    ) -> None:
        self.epsilon = epsilon
        self.delta = delta
        self.bound = bound
        self.ridge = ridge
        self.classes = classes
        self.seed = seed

    def fit(self, X: Any, y: Any) -> PrivateRidge:
        """Learn from private rows, shape (n, d), and their classes, shape (n,).

        Raises
        ------
        ValueError
            If shapes or parameters do not fit, or a label is none of ``classes``.
        """
        rows = self._rows(X)
        labels = check_labels(y, len(rows), "y")
        self.classes_ = np.unique(labels if self.classes is None else self.classes)
        if len(np.setdiff1d(labels, self.classes_)):
            raise ValueError("y: got a label that is none of classes, want those only")
        targets = (labels[:, None] == self.classes_).astype(np.float64)
        gram, moments = rows.T @ rows, rows.T @ targets
        self.rho_ = rho_of(self.epsilon, self.delta) if self.epsilon != np.inf else np.inf
        # Half of ρ for each of the two sums; sensitivities R² and R.
        spread = 1 / np.sqrt(self.rho_)
        rng = np.random.default_rng(self.seed)
        upper = np.triu(rng.normal(scale=spread * self.bound**2, size=gram.shape))
        gram = gram + upper + np.triu(upper, 1).T
        moments = moments + rng.normal(scale=spread * self.bound, size=moments.shape)
        d = len(gram)
        least = self.bound**2 * max(4 * spread * np.sqrt(d), 1e-3)
        ridge = least if self.ridge is None else check_positive(self.ridge, "ridge", zero_ok=True)
        # A symmetric, perhaps indefinite matrix: the pseudo-inverse, never a square root.
        self.coef_ = np.linalg.pinv(gram + ridge * np.eye(d), hermitian=True) @ moments
        self.n_features_in_ = d - 1
        return self

    def decision_function(self, X: Any) -> np.ndarray:
        """Return the score of each class, shape (n, k).

        Raises
        ------
        sklearn.exceptions.NotFittedError
            If ``fit`` was not called.
        ValueError
            If rows do not fit.
        """
        if not hasattr(self, "coef_"):
            raise NotFittedError("this PrivateRidge is not fitted: call fit(X, y)")
        rows = self._rows(X)
        if rows.shape[1] - 1 != self.n_features_in_:
            raise ValueError(f"X: got {rows.shape[1] - 1} features, want {self.n_features_in_}")
        return rows @ self.coef_

    def predict(self, X: Any) -> np.ndarray:
        """Return the class of the largest score for each row, shape (n,)."""
        return self.classes_[self.decision_function(X).argmax(axis=1)]

    def _rows(self, X: Any) -> np.ndarray:
        """Return rows with a constant column, shortened to the norm ``bound``."""
        R = check_positive(self.bound, "bound")
        rows = dense(X, "X").astype(np.float64)
        rows = np.hstack([rows, np.full((len(rows), 1), R / 2)])
        norms = np.linalg.norm(rows, axis=1, keepdims=True)
        return rows * np.minimum(1, R / norms)
