"""An advice that the record forbids: the report withholds it, whatever the rehearsals say.

``examine`` advises as it did when the rule was learned, on the half of the zoo that was final then
(the study ``diagnosis_zoo``). There an adaptation that rested on a least bad assumption alone lost
20 and 72 points: a target without overlap looks nearly moved. Since then such an adaptation takes
labeled target rows. On the next half (``diagnosis_fresh``) that kept off a loss of 27 points and a
gain of 25.
"""

from __future__ import annotations

from dataclasses import replace

from tlbook.diagnosis.advice import Advice
from tlbook.diagnosis.findings import Findings
from tlbook.diagnosis.kinds import NEARLY


def is_withheld(kind: str, has_labels: bool) -> bool:
    """Return whether an adaptation under this kind of shift is not advised."""
    return kind == NEARLY and not has_labels


def prudent(found: Findings) -> Findings:
    """Return the findings with "do not adapt" where the advice is withheld."""
    advice = found.advice
    if not advice.adapt or not is_withheld(found.kind, found.labels is not None):
        return found
    why = (
        f"no assumption fits, and {advice.remedy}, which gained {advice.gain:.1f} points under the "
        "least bad one, may lose much; label some target rows, and the report can tell"
    )
    return replace(found, advice=Advice("none", why))
