"""What a coverage of 90 % is worth after a shift: 200 repetitions where the weights are known.

Covariate shift of 0 to 2 standard deviations on a line, plain and weighted; concept shift, which
the inputs do not show; label shift with class weights; and a reader of print on handwriting.
"""

from __future__ import annotations

from typing import Any

from tlbook.course.ch18_trust import cases, coverage
from tlbook.course.studies import Study, grid
from tlbook.instances import effective_sample_size

REPETITIONS = tuple(range(200))
SHIFTS = (0.0, 0.5, 1.0, 1.5, 2.0)
SLOPE = 0.7
SEEDS = tuple(range(8))
ARMS = ("print", "handwriting", "handwriting, weighted", "handwriting, other code")


def covariate(case: str, shift: float, repetition: int) -> list[dict[str, Any]]:
    """Return a row for each kind of weights."""
    rows = cases.shifted(shift, [repetition, 7], slope=SLOPE if case == "concept" else 0.0)
    effective = effective_sample_size(cases.ratio(shift, rows.x))
    return [
        {"weights": name, "effective": effective} | coverage.measured(rows, shift, name)
        for name in coverage.WEIGHTS
    ]


def labels(case: str, weights: str, repetition: int) -> dict[str, Any]:
    """Return what sets cover under label shift."""
    return coverage.of_bells(repetition, weights)


def digits(case: str, weights: str, repetition: int) -> dict[str, Any]:
    """Return what sets of a reader of print cover."""
    return coverage.of_digits(repetition, weights)


study = (
    Study(covariate, grid(case=("covariate",), shift=SHIFTS, repetition=REPETITIONS))
    + Study(covariate, grid(case=("concept",), shift=(0.0,), repetition=REPETITIONS))
    + Study(
        labels,
        grid(case=("label",), weights=("none", "true", "estimated"), repetition=REPETITIONS),
    )
    + Study(
        digits,
        [dict(c) for s in SEEDS for c in grid(case=("digits",), weights=ARMS, repetition=(s,))],
    )
)
