"""The methods of chapter 14: three ways to see a text, four classifiers, and what adapts them.

``METHODS`` learn from labeled source texts and unlabeled target texts; ``FEW_LABEL_METHODS`` also
from ``k`` labels per topic of the target. ``settings.py`` has what was tried and what won.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_predict
from sklearn.naive_bayes import MultinomialNB

from tlbook import features
from tlbook._base.checks import check_choice, check_labels, check_positive, check_texts
from tlbook.course.ch05_features.methods import spread_logistic
from tlbook.evaluation.compare import Predict
from tlbook.instances import em_prior, reweight_posteriors
from tlbook.text.self_training import SelfTraining

COMPONENTS = 100
"""Dimensions of latent semantic analysis."""

KINDS = ("TF-IDF", "LSA", "MiniLM")


def vectors(kind: str, Xs: Any, Xt: Any = ()) -> Callable[[Any], Any]:
    """Return a function from texts to rows: sparse for TF-IDF, dense for the other two.

    Words, their weights and singular vectors are learned from all texts given, which need no
    labels; MiniLM learns nothing.

    Raises
    ------
    ValueError
        If the kind is unknown.
    """
    from tlbook.text import embed, tfidf

    if check_choice(kind, "kind", KINDS) == "MiniLM":
        return lambda texts: embed(texts, device="cpu").astype(np.float64)
    return tfidf(COMPONENTS if kind == "LSA" else None).fit([*Xs, *Xt]).transform


def bayes(alpha: float = 1.0) -> MultinomialNB:
    """Return multinomial naive Bayes; its class mix is that of the source."""
    return MultinomialNB(alpha=alpha)


def logistic(C: float = 1.0) -> LogisticRegression:
    """Return logistic regression for rows of length one that are sparse."""
    return LogisticRegression(C=C, max_iter=2000)


def gaussian(rho: float = 0.5) -> LinearDiscriminantAnalysis:
    """Return a Gaussian per class with one shrunk covariance: for embeddings what NB is for words.

    Like naive Bayes it models how the rows of a class lie, and not only where the border is.
    """
    return LinearDiscriminantAnalysis(solver="lsqr", shrinkage=rho)


# -- what adapts: (classifier, Zs, Zt, ys, settings) -> rows to labels -----------------------------


def no_adaptation(model: Any, Zs: Any, Zt: Any, ys: np.ndarray) -> Predict:
    """Fit on the source alone."""
    return model.fit(Zs, ys).predict


def coral(
    model: Any, Zs: Any, Zt: Any, ys: np.ndarray, *, shrinkage: float, match_means: bool
) -> Predict:
    """Align covariances (and means) first."""
    adapter = features.CORAL(shrinkage, match_means)
    return features.AdaptedClassifier(adapter, model, Zt).fit(Zs, ys).predict


def tca(model: Any, Zs: Any, Zt: Any, ys: np.ndarray, *, n_components: int, mu: float) -> Predict:
    """Look for shared components first."""
    adapter = features.TCA(n_components=n_components, mu=mu)
    return features.AdaptedClassifier(adapter, model, Zt).fit(Zs, ys).predict


def self_training(
    model: Any, Zs: Any, Zt: Any, ys: np.ndarray, *, keep: float, balanced: bool
) -> Predict:
    """Fit again and again, with the surest answers on the target as labels."""
    return SelfTraining(model, keep, balanced=balanced).fit(Zs, Zt, ys).predict


def class_mix(model: Any, Zs: Any, Zt: Any, ys: np.ndarray, *, folds: int = 3) -> Predict:
    """Estimate the target's class mix by EM and correct the posteriors for it."""
    classes, counts = np.unique(ys, return_counts=True)
    held_out = cross_val_predict(model, Zs, ys, cv=folds, method="predict_proba")
    temper = _temperature(held_out, np.searchsorted(classes, ys))
    model.fit(Zs, ys)
    mix = em_prior(_tempered(model.predict_proba(Zt), temper), counts / counts.sum())

    def predict(Z: Any) -> np.ndarray:
        P = _tempered(model.predict_proba(Z), temper)
        return classes[reweight_posteriors(P, mix.source, mix.prior).argmax(axis=1)]

    return predict


def _temperature(P: np.ndarray, y: np.ndarray) -> float:
    """Return the exponent that calibrates held-out posteriors best: EM needs calibrated ones."""
    exponents = 2.0 ** np.linspace(-3, 3, 25)
    rows = np.arange(len(y))
    loss = [-np.log(_tempered(P, b)[rows, y]).mean() for b in exponents]
    return float(exponents[np.argmin(loss)])


def _tempered(P: np.ndarray, exponent: float) -> np.ndarray:
    Q = np.clip(P, 1e-12, 1.0) ** exponent
    return Q / Q.sum(axis=1, keepdims=True)


# -- methods without a target label ----------------------------------------------------------------


@dataclass(frozen=True)
class TextMethod:
    """A method: see texts as rows, adapt, classify. Its settings are those of both functions.

    Parameters
    ----------
    kind : str
        Of the vectors, one of ``KINDS``; words are learned from both domains.
    make_classifier : function
        Of its settings.
    adapt : function
        ``adapt(classifier, Zs, Zt, ys, **settings)`` returns a function from rows to labels.
    """

    kind: str
    make_classifier: Callable[..., Any]
    adapt: Callable[..., Predict] = no_adaptation

    def __call__(self, task: Any, seed: int, **settings: Any) -> Predict:
        of_classifier, of_adaptation = shared_out(settings, self.make_classifier, self.adapt)
        source = check_texts(task.source.X, "source X", min_rows=2)
        labels = check_labels(task.source.y, len(source), "source y", min_classes=2)
        rows = vectors(self.kind, source, task.target.X)
        model = self.make_classifier(**of_classifier)
        answer = self.adapt(model, rows(source), rows(task.target.X), labels, **of_adaptation)
        return lambda texts: answer(rows(check_texts(texts, "texts")))


def shared_out(settings: Mapping[str, Any], *functions: Callable[..., Any]) -> list[dict[str, Any]]:
    """Return for each function those of the settings that it takes.

    Raises
    ------
    ValueError
        If none of them takes one of the settings.
    """
    taken = [inspect.signature(function).parameters for function in functions]
    for name in settings:
        if not any(name in names for names in taken):
            known = [n for function, names in zip(functions, taken, strict=True) for n in names]
            raise ValueError(f"settings: got {name!r}, want some of {', '.join(known)}")
    return [{k: v for k, v in settings.items() if k in names} for names in taken]


METHODS: dict[str, TextMethod] = {
    "TF-IDF + NB": TextMethod("TF-IDF", bayes),
    "TF-IDF + NB + self-training": TextMethod("TF-IDF", bayes, self_training),
    "TF-IDF + NB + class mix": TextMethod("TF-IDF", bayes, class_mix),
    "TF-IDF + LR": TextMethod("TF-IDF", logistic),
    "TF-IDF + LR + self-training": TextMethod("TF-IDF", logistic, self_training),
    "TF-IDF + LR + class mix": TextMethod("TF-IDF", logistic, class_mix),
    "LSA + LR": TextMethod("LSA", spread_logistic),
    "LSA + LR + CORAL": TextMethod("LSA", spread_logistic, coral),
    "LSA + LR + TCA": TextMethod("LSA", spread_logistic, tca),
    "MiniLM + LR": TextMethod("MiniLM", spread_logistic),
    "MiniLM + LR + self-training": TextMethod("MiniLM", spread_logistic, self_training),
    "MiniLM + LR + class mix": TextMethod("MiniLM", spread_logistic, class_mix),
    "MiniLM + LR + CORAL": TextMethod("MiniLM", spread_logistic, coral),
    "MiniLM + Gaussians": TextMethod("MiniLM", gaussian),
    "MiniLM + Gaussians + self-training": TextMethod("MiniLM", gaussian, self_training),
    "MiniLM + LR + TCA": TextMethod("MiniLM", spread_logistic, tca),
}


# -- methods with a few target labels --------------------------------------------------------------


@dataclass(frozen=True)
class FewLabelMethod:
    """A method: one classifier on ``k`` labels per topic of the target, with the source or without.

    A labeled target text counts ``weight`` source texts: it is the λ of ``L_S + λ L_T`` (chapter
    09). TF-IDF learns its words from the unlabeled target too.

    Parameters
    ----------
    kind, make_classifier
        As in :class:`TextMethod`.
    source : bool
        Whether the source is learned from too. Without it ``k`` is at least 1.
    """

    kind: str
    make_classifier: Callable[..., Any]
    source: bool = True

    def __call__(
        self, task: Any, seed: int, k: int, weight: float = 1.0, **settings: Any
    ) -> Predict:
        check_positive(weight, "weight")
        (settings,) = shared_out(settings, self.make_classifier)
        if not (k or self.source):
            raise ValueError(
                "k: got 0, want at least 1: without the source nothing else has labels"
            )
        parts = [(task.source.X, task.source.y, 1.0)] if self.source else []
        parts += [(*task.label(k, seed), weight)] if k else []
        texts, labels = (np.concatenate([part[i] for part in parts]) for i in (0, 1))
        weights = np.concatenate([np.full(len(y), each) for _, y, each in parts])
        rows, model = vectors(self.kind, texts, task.target.X), self.make_classifier(**settings)
        model.fit(rows(texts), labels, **{_weight_argument(model): weights})
        return lambda X: model.predict(rows(check_texts(X, "texts")))


def _weight_argument(model: Any) -> str:
    steps = getattr(model, "steps", None)  # of a pipeline
    return f"{steps[-1][0]}__sample_weight" if steps else "sample_weight"


FEW_LABEL_METHODS: dict[str, FewLabelMethod] = {
    "TF-IDF + NB, source too": FewLabelMethod("TF-IDF", bayes),
    "TF-IDF + LR, source too": FewLabelMethod("TF-IDF", logistic),
    "MiniLM + LR, source too": FewLabelMethod("MiniLM", spread_logistic),
    "TF-IDF + NB, target only": FewLabelMethod("TF-IDF", bayes, source=False),
    "TF-IDF + LR, target only": FewLabelMethod("TF-IDF", logistic, source=False),
    "MiniLM + LR, target only": FewLabelMethod("MiniLM", spread_logistic, source=False),
}
