"""What may have changed: each assumption says how to make target-like rows from source rows.

An assumption *fits* where source rows, changed as it says, cannot be told from the target. Where
it fits, the made rows have labels, and a remedy can be tried on them. That an assumption fits does
not prove it: two can fit the same unlabeled rows and say different things about the labels.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from tlbook.diagnosis.answers import Answers
from tlbook.diagnosis.detection import LEVEL, two_sample
from tlbook.diagnosis.label_mix import LabelMix
from tlbook.features import CORAL
from tlbook.instances import DensityRatio, effective_sample_size

Rows = tuple[np.ndarray, np.ndarray]
Draw = Callable[[np.ndarray, np.ndarray, np.random.Generator], Rows]

FEW = 20
"""An assumption that is compared with fewer rows than this is not tested, it is believed."""

TAIL = "a selection of the source"

CLOSE = 0.8
"""AUC between target and changed source rows up to which an assumption nearly fits, provided that
a model answers both alike."""

ALIKE = 0.1
"""p-value from which the answers of a model count as alike there."""

OTHER, FAR = 0.25, 0.6
"""How far a class mix that cannot be excluded is from the source's; and where the assumption of
moved inputs fits only nearly, so that a changed mix may be what is left."""


@dataclass(frozen=True, eq=False)
class Assumption:
    """One way in which the target may have come about.

    Attributes
    ----------
    name : str
    meaning : str
        What it takes to stay as it is.
    draw : function
        ``draw(X, y, rng)`` returns labeled rows made from labeled source rows.
    p_value : float
        Of the test between the target and source rows that were changed as the assumption says.
    rows : int
        How many such rows the test had; below 20 it says nothing.
    auc : float
        Of a classifier that tells the target from these rows; 0.5: not at all.
    p_answers : float
        Of the part of the test that compares the answers of a model.
    nearly : bool
        Whether it does not fit, and is tried as the least bad: what it predicts is less certain.
    """

    name: str
    meaning: str
    draw: Draw
    p_value: float
    rows: int
    auc: float = float("nan")
    p_answers: float = float("nan")
    nearly: bool = False

    @property
    def fits(self) -> bool:
        """Whether the target looks as the assumption says, and enough rows were there to tell."""
        return self.p_value > LEVEL and self.rows >= FEW

    @property
    def nearly_fits(self) -> bool:
        """Whether little is left unexplained, and nothing that a model's answers depend on."""
        return self.rows >= FEW and self.auc <= CLOSE and self.p_answers > ALIKE


MEANINGS = {
    "no shift": "nothing has changed",
    "label shift": "the inputs of each class are the same; the classes are mixed otherwise",
    "covariate shift": "the answer to each input is the same; other inputs are frequent",
    "moved inputs": "the classes are the same; every feature has another zero and another unit",
    "moved and turned inputs": "the classes are the same; means and covariances have changed",
    TAIL: "the answer to each input is the same; only inputs far to one side are left",
}


def no_shift(p_value: float, rows: int) -> Assumption:
    """Return the assumption that nothing has changed."""
    return Assumption("no shift", MEANINGS["no shift"], lambda X, y, rng: (X, y), p_value, rows)


def of_label_shift(
    X: np.ndarray, y: np.ndarray, Xt: np.ndarray, mix: LabelMix, answers: Answers, seed: int
) -> Assumption:
    """Return the assumption that the class mix alone has changed, tested on source rows."""
    classes = np.unique(y)

    def draw(rows: np.ndarray, labels: np.ndarray, rng: np.random.Generator) -> Rows:
        kept = with_mix(labels, classes, mix.target, min(len(Xt), len(rows)), rng)
        return rows[kept], labels[kept]

    rng = np.random.default_rng(seed)
    rows = [np.flatnonzero(y == c) for c in classes]
    # As many rows as the mix allows without taking one twice: twins would give a test away.
    most = min(len(r) / max(q, 1e-12) for r, q in zip(rows, mix.target, strict=True))
    sizes = np.floor(mix.target * min(most, len(X)) + 1e-9).astype(int)
    kept = [rng.choice(r, size, replace=False) for r, size in zip(rows, sizes, strict=True)]
    made = X[np.concatenate(kept)]
    weights = (mix.target / mix.source)[np.searchsorted(classes, y)]
    return _tested("label shift", draw, made, Xt, answers.p_value(weights, Xt), seed)


def with_mix(
    y: np.ndarray, classes: np.ndarray, shares: np.ndarray, size: int, rng: np.random.Generator
) -> np.ndarray:
    """Return row numbers with the wanted class shares; a row comes twice where a class is small."""
    chosen = []
    for c, count in zip(classes, rng.multinomial(size, shares / shares.sum()), strict=True):
        inside = np.flatnonzero(y == c)
        chosen.append(rng.choice(inside, count, replace=count > len(inside)))
    return rng.permutation(np.concatenate(chosen))


def of_covariate_shift(
    X: np.ndarray, Xt: np.ndarray, ratio: DensityRatio, answers: Answers, seed: int
) -> Assumption:
    """Return the assumption that other inputs are frequent, tested on weighted source rows."""

    def draw(rows: np.ndarray, labels: np.ndarray, rng: np.random.Generator) -> Rows:
        w = ratio.ratio(rows)
        kept = rng.choice(len(rows), min(len(Xt), len(rows)), p=w / w.sum())
        return rows[kept], labels[kept]

    # Without a row twice, and so few that the heavy rows do not run out.
    w = ratio.weights_
    size = min(len(Xt), int(effective_sample_size(w) / 2), int((w > 0).sum()))
    rng = np.random.default_rng(seed)
    made = X[rng.choice(len(X), size, replace=False, p=w / w.sum())]
    return _tested("covariate shift", draw, made, Xt, answers.p_value(w, Xt), seed)


def density_ratio(X: np.ndarray, Xt: np.ndarray, curved: Any, seed: int) -> DensityRatio:
    """Return density ratios of source rows by a linear or a kernel classifier of the domains.

    Whichever tells held-out rows apart better by 0.02 of the AUC; linear where they are level.
    """
    from sklearn.base import clone
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    plain = DensityRatio(clip=50, seed=seed).fit(X, Xt)
    classifier = make_pipeline(StandardScaler(), clone(curved))
    other = DensityRatio(classifier, clip=50, seed=seed).fit(X, Xt)
    return other if other.domain_auc_ > plain.domain_auc_ + 0.02 else plain


def of_moved_inputs(X: np.ndarray, Xt: np.ndarray, answers: Answers, seed: int) -> Assumption:
    """Return the assumption that every feature has another zero and unit, tested on all rows."""
    mean, spread = X.mean(axis=0), X.std(axis=0)
    factor = np.where(spread > 0, Xt.std(axis=0) / np.where(spread > 0, spread, 1), 1.0)
    center = Xt.mean(axis=0)

    def draw(rows: np.ndarray, labels: np.ndarray, rng: np.random.Generator) -> Rows:
        kept = rng.permutation(len(rows))[: len(Xt)]
        return (rows[kept] - mean) * factor + center, labels[kept]

    back = (Xt - center) / np.where(factor > 0, factor, 1) + mean
    p_answers = answers.p_value(np.ones(len(X)), back)
    return _tested("moved inputs", draw, (X - mean) * factor + center, Xt, p_answers, seed)


def of_turned_inputs(X: np.ndarray, Xt: np.ndarray, answers: Answers, seed: int) -> Assumption:
    """Return the assumption that means and covariances have changed, tested on all rows."""
    coral = CORAL(shrinkage="auto").fit(X, Xt)

    def draw(rows: np.ndarray, labels: np.ndarray, rng: np.random.Generator) -> Rows:
        kept = rng.permutation(len(rows))[: len(Xt)]
        return coral.transform_source(rows[kept]), labels[kept]

    back = (Xt - coral.mean_target_) @ np.linalg.pinv(coral.matrix_) + coral.mean_source_
    p_answers = answers.p_value(np.ones(len(X)), back)
    made = coral.transform_source(X)
    return _tested("moved and turned inputs", draw, made, Xt, p_answers, seed)


def of_tail(ratio: DensityRatio) -> Assumption:
    """Return the assumption of a selection that leaves too few source rows for a test.

    Its rehearsals take the quarter of the rows that look most like the target.
    """

    def draw(X: np.ndarray, y: np.ndarray, rng: np.random.Generator) -> Rows:
        most = np.argsort(-ratio.ratio(X), kind="stable")[: max(FEW, len(X) // 4)]
        return X[most], y[most]

    return Assumption(TAIL, MEANINGS[TAIL], draw, float("nan"), 0)


def nearly(assumption: Assumption) -> Assumption:
    """Return an assumption that does not fit, to be tried as the least bad one."""
    return replace(assumption, name=f"nearly {assumption.name}", nearly=True)


def with_other_mix(moved: Assumption, shares: np.ndarray) -> Assumption:
    """Return an assumption of moved inputs under which the class mix may have changed as well.

    A sample can hardly tell the two apart: moving the means back hides a changed mix. The mix of
    each rehearsal is a quarter of the way from the source's to one that is drawn at random, and
    further where the assumption fits only nearly.
    """
    other = FAR if moved.nearly else OTHER

    def draw(X: np.ndarray, y: np.ndarray, rng: np.random.Generator) -> Rows:
        mix = (1 - other) * shares + other * rng.dirichlet(np.ones(len(shares)))
        kept = with_mix(y, np.unique(y), mix, len(y), rng)
        return moved.draw(X[kept], y[kept], rng)

    name = f"{moved.name}, other class mix"
    meaning = f"{moved.meaning}; and the classes may be mixed otherwise"
    return replace(moved, name=name, meaning=meaning, draw=draw)


def _tested(
    name: str, draw: Draw, made: np.ndarray, Xt: np.ndarray, p_answers: float, seed: int
) -> Assumption:
    few = min(len(made), len(Xt))
    p_value = auc = float("nan")
    if few >= FEW:
        found = two_sample(made, Xt, 199, seed)
        p_value, auc = min(1.0, 2 * min(found.p_value, p_answers)), found.auc
    return Assumption(name, MEANINGS[name], draw, p_value, few, auc, p_answers)
