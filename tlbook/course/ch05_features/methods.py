"""The methods of chapter 05 with settings that no target label chose.

Every aligner gets the same classifier, tuned in its own space by cross-validation on the mapped
source. ``GRID`` and ``SVM_GRID`` are what was tried, ``SETTINGS`` and ``SVM_SETTINGS`` what won in
the stored study ``feature_tuning``: aligners on pseudo-tasks (``feature_cases.PSEUDO``), the
support vector machines on ``signs-letters``.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from sklearn.svm import SVC

from tlbook import features
from tlbook._base.checks import check_choice
from tlbook.models import pretrained, untrained

STRENGTHS = (0.3, 3.0, 30.0, 300.0)
"""Inverse strengths C of the classifier's regularization, chosen by source cross-validation."""

ADAPTERS: dict[str, Callable[..., Any]] = {
    "no adaptation": lambda: None,
    "PCA": features.PCA,
    "TCA": features.TCA,
    "CORAL": features.CORAL,
    "subspace alignment": features.SubspaceAlignment,
    "optimal transport": lambda **settings: features.OptimalTransport(
        norm="median", tol=1e-4, **settings
    ),
    "JDA": lambda **settings: features.JDA(iterations=5, **settings),
}

GRID: dict[str, tuple[dict[str, Any], ...]] = {
    "no adaptation": ({},),
    "PCA": tuple({"n_components": k} for k in (10, 20, 40)),
    "TCA": tuple({"n_components": k, "mu": mu} for k in (20, 40) for mu in (1, 100)),
    "CORAL": tuple({"shrinkage": r} for r in (0.01, 0.1, 0.3, 0.6)),
    "subspace alignment": tuple({"n_components": k} for k in (10, 20, 40)),
    "optimal transport": ({}, {"reg": 0.03}, {"reg": 0.1}, {"reg": 0.1, "class_reg": 0.1}),
    "JDA": tuple({"n_components": k, "mu": mu} for k in (20, 40) for mu in (1, 100)),
}

SETTINGS: dict[str, dict[str, dict[str, Any]]] = {
    "digits": {
        "no adaptation": {},
        "PCA": {"n_components": 40},
        "TCA": {"n_components": 40, "mu": 100},
        "CORAL": {"shrinkage": 0.6},
        "subspace alignment": {"n_components": 20},
        "optimal transport": {"reg": 0.1, "class_reg": 0.1},
        "JDA": {"n_components": 20, "mu": 100},
    },
    "MiniLM": {
        "no adaptation": {},
        "PCA": {"n_components": 20},
        "TCA": {"n_components": 40, "mu": 1},
        "CORAL": {"shrinkage": 0.6},
        "subspace alignment": {"n_components": 10},
        "optimal transport": {"reg": 0.1},
        "JDA": {"n_components": 40, "mu": 1},
    },
    "TF-IDF": {
        "no adaptation": {},
        "PCA": {"n_components": 10},
        "TCA": {"n_components": 40, "mu": 1},
        "CORAL": {"shrinkage": 0.6},
        "subspace alignment": {"n_components": 40},
        "optimal transport": {"reg": 0.1},
        "JDA": {"n_components": 40, "mu": 1},
    },
}


def words(settings: dict[str, Any]) -> str:
    """Return settings as they stand in the stored tables."""
    return ", ".join(f"{k}={v}" for k, v in settings.items()) or "none"


class UnitSpread(TransformerMixin, BaseEstimator):
    r"""Divide by one number, so that rows have the mean square distance 1 from their mean.

    .. math:: x \mapsto x / s, \qquad s^2 = \tfrac1n \sum_i \|x_i - \bar x\|^2

    So C means the same in every space, and the shape of the cloud stays as the aligner made it.
    """

    def fit(self, X: Any, y: Any = None) -> UnitSpread:
        """Learn s from the rows (n, d)."""
        self.scale_ = float(np.sqrt(np.var(X, axis=0).sum())) or 1.0
        return self

    def transform(self, X: Any) -> np.ndarray:
        """Return ``X / s``."""
        return np.asarray(X) / self.scale_


def classifier() -> GridSearchCV:
    """Return logistic regression whose C is chosen by 3-fold cross-validation where it is fitted.

    It is fitted on the mapped source, so each aligner gets the C that suits its space.
    """
    model = make_pipeline(UnitSpread(), LogisticRegression(max_iter=2000))
    return GridSearchCV(model, {"logisticregression__C": list(STRENGTHS)}, cv=3)


def adapted(name: str, Xt: Any, **settings: Any) -> features.AdaptedClassifier:
    """Return an aligner and the common classifier, ready for ``fit(Xs, ys)``.

    Parameters
    ----------
    name : str
        A name in ``ADAPTERS``.
    Xt : array of shape (m, d)
        Unlabeled target.
    **settings
        Of the aligner.

    Raises
    ------
    ValueError
        If the name is unknown.
    """
    check_choice(name, "name", ADAPTERS)
    return features.AdaptedClassifier(ADAPTERS[name](**settings), classifier(), Xt)


def flat(X: Any) -> np.ndarray:
    """Return images as rows of float64."""
    return np.asarray(X, dtype=np.float64).reshape(len(X), -1)


# -- feature extraction and a support vector machine ----------------------------------------------


@lru_cache(maxsize=1)
def _signnet() -> Any:
    return pretrained("signnet")


REPRESENTATIONS: dict[str, Callable[[int], Any]] = {
    "pixels": lambda seed: FunctionTransformer(flat),
    "random features": lambda seed: features.DeepFeatures(untrained("signnet", seed=seed)),
    "deep features": lambda seed: features.DeepFeatures(_signnet()),
}

SVM_STRENGTHS = (0.01, 0.1, 1.0, 10.0, 100.0)

SVM_GRID: tuple[dict[str, Any], ...] = tuple(
    {"kernel": kernel, "C": C} for kernel in ("linear", "rbf") for C in SVM_STRENGTHS
)

SVM_SETTINGS: dict[str, dict[str, Any]] = {
    "pixels": {"kernel": "rbf", "C": 100.0},
    "random features": {"kernel": "rbf", "C": 10.0},
    "deep features": {"kernel": "rbf", "C": 1.0},
}


def svm(name: str, seed: int = 0, **settings: Any) -> Pipeline:
    """Return representation, scaler and SVM as one pipeline; ``fit(X, y)`` takes images.

    Parameters
    ----------
    name : str
        A name in ``REPRESENTATIONS``.
    seed : int
        Of the random network.
    **settings
        Of the SVM, instead of those in ``SVM_SETTINGS``.

    Raises
    ------
    ValueError
        If the name is unknown.
    """
    check_choice(name, "name", REPRESENTATIONS)
    chosen = settings or SVM_SETTINGS[name]
    return make_pipeline(REPRESENTATIONS[name](seed), StandardScaler(), SVC(**chosen))
