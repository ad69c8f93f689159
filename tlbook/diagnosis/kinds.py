"""Which kind of shift is it, and under which assumptions are remedies tried?"""

from __future__ import annotations

from tlbook.diagnosis.assumptions import TAIL, Assumption, nearly, of_tail, with_other_mix
from tlbook.diagnosis.detection import TwoSample
from tlbook.diagnosis.label_mix import LabelMix
from tlbook.diagnosis.labels_say import LabelsSay
from tlbook.instances import DensityRatio

NO_SHIFT, LABEL, COVARIATE, MOVED = "no shift", "label shift", "covariate shift", "moved inputs"
EITHER = "moved or selected inputs"
NEARLY = "nearly moved inputs"
UNEXPLAINED, CONCEPT = "unexplained shift", "concept shift"
BOTH = "shift of inputs and concept"
KINDS = (NO_SHIFT, LABEL, COVARIATE, MOVED, EITHER, NEARLY, UNEXPLAINED, CONCEPT, BOTH)

WELL = 0.2
"""A label shift that fits better than this is believed alone: it has k − 1 numbers to fit with."""

OUTSIDE = 0.1
"""A selection keeps the source's support. Where fewer target rows than this lie outside of it, a
selection cannot be excluded, however well moved inputs fit."""

TURNED = "moved and turned inputs"


def kind_of_shift(
    shift: TwoSample,
    assumptions: list[Assumption],
    mix: LabelMix,
    ratio: DensityRatio,
    outside: float,
) -> tuple[str, list[Assumption]]:
    """Return the kind of shift and the assumptions to be rehearsed: the simplest that fit.

    Parameters
    ----------
    shift : TwoSample
    assumptions : list of Assumption
        All that were tested.
    mix : LabelMix
    ratio : DensityRatio
        Of the domains.
    outside : float
        Share of the target rows where the source has none.
    """
    if not shift.found:
        return NO_SHIFT, assumptions[:1]
    by = {each.name: each for each in assumptions}
    label, other = by[LABEL], by[COVARIATE]
    if label.fits and mix.changed:
        if label.p_value > WELL or not (other.fits and other.p_value > label.p_value):
            return LABEL, [label]
        return COVARIATE, [other, label]
    candidates = [by[name] for name in (MOVED, TURNED) if name in by]
    moved = [each for each in candidates if each.fits][:1]
    moved += [with_other_mix(each, mix.source) for each in moved]
    if other.fits:
        return COVARIATE, [other, *moved]
    if moved:
        if outside < OUTSIDE:
            return EITHER, [*moved, of_tail(ratio)]
        return MOVED, moved
    close = [nearly(each) for each in candidates if each.nearly_fits]
    if close and outside >= OUTSIDE:
        least_bad = min(close, key=lambda each: each.auc)
        return NEARLY, [least_bad, with_other_mix(least_bad, mix.source)]
    return UNEXPLAINED, []


def kind_with_labels(
    kind: str, believed: list[Assumption], said: LabelsSay
) -> tuple[str, list[Assumption]]:
    """Return kind and assumptions after the labeled rows have spoken against some."""
    left = [each for each in believed if each.name not in said.against]
    if left:
        if kind in (COVARIATE, EITHER):
            kind = _told_apart(kind, {each.name for each in left})
        return kind, left
    if not believed:  # a lower accuracy has no one cause where not even the inputs are explained
        return kind, []
    if kind == NO_SHIFT:
        return (CONCEPT if said.answers_changed else UNEXPLAINED), []
    return (BOTH if said.answers_changed and kind != NEARLY else UNEXPLAINED), []


def _told_apart(kind: str, left: set[str]) -> str:
    """Return the kind where labels have refuted one of several assumptions, or the same kind."""
    selected = bool(left & {COVARIATE, TAIL})
    moved = any(name.startswith("moved") for name in left)
    if selected and moved:
        return kind
    if selected:
        return COVARIATE
    return MOVED if moved else LABEL
