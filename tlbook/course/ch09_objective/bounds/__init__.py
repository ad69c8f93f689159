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
from tlbook.course.ch09_objective.bounds.erm import fit_threshold
from tlbook.course.ch09_objective.bounds.line import Line, Piece, block, two_bells
from tlbook.course.ch09_objective.bounds.mixing import (
    best_weight,
    mixing_bound,
    optimal_mix,
    vc_capacity,
)

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
    "fit_threshold",
    "h_delta_h",
    "joint_error",
    "mixing_bound",
    "optimal_mix",
    "two_bells",
    "vc_capacity",
]
