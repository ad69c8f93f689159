"""Choosing a model without target labels (chapter 16).

Every criterion is a function of what is at hand: the labeled source, the unlabeled target, and
networks trained with several seeds. ``choose`` picks a setting by any of them and refuses
networks that give nearly every row the same answer. Three estimates say how accurate a model is
there, each with what it takes for granted.
"""

from tlbook.selection.agreement import (
    agreement,
    agreement_of_each,
    collapsed,
    effective_classes,
)
from tlbook.selection.choose import CRITERIA, Choice, Run, choose, score
from tlbook.selection.confidence import entropy_score, information_score, neighborhood_density
from tlbook.selection.estimates import (
    LineEstimate,
    agreement_on_the_line,
    confidence_drop,
    thresholded_confidence,
)
from tlbook.selection.reverse import reverse_risk, reversed_task
from tlbook.selection.risk import dev_risk, losses, source_risk, validation_weights

__all__ = [
    "CRITERIA",
    "Choice",
    "LineEstimate",
    "Run",
    "agreement",
    "agreement_of_each",
    "agreement_on_the_line",
    "choose",
    "collapsed",
    "confidence_drop",
    "dev_risk",
    "effective_classes",
    "entropy_score",
    "information_score",
    "losses",
    "neighborhood_density",
    "reverse_risk",
    "reversed_task",
    "score",
    "source_risk",
    "thresholded_confidence",
    "validation_weights",
]
