"""Naive Bayes on words, taken apart: what it may see, how it smooths, which classes it expects.

``WORD_METHODS`` crosses four choices: words of the source alone or of both domains, scikit-learn's
smoothing or a class-neutral one, the class mix of the labels or an even one, with or without
self-training. Four more arms carry a second regard: the even class mix for the encoder.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import ComplementNB, MultinomialNB
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.utils.class_weight import compute_sample_weight

from tlbook._base.checks import check_choice
from tlbook.course.ch05_features.methods import UnitSpread
from tlbook.course.ch14_text_practice.methods import (
    TextMethod,
    logistic,
    no_adaptation,
    self_training,
    shared_out,
    vectors,
)
from tlbook.evaluation.compare import Predict
from tlbook.text.naive_bayes import NeutralNB

VOCABULARIES = ("source", "both")


@dataclass(frozen=True)
class WordMethod:
    """A method: TF-IDF rows over a vocabulary, then a classifier, then what adapts it.

    Parameters
    ----------
    vocabulary : {"source", "both"}
        Whose words (and document frequencies) there are. With ``"source"`` a word that only the
        target has is left out, also where the classifier is adapted to the target.
    make_classifier : function
        Of its settings.
    adapt : function
        As in :class:`TextMethod`.
    """

    vocabulary: str
    make_classifier: Callable[..., Any]
    adapt: Callable[..., Predict] = no_adaptation

    def __call__(self, task: Any, seed: int, **settings: Any) -> Predict:
        of_classifier, of_adaptation = shared_out(settings, self.make_classifier, self.adapt)
        check_choice(self.vocabulary, "vocabulary", VOCABULARIES)
        seen = task.target.X if self.vocabulary == "both" else ()
        rows = vectors("TF-IDF", task.source.X, seen)
        Zs, Zt, model = (
            rows(task.source.X),
            rows(task.target.X),
            self.make_classifier(**of_classifier),
        )
        answer = self.adapt(model, Zs, Zt, task.source.y, **of_adaptation)
        return lambda texts: answer(rows(texts))


# -- classifiers -----------------------------------------------------------------------------------


def usual(alpha: float = 1.0) -> MultinomialNB:
    """Return scikit-learn's naive Bayes."""
    return MultinomialNB(alpha=alpha)


def usual_even(alpha: float = 1.0) -> MultinomialNB:
    """Return the same that expects all classes equally often."""
    return MultinomialNB(alpha=alpha, fit_prior=False)


def neutral(alpha: float = 1.0) -> NeutralNB:
    """Return naive Bayes to which an unseen word says nothing."""
    return NeutralNB(alpha)


def neutral_even(alpha: float = 1.0) -> NeutralNB:
    """Return the same that expects all classes equally often."""
    return NeutralNB(alpha, fit_prior=False)


def complement(alpha: float = 1.0) -> ComplementNB:
    """Return scikit-learn's naive Bayes for classes of unequal size."""
    return ComplementNB(alpha=alpha)


class BalancedNB(MultinomialNB):
    """Naive Bayes on texts that are weighted so that every class counts the same."""

    def fit(self, X: Any, y: Any) -> BalancedNB:
        """Learn from rows (n, V) with labels (n,)."""
        return super().fit(X, y, sample_weight=compute_sample_weight("balanced", y))


def balanced(alpha: float = 1.0) -> BalancedNB:
    """Return naive Bayes on a balanced source."""
    return BalancedNB(alpha=alpha)


def even_logistic(C: float = 1.0) -> Pipeline:
    """Return logistic regression for embeddings on texts weighted as for ``balanced``."""
    model = LogisticRegression(C=C, max_iter=2000, class_weight="balanced")
    return make_pipeline(UnitSpread(), model)


class EvenGaussian(ClassifierMixin, BaseEstimator):
    """A Gaussian per class with one shrunk covariance; all classes are equally likely."""

    def __init__(self, rho: float = 0.5) -> None:
        self.rho = rho

    def fit(self, X: np.ndarray, y: np.ndarray) -> EvenGaussian:
        """Learn from rows (n, d) with labels (n,)."""
        k = len(np.unique(y))
        self.model_ = LinearDiscriminantAnalysis(
            solver="lsqr", shrinkage=self.rho, priors=np.full(k, 1 / k)
        ).fit(X, y)
        self.classes_ = self.model_.classes_
        return self

    def predict(self, X: np.ndarray) -> np.ndarray:
        """Return the label of each row."""
        return self.model_.predict(X)

    def predict_proba(self, X: np.ndarray) -> np.ndarray:
        """Return the probabilities (n, k)."""
        return self.model_.predict_proba(X)


# -- the arms --------------------------------------------------------------------------------------

CLASSIFIERS: dict[str, Callable[..., Any]] = {
    "NB": usual,
    "NB, even mix": usual_even,
    "neutral NB": neutral,
    "neutral NB, even mix": neutral_even,
    "balanced NB": balanced,
    "complement NB": complement,
}
WAYS: dict[str, Callable[..., Predict]] = {"": no_adaptation, " + self-training": self_training}


def name_of(classifier: str, vocabulary: str, way: str) -> str:
    """Return the name of an arm on words.

    Examples
    --------
    >>> name_of("NB", "source", " + self-training")
    'NB + self-training (source words)'
    """
    return f"{classifier}{way} ({vocabulary} words)"


WORD_METHODS: dict[str, Any] = {
    name_of(name, vocabulary, way): WordMethod(vocabulary, make, WAYS[way])
    for (name, make), vocabulary, way in product(CLASSIFIERS.items(), VOCABULARIES, WAYS)
} | {
    "LR (source words)": WordMethod("source", logistic),
    "MiniLM + LR, even mix": TextMethod("MiniLM", even_logistic),
    "MiniLM + LR, even mix + self-training": TextMethod("MiniLM", even_logistic, self_training),
    "MiniLM + Gaussians, even mix": TextMethod("MiniLM", EvenGaussian),
    "MiniLM + Gaussians, even mix + self-training": TextMethod(
        "MiniLM", EvenGaussian, self_training
    ),
}
