"""The remedies that need no target label, each as (Xs, ys, Xt, classifier) → fitted predictor."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.preprocessing import StandardScaler

from tlbook.features import CORAL, AdaptedClassifier, OptimalTransport, gradual_self_training
from tlbook.instances import KMM, DensityRatio, LabelShift

Predict = Callable[[np.ndarray], np.ndarray]
Fit = Callable[[np.ndarray, np.ndarray, np.ndarray, Any, int], Predict]


@dataclass(frozen=True)
class Remedy:
    """A method for a labeled source and an unlabeled target.

    Attributes
    ----------
    fit : function
        ``fit(Xs, ys, Xt, classifier, seed)`` returns ``predict``.
    code : tuple of str
        The lines that do it, for the reader's own script.
    """

    fit: Fit
    code: tuple[str, ...]


def _adapted(adapter: Callable[[int], Any], on: str = "source") -> Fit:
    def fit(Xs: np.ndarray, ys: np.ndarray, Xt: np.ndarray, classifier: Any, seed: int) -> Predict:
        model = AdaptedClassifier(adapter(seed), classifier, Xt, StandardScaler(), on)
        return model.fit(Xs, ys).predict

    return fit


def _scaled(Xs: np.ndarray, Xt: np.ndarray) -> tuple[StandardScaler, np.ndarray, np.ndarray]:
    scaler = StandardScaler().fit(Xs)
    return scaler, scaler.transform(Xs), scaler.transform(Xt)


def _label_shift(
    Xs: np.ndarray, ys: np.ndarray, Xt: np.ndarray, classifier: Any, seed: int
) -> Predict:
    scaler, source, target = _scaled(Xs, Xt)
    shift = LabelShift(classifier, folds=3, seed=seed).fit(source, target, ys)
    return lambda X: shift.predict(scaler.transform(X))


def _self_training(
    Xs: np.ndarray, ys: np.ndarray, Xt: np.ndarray, classifier: Any, seed: int
) -> Predict:
    scaler, source, target = _scaled(Xs, Xt)
    fitted = gradual_self_training(classifier, source, ys, [target, target], keep=0.8)
    return lambda X: fitted.predict(scaler.transform(X))


def _adapted_code(adapter: str, on: str = "source") -> tuple[str, ...]:
    each = ', preprocess_on="each"' if on == "each" else ""
    return (
        "from tlbook import features, instances",
        f"adapter = {adapter}",
        "model = features.AdaptedClassifier(",
        f"    adapter, classifier, Xt, preprocess=StandardScaler(){each}",
        ").fit(Xs, ys)",
        "answers = model.predict(Xt)",
    )


REMEDIES: dict[str, Remedy] = {
    "none": Remedy(_adapted(lambda seed: None), _adapted_code("None")),
    "density ratio": Remedy(
        _adapted(lambda seed: DensityRatio(clip=20, seed=seed)),
        _adapted_code("instances.DensityRatio(clip=20)"),
    ),
    "KMM": Remedy(_adapted(lambda seed: KMM(ridge=1)), _adapted_code("instances.KMM(ridge=1)")),
    "scaling per domain": Remedy(
        _adapted(lambda seed: None, "each"), _adapted_code("None", "each")
    ),
    "CORAL": Remedy(
        _adapted(lambda seed: CORAL(shrinkage="auto")),
        _adapted_code('features.CORAL(shrinkage="auto")'),
    ),
    "optimal transport": Remedy(
        _adapted(lambda seed: OptimalTransport()), _adapted_code("features.OptimalTransport()")
    ),
    "label-shift correction": Remedy(
        _label_shift,
        (
            "from tlbook import instances",
            "scaler = StandardScaler().fit(Xs)",
            "model = instances.LabelShift(classifier, folds=3)",
            "model.fit(scaler.transform(Xs), scaler.transform(Xt), ys)",
            "answers = model.predict(scaler.transform(Xt))",
        ),
    ),
    "self-training": Remedy(
        _self_training,
        (
            "from tlbook import features",
            "scaler = StandardScaler().fit(Xs)",
            "target = scaler.transform(Xt)",
            "model = features.gradual_self_training(",
            "    classifier, scaler.transform(Xs), ys, [target, target], keep=0.8",
            ")",
            "answers = model.predict(target)",
        ),
    ),
}
"""By name; the first is what all others are compared with."""
