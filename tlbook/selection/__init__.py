"""Choosing a model without target labels (chapter 11).

Every criterion is a function of what is at hand: the labeled source, the unlabeled target, and
networks trained with several seeds. ``choose`` picks a setting by any of them and refuses
networks that give nearly every row the same answer.
"""

from tlbook.selection.agreement import (
    agreement,
    agreement_of_each,
    collapsed,
    effective_classes,
)
from tlbook.selection.choose import CRITERIA, Choice, Run, choose, score
from tlbook.selection.confidence import entropy_score, information_score, neighborhood_density
from tlbook.selection.reverse import reverse_risk, reversed_task
from tlbook.selection.risk import dev_risk, losses, source_risk, validation_weights

__all__ = [
    "CRITERIA",
    "Choice",
    "Run",
    "agreement",
    "agreement_of_each",
    "choose",
    "collapsed",
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
    "validation_weights",
]
