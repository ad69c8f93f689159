"""An advice that the record forbids: the report withholds it, whatever the rehearsals say.

``examine`` advises as it did when the rule was learned, on the half of the zoo that was final then
(the study ``diagnosis_zoo``). There an adaptation that rested on a least bad assumption alone lost
20 and 72 points: a target without overlap looks nearly moved. Since then such an adaptation takes
labeled target rows. On the next half (``diagnosis_fresh``) that kept off a loss of 27 points and a
gain of 25.
"""

from __future__ import annotations

from dataclasses import replace

from tlbook.diagnosis.advice import Advice, proved_on_labels
from tlbook.diagnosis.findings import Findings
from tlbook.diagnosis.kinds import EITHER, NEARLY, UNEXPLAINED


def is_withheld(kind: str, has_labels: bool) -> bool:
    """Return whether an adaptation under this kind of shift is not advised."""
    return kind == NEARLY and not has_labels


def prudent(found: Findings, fewest: int | None = None, rehearsals: int = 0) -> Findings:
    """Return the findings with "do not adapt" where the advice is withheld.

    Parameters
    ----------
    found : Findings
    fewest, rehearsals : int
        Rehearsals under the assumption that got fewest, and as many as were asked for. The record
        is that of a whole bench: an advice that rests on less than half of it is withheld.
    """
    advice = found.advice
    if not advice.adapt:
        return found
    if fewest is not None and 2 * fewest < rehearsals and not by_labels(found):
        why = (
            f"the budget of seconds ended after {fewest} of {rehearsals} rehearsals, and "
            f"{advice.remedy}, which gained {advice.gain:.1f} points in them, needs more of them; "
            "run the report again with more seconds"
        )
        return replace(found, advice=Advice("none", why))
    if not is_withheld(found.kind, found.labels is not None):
        return found
    why = (
        f"no assumption fits, and {advice.remedy}, which gained {advice.gain:.1f} points under the "
        "least bad one, may lose much; label some target rows, and the report can tell"
    )
    return replace(found, advice=Advice("none", why))


def by_labels(found: Findings) -> bool:
    """Return whether the remedy that is advised has proved itself on labeled rows."""
    return found.labels is not None and proved_on_labels(found.labels.gains) is not None


def unknown_accuracy(found: Findings) -> bool:
    """Return whether nothing says which estimate of the accuracy on the target to take.

    Without labels: where no assumption fits, and where two fit that disagree about the labels.
    """
    return found.labels is None and found.kind in (UNEXPLAINED, EITHER)


def possible(found: Findings) -> Findings:
    """Return the findings with intervals of gains inside of ±100 points: no gain is larger."""
    expected = [replace(e, low=max(e.low, -100.0), high=min(e.high, 100.0)) for e in found.expected]
    own = found.advice
    advice = replace(own, low=max(own.low, -100.0), high=min(own.high, 100.0))
    return replace(found, expected=tuple(expected), advice=advice)
