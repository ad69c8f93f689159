"""The arms of chapter 14: three ways to see a text, two classifiers, and what adapts them.

An arm is a function ``(Xs, ys, Xt) -> predict`` on texts. ``GRID`` is what was tried for each arm,
``SETTINGS`` what won in the stored study ``text_tuning``, on pseudo-tasks made of the labeled
source alone: no torch text, labeled or not, chose anything.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import Any

import numpy as np
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_predict
from sklearn.naive_bayes import MultinomialNB
from sklearn.pipeline import make_pipeline

from tlbook import features
from tlbook._base.checks import check_choice, check_labels, check_texts
from tlbook.course.ch05_features.methods import UnitSpread
from tlbook.instances import em_prior, reweight_posteriors
from tlbook.text.self_training import SelfTraining

Predict = Callable[[Any], np.ndarray]

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


def spread_logistic(C: float = 1.0) -> Any:
    """Return logistic regression for dense rows, first brought to mean square distance 1."""
    return make_pipeline(UnitSpread(), LogisticRegression(C=C, max_iter=2000))


def gaussian(rho: float = 0.5) -> LinearDiscriminantAnalysis:
    """Return a Gaussian per class with one shrunk covariance: for embeddings what NB is for words.

    Like naive Bayes it models how the rows of a class lie, and not only where the border is.
    """
    return LinearDiscriminantAnalysis(solver="lsqr", shrinkage=rho)


def _classifier(kind: str, settings: dict[str, Any]) -> Any:
    if "alpha" in settings:
        return bayes(settings["alpha"])
    if "rho" in settings:
        return gaussian(settings["rho"])
    return (logistic if kind == "TF-IDF" else spread_logistic)(settings["C"])


# -- what adapts: (classifier, Zs, ys, Zt, settings) -> rows to labels -----------------------------


def _plain(model: Any, Zs: Any, ys: np.ndarray, Zt: Any) -> Predict:
    return model.fit(Zs, ys).predict


def _coral(
    model: Any, Zs: Any, ys: np.ndarray, Zt: Any, shrinkage: float, match_means: bool
) -> Predict:
    adapter = features.CORAL(shrinkage, match_means)
    return features.AdaptedClassifier(adapter, model, Zt).fit(Zs, ys).predict


def _tca(model: Any, Zs: Any, ys: np.ndarray, Zt: Any, n_components: int, mu: float) -> Predict:
    adapter = features.TCA(n_components=n_components, mu=mu)
    return features.AdaptedClassifier(adapter, model, Zt).fit(Zs, ys).predict


def _self_training(
    model: Any, Zs: Any, ys: np.ndarray, Zt: Any, keep: float, balanced: bool
) -> Predict:
    return SelfTraining(model, keep, balanced=balanced).fit(Zs, Zt, ys).predict


def _class_mix(model: Any, Zs: Any, ys: np.ndarray, Zt: Any, folds: int = 3) -> Predict:
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


ADAPTATIONS: dict[str, Callable[..., Predict]] = {
    "": _plain,
    "CORAL": _coral,
    "TCA": _tca,
    "self-training": _self_training,
    "class mix": _class_mix,
}


def _grid(**choices: tuple[Any, ...]) -> tuple[dict[str, Any], ...]:
    return tuple(dict(zip(choices, values, strict=True)) for values in product(*choices.values()))


_ALPHA = (0.003, 0.01, 0.03, 0.1, 0.3, 1.0)
_C = (1.0, 10.0, 100.0)  # for rows of mean square distance 1
_C_WORDS = (10.0, 100.0, 1000.0)  # for rows of length 1
_SELF = {"keep": (0.3, 0.6, 0.9), "balanced": (False, True)}
_RHO = (0.3, 0.6, 0.9, 0.99)
_CORAL = {"shrinkage": (0.1, 0.5, 0.9), "match_means": (False, True)}
_TCA = {"n_components": (20, 40), "mu": (1.0, 100.0)}

GRID: dict[str, tuple[dict[str, Any], ...]] = {
    "TF-IDF + NB": _grid(alpha=_ALPHA),
    "TF-IDF + NB + self-training": _grid(alpha=(0.01, 0.03, 0.1), **_SELF),
    "TF-IDF + NB + class mix": _grid(alpha=_ALPHA),
    "TF-IDF + LR": _grid(C=_C_WORDS),
    "TF-IDF + LR + self-training": _grid(C=(100.0, 1000.0), **_SELF),
    "TF-IDF + LR + class mix": _grid(C=_C_WORDS),
    "LSA + LR": _grid(C=_C),
    "LSA + LR + CORAL": _grid(C=(10.0, 100.0), **_CORAL),
    "LSA + LR + TCA": _grid(C=(10.0, 100.0), **_TCA),
    "MiniLM + LR": _grid(C=_C),
    "MiniLM + LR + self-training": _grid(C=(10.0, 100.0), **_SELF),
    "MiniLM + LR + class mix": _grid(C=_C),
    "MiniLM + LR + CORAL": _grid(C=(10.0, 100.0), **_CORAL),
    "MiniLM + Gaussians": _grid(rho=_RHO),
    "MiniLM + Gaussians + self-training": _grid(rho=_RHO[1:], **_SELF),
    "MiniLM + LR + TCA": _grid(C=(10.0, 100.0), **_TCA),
}
"""Arms and the settings tried; an arm's name says how a text is seen, what classifies, adapts."""


SETTINGS: dict[str, dict[str, Any]] = {
    "TF-IDF + NB": {"alpha": 0.01},
    "TF-IDF + NB + self-training": {"alpha": 0.03, "keep": 0.9, "balanced": False},
    "TF-IDF + NB + class mix": {"alpha": 0.03},
    "TF-IDF + LR": {"C": 1000.0},
    "TF-IDF + LR + self-training": {"C": 1000.0, "keep": 0.3, "balanced": False},
    "TF-IDF + LR + class mix": {"C": 1000.0},
    "LSA + LR": {"C": 100.0},
    "LSA + LR + CORAL": {"C": 100.0, "shrinkage": 0.5, "match_means": False},
    "LSA + LR + TCA": {"C": 10.0, "n_components": 20, "mu": 1.0},
    "MiniLM + LR": {"C": 100.0},
    "MiniLM + LR + self-training": {"C": 100.0, "keep": 0.6, "balanced": True},
    "MiniLM + LR + class mix": {"C": 100.0},
    "MiniLM + LR + CORAL": {"C": 100.0, "shrinkage": 0.9, "match_means": False},
    "MiniLM + Gaussians": {"rho": 0.9},
    "MiniLM + Gaussians + self-training": {"rho": 0.9, "keep": 0.9, "balanced": False},
    "MiniLM + LR + TCA": {"C": 100.0, "n_components": 40, "mu": 1.0},
}

CHOSEN = {"TF-IDF": "TF-IDF + NB + self-training", "MiniLM": "MiniLM + LR + class mix"}
"""The arm with the best mean on the pseudo-tasks among those on words, and among MiniLM's."""


def fit_arm(
    name: str, Xs: Any, ys: Any, Xt: Any, settings: dict[str, Any] | None = None
) -> Predict:
    """Fit one arm and return its function from texts to labels.

    Parameters
    ----------
    name : str
        A name in ``GRID``.
    Xs, ys : texts (n,) and labels (n,)
        Labeled source.
    Xt : texts (m,)
        Unlabeled target; arms that adapt use it. Words are learned from both domains.
    settings : dict, optional
        Instead of the arm's ``SETTINGS``.

    Raises
    ------
    ValueError
        If the name is unknown, or texts or labels do not fit.
    """
    check_choice(name, "name", GRID)
    source, target = check_texts(Xs, "Xs", min_rows=2), check_texts(Xt, "Xt", min_rows=1)
    labels = check_labels(ys, len(source), "ys", min_classes=2)
    kind, _, rest = name.partition(" + ")
    chosen = dict(SETTINGS[name] if settings is None else settings)
    rows = vectors(kind, source, target)
    model = _classifier(kind, chosen)
    for name_of_classifier in ("alpha", "C", "rho"):
        chosen.pop(name_of_classifier, None)
    adapt = ADAPTATIONS[rest.partition(" + ")[2]]
    answer = adapt(model, rows(source), labels, rows(target), **chosen)
    return lambda texts: answer(rows(check_texts(texts, "texts")))
