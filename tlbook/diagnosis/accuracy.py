"""What will the source model score on the target? Several estimates, each with its blind spot."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from tlbook.diagnosis.bench import further
from tlbook.diagnosis.label_mix import LabelMix
from tlbook.diagnosis.source_model import SourceModel, linear
from tlbook.selection import agreement_on_the_line, confidence_drop, thresholded_confidence


@dataclass(frozen=True)
class Estimate:
    """An estimated accuracy on the target, in percent, with a 95 % bootstrap interval.

    The interval holds for the rows that happened to be drawn; it knows nothing of ``blind_to``.
    """

    name: str
    value: float
    low: float
    high: float
    assumes: str
    blind_to: str


LABELED = "labeled target rows"

RIGHTS = {
    "held-out source rows": ("nothing has changed", "every shift"),
    "weighted source rows": (
        "the answer to each input is the same (covariate shift), and the domains overlap",
        "changed answers, and target rows where the source has none",
    ),
    "new class mix": (
        "the inputs of each class are the same (label shift)",
        "classes that look different in the target",
    ),
    "confidence threshold (ATC)": (
        "sure answers are as often right as in the source",
        "a model that is sure and wrong",
    ),
    "confidence drop (DoC)": (
        "the model is as over-confident in the target as in the source",
        "a model that is more over-confident in the target, as many are",
    ),
    "agreement on the line": (
        "accuracies of models move as their agreements do",
        "mistakes that all models make together",
    ),
    "rehearsals": (
        "the target came about as the assumptions say that fit",
        "another change that leaves the same inputs",
    ),
    LABELED: ("they were drawn at random", "nothing but their number"),
}
"""What each estimate takes for granted, and what it cannot see."""


def estimate_accuracy(
    model: SourceModel,
    on_target: np.ndarray,
    weights: np.ndarray,
    mix: LabelMix,
    resamples: int = 200,
    seed: int = 0,
) -> list[Estimate]:
    """Return the estimates that need one model.

    Parameters
    ----------
    model : SourceModel
    on_target : array of shape (m, k)
        Its class probabilities on the target.
    weights : array of shape (n,)
        Density ratios of the source rows.
    mix : LabelMix
    resamples, seed : int
        Of the bootstrap over the rows of both domains.
    """
    rng = np.random.default_rng(seed)
    everyone = np.arange(len(model.codes)), np.arange(len(on_target))
    names = list(RIGHTS)[:5]
    value = _estimates(model, on_target, weights, mix, *everyone)
    drawn = np.array(
        [
            _estimates(model, on_target, weights, mix, *(rng.choice(r, len(r)) for r in everyone))
            for _ in range(resamples)
        ]
    )
    low, high = np.nanquantile(drawn, [0.025, 0.975], axis=0)
    return [
        Estimate(name, 100 * float(v), 100 * float(lo), 100 * float(hi), *RIGHTS[name])
        for name, v, lo, hi in zip(names, value, low, high, strict=True)
    ]


def _estimates(
    model: SourceModel,
    on_target: np.ndarray,
    weights: np.ndarray,
    mix: LabelMix,
    own: np.ndarray,
    other: np.ndarray,
) -> np.ndarray:
    held, codes, right, w = model.held_out[own], model.codes[own], model.right[own], weights[own]
    there = on_target[other]
    recalls = np.array(
        [right[codes == c].mean() if (codes == c).any() else np.nan for c in range(len(mix.source))]
    )
    return np.array(
        [
            right.mean(),
            w @ right / w.sum(),
            np.nansum(mix.target * recalls),
            thresholded_confidence(held, codes, there, "largest"),
            confidence_drop(held, codes, there),
        ]
    )


def agreement_estimate(X: np.ndarray, y: np.ndarray, Xt: np.ndarray, seed: int = 0) -> Any:
    """Return the estimate from the agreement of seven models, or None where it cannot be made.

    The models learn from growing parts of one half of the source; the other half and the target
    judge their agreement. The interval is the one over four such halves (Student).
    """
    values = []
    for r in range(4):
        try:
            values.append(100 * _on_the_line(X, y, Xt, seed + r))
        except ValueError:  # all models agree
            continue
    if len(values) < 4:
        return None
    from tlbook.evaluation import t_interval

    found, name = t_interval(values), "agreement on the line"
    low, high = max(0.0, found.low), min(100.0, found.high)
    return Estimate(name, found.mean, low, high, *RIGHTS[name])


def _on_the_line(X: np.ndarray, y: np.ndarray, Xt: np.ndarray, seed: int) -> float:
    from sklearn.model_selection import train_test_split
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    codes = np.unique(y, return_inverse=True)[1]
    parts = train_test_split(X, codes, test_size=0.5, stratify=codes, random_state=seed)
    seen, held, of_seen, of_held = parts
    rng = np.random.default_rng(seed)
    k, source, target = len(np.unique(codes)), [], []
    for share in (0.1, 0.15, 0.2, 0.3, 0.5, 0.7, 1.0):
        size = min(len(seen), max(3 * k, int(share * len(seen))))
        rows = rng.permutation(len(seen))[:size]
        if len(np.unique(of_seen[rows])) < 2:
            continue
        fitted = make_pipeline(StandardScaler(), linear()).fit(seen[rows], of_seen[rows])
        source.append(fitted.predict(held))
        target.append(fitted.predict(Xt))
    return float(agreement_on_the_line(source, of_held, target).accuracies[-1])


def rehearsed(
    accuracies: Mapping[str, Mapping[str, np.ndarray]], less_certain: Collection[str] = ()
) -> Estimate | None:
    """Return the accuracy of the source model in the rehearsals, or None where there was none.

    The interval is that of one further rehearsal, from the lowest to the highest assumption; twice
    as wide under an assumption that is less certain because it does not fit.
    """
    runs = [each["none"] for each in accuracies.values()]
    if not runs:
        return None
    middle = float(np.mean([run.mean() for run in runs]))
    halves = [
        further(run) * (2 if name in less_certain else 1)
        for name, run in zip(accuracies, runs, strict=True)
    ]
    low = max(0.0, min(run.mean() - half for run, half in zip(runs, halves, strict=True)))
    high = min(100.0, max(run.mean() + half for run, half in zip(runs, halves, strict=True)))
    return Estimate("rehearsals", middle, float(low), float(high), *RIGHTS["rehearsals"])
