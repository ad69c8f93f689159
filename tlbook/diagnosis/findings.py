"""The examination itself: from arrays to findings, without words or pictures."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from tlbook._base.named import named
from tlbook.diagnosis.accuracy import (
    LABELED,
    Estimate,
    agreement_estimate,
    estimate_accuracy,
    rehearsed,
)
from tlbook.diagnosis.advice import Advice, advise
from tlbook.diagnosis.answers import Answers
from tlbook.diagnosis.assumptions import (
    FEW,
    Assumption,
    density_ratio,
    no_shift,
    of_covariate_shift,
    of_label_shift,
    of_moved_inputs,
    of_turned_inputs,
)
from tlbook.diagnosis.bench import Expected, Rehearsals, expected_gains, rehearse
from tlbook.diagnosis.detection import TwoSample, two_sample
from tlbook.diagnosis.kinds import KINDS, kind_of_shift, kind_with_labels
from tlbook.diagnosis.label_mix import LabelMix, estimate_mix
from tlbook.diagnosis.labels_say import LabelsSay, ask_labels
from tlbook.diagnosis.source_model import SourceModel, choose_model
from tlbook.instances import effective_sample_size
from tlbook.instances.overlap import outside_share

Rows = tuple[np.ndarray, np.ndarray]


@dataclass(frozen=True, eq=False)
class Findings:
    """What was found, number by number.

    Attributes
    ----------
    model : SourceModel
    fitted : scikit-learn classifier
        The same, fitted to the whole source; its answers are columns of ``model.held_out``.
    shift : TwoSample
    ess, outside : float
        Effective rows of the density ratio; share of target rows where the source has none.
    mix : LabelMix
    assumptions, believed : tuple of Assumption
        All that were tested; those under which remedies are judged.
    kind : str
        One of ``KINDS``.
    estimates : tuple of Estimate
        Of the accuracy on the target.
    headline : Estimate
        The one whose assumption is that of the kind of shift.
    expected : tuple of Expected
        Gains of the remedies, the largest first.
    skipped : tuple of str
        Remedies that could not be tried.
    labels : LabelsSay, optional
    advice : Advice
    seconds : dict
        Of each step.
    """

    model: SourceModel
    fitted: Any
    shift: TwoSample
    ess: float
    outside: float
    mix: LabelMix
    assumptions: tuple[Assumption, ...]
    believed: tuple[Assumption, ...]
    kind: str
    estimates: tuple[Estimate, ...]
    headline: Estimate
    expected: tuple[Expected, ...]
    skipped: tuple[str, ...]
    labels: LabelsSay | None
    advice: Advice
    seconds: dict[str, float]


@named
def examine(
    source: Rows,
    target: np.ndarray,
    labeled: Rows | None = None,
    *,
    rehearsals: int = 6,
    permutations: int = 499,
    seconds: float = float("inf"),
    seed: int = 0,
    say: Callable[[str], Any] = lambda step: None,
    bench: Callable[..., Rehearsals] = rehearse,
) -> Findings:
    """Examine a labeled source and an unlabeled target.

    Parameters
    ----------
    source : (X, y)
        Finite numbers (n, d); at least five rows of each of at least two classes.
    target : array of shape (m, d)
    labeled : (X, y), optional
        Target rows with labels, drawn at random.
    rehearsals, permutations : int
    seconds : float
        After this time the bench leaves rehearsals out.
    seed : int
    say : function
        Called with the name of each step.
    bench : function
        What runs the rehearsals: in this process, or spread over several.
    """
    clock, started = _Clock(say), time.monotonic()
    X, y = source
    clock.begin("source model")
    model = choose_model(X, y, seed)
    fitted = _fitted(model, X)
    on_target = fitted.predict_proba(target)
    clock.begin("tests for a shift")
    answers = Answers.of(X, model, seed)
    unchanged = answers.p_value(np.ones(len(X)), target)
    shift = two_sample(X, target, permutations, seed, unchanged)
    clock.begin("kinds of shift")
    ratio = density_ratio(X, target, model.classifier, seed)
    mix = estimate_mix(model, on_target, seed=seed)
    outside = outside_share(*_unit(X, target))
    assumptions = _assumptions(X, y, target, shift, ratio, mix, answers, seed)
    kind, believed = kind_of_shift(shift, assumptions, mix, ratio, outside)
    clock.begin("rehearsals")
    tried = bench(X, y, believed, model.classifier, rehearsals, started + seconds, seed)
    said = None
    if labeled is not None:
        clock.begin("labeled rows")
        said = ask_labels(X, y, target, labeled, model, tried, seed)
        kind, believed = kind_with_labels(kind, believed, said)
    kept = {each.name: tried.values[each.name] for each in believed}
    less_certain = {each.name for each in believed if each.nearly}
    expected = expected_gains(kept, less_certain)
    gains = None if said is None else said.gains
    advice = advise(kind != "no shift", expected, gains)
    clock.begin("accuracy on the target")
    estimates = estimate_accuracy(model, on_target, ratio.weights_, mix, seed=seed)
    line = agreement_estimate(X, y, target, seed)
    measured = None if said is None else said.estimate
    estimates += [
        each for each in (line, rehearsed(kept, less_certain), measured) if each is not None
    ]
    clock.end()
    return Findings(
        model,
        fitted,
        shift,
        effective_sample_size(ratio.weights_),
        outside,
        mix,
        tuple(assumptions),
        tuple(believed),
        kind,
        tuple(estimates),
        headline(kind, estimates),
        tuple(expected),
        tried.skipped,
        said,
        advice,
        clock.seconds,
    )


def _assumptions(
    X: np.ndarray,
    y: np.ndarray,
    Xt: np.ndarray,
    shift: TwoSample,
    ratio: Any,
    mix: LabelMix,
    answers: Answers,
    seed: int,
) -> list[Assumption]:
    nothing = no_shift(shift.p_value, min(len(X), len(Xt)))
    if not shift.found:
        return [nothing]
    found = [
        nothing,
        of_label_shift(X, y, Xt, mix, answers, seed),
        of_covariate_shift(X, Xt, ratio, answers, seed),
        of_moved_inputs(X, Xt, answers, seed),
    ]
    # Covariances contain the units: they are asked only where units alone do not fit.
    return found if found[-1].fits else [*found, of_turned_inputs(X, Xt, answers, seed)]


def headline(kind: str, estimates: list[Estimate]) -> Estimate:
    """Return what was measured on labeled rows, else the estimate whose assumption is the kind's.

    Where the kind's own could not be made, it is the confidence drop.
    """
    chosen = {
        "no shift": "held-out source rows",
        "label shift": "new class mix",
        "covariate shift": "weighted source rows",
        "moved inputs": "rehearsals",
        "nearly moved inputs": "rehearsals",
    }.get(kind, "")
    by = {each.name: each for each in estimates}
    return next(by[name] for name in (LABELED, chosen, "confidence drop (DoC)") if name in by)


def _fitted(model: SourceModel, X: np.ndarray) -> Any:
    from sklearn.base import clone
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    return make_pipeline(StandardScaler(), clone(model.classifier)).fit(X, model.codes)


def _unit(X: np.ndarray, Xt: np.ndarray) -> Rows:
    from tlbook.distances import standardize

    return standardize(X, Xt)


class _Clock:
    """Seconds of each step."""

    def __init__(self, say: Callable[[str], Any]) -> None:
        self.say, self.step, self.began = say, "", 0.0
        self.seconds: dict[str, float] = {}

    def begin(self, step: str) -> None:
        self.end()
        self.say(step)
        self.step, self.began = step, time.monotonic()

    def end(self) -> None:
        if self.step:
            self.seconds[self.step] = time.monotonic() - self.began


__all__ = ["FEW", "KINDS", "Findings", "examine", "headline"]
