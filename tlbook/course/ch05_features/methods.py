"""The methods of chapter 05: an aligner and a classifier, or a representation and an SVM.

Every aligner gets the same classifier, tuned in its own space by cross-validation on the mapped
source. ``settings.py`` has the settings of both kinds.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from sklearn.svm import SVC

from tlbook import features
from tlbook.course.pretraining.networks import signnet
from tlbook.evaluation.compare import Predict
from tlbook.models import create

STRENGTHS = (0.3, 3.0, 30.0, 300.0)
"""Inverse strengths C of the classifier's regularization, chosen by source cross-validation."""


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


def spread_logistic(C: float = 1.0) -> Pipeline:
    """Return logistic regression for dense rows, first brought to mean square distance 1."""
    return make_pipeline(UnitSpread(), LogisticRegression(C=C, max_iter=2000))


def classifier() -> GridSearchCV:
    """Return logistic regression whose C is chosen by 3-fold cross-validation where it is fitted.

    It is fitted on the mapped source, so each aligner gets the C that suits its space.
    """
    return GridSearchCV(spread_logistic(), {"logisticregression__C": list(STRENGTHS)}, cv=3)


def flat(X: Any) -> np.ndarray:
    """Return images as rows of float64."""
    return np.asarray(X, dtype=np.float64).reshape(len(X), -1)


# -- aligners -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Aligned:
    """A method: align the source with the unlabeled target, then classify. No target label.

    Its settings are those of the aligner. The task's inputs are rows of numbers.

    Parameters
    ----------
    make_aligner : function
        ``make_aligner(**settings)`` returns a pair estimator, or ``None`` for no adaptation.
    make_classifier : function
        Returns the classifier of the mapped rows.
    """

    make_aligner: Callable[..., Any]
    make_classifier: Callable[[], Any] = classifier

    def fit(self, task: Any, seed: int, **settings: Any) -> features.AdaptedClassifier:
        """Return aligner and classifier, fitted on the task's source and unlabeled target."""
        aligner = self.make_aligner(**settings)
        model = features.AdaptedClassifier(aligner, self.make_classifier(), task.target.X)
        return model.fit(task.source.X, task.source.y)

    def __call__(self, task: Any, seed: int, **settings: Any) -> Predict:
        return self.fit(task, seed, **settings).predict


# In logarithms, as when the stored tables were made: at so large a ``tol`` the plain iteration may
# stop ten steps earlier or later, and a text or two changes sides.
TRANSPORT = partial(features.OptimalTransport, norm="median", tol=1e-4, logarithms=True)

METHODS: dict[str, Aligned] = {
    "no adaptation": Aligned(lambda: None),
    "PCA": Aligned(features.PCA),
    "TCA": Aligned(features.TCA),
    "CORAL": Aligned(features.CORAL),
    "subspace alignment": Aligned(features.SubspaceAlignment),
    "optimal transport": Aligned(TRANSPORT),
    "JDA": Aligned(partial(features.JDA, iterations=5)),
}


def target_supervised(task: Any, seed: int, k: int) -> Predict:
    """Fit the same classifier on ``k`` target labels per class and no source: a ceiling."""
    return classifier().fit(*task.label(k, seed)).predict


# -- feature extraction and a support vector machine ----------------------------------------------


@dataclass(frozen=True)
class SVM:
    """A method: a support vector machine in some representation, on ``k`` labels per class.

    Parameters
    ----------
    representation : function
        Of the seed; returns a transformer from inputs to rows that learns nothing.
    """

    representation: Callable[[int], Any]

    def __call__(
        self, task: Any, seed: int, k: int, kernel: str = "rbf", C: float = 1.0
    ) -> Predict:
        machine = SVC(kernel=kernel, C=C)
        model = make_pipeline(self.representation(seed), StandardScaler(), machine)
        return model.fit(*task.label(k, seed)).predict


SVMS: dict[str, SVM] = {
    "pixels": SVM(lambda seed: FunctionTransformer(flat)),
    "random features": SVM(lambda seed: features.DeepFeatures(create("signnet", seed=seed))),
    "deep features": SVM(lambda seed: features.DeepFeatures(signnet())),
}
