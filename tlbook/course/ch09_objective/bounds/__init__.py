"""When may a source help: the adaptation bound with every part computed (chapter 09).

The hypotheses are thresholds on the line, so that no part of the bound has to be estimated.
"""

from tlbook.course.ch09_objective.bounds.adaptation import (
    Best,
    Bound,
    adaptation_bound,
    best_threshold,
    joint_error,
)
from tlbook.course.ch09_objective.bounds.divergence import (
    Divergence,
    empirical_h_delta_h,
    h_delta_h,
)
from tlbook.course.ch09_objective.bounds.line import Line, Piece, block, two_bells
from tlbook.course.ch09_objective.bounds.mixing import best_weight, mixed_errors

__all__ = [
    "Best",
    "Bound",
    "Divergence",
    "Line",
    "Piece",
    "adaptation_bound",
    "best_threshold",
    "best_weight",
    "block",
    "empirical_h_delta_h",
    "h_delta_h",
    "joint_error",
    "mixed_errors",
    "two_bells",
]
