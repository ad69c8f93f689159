"""One row of ``objective_negative`` again, at 24 seeds that nothing was looked at before.

A map of 30 cells shows a gain somewhere by chance alone. Here the cells with the right source
labels and few target labels are measured at fresh seeds.
"""

from __future__ import annotations

from typing import Any

from tlbook.course.ch09_objective.cases import task
from tlbook.course.ch09_objective.methods import METHODS
from tlbook.course.studies import Study, grid

SEEDS = tuple(range(100, 124))
BUDGETS = (2, 5, 10)
ARMS = ("target alone", "all rows alike", "source or not by held-out rows")


def trial(budget: int, arm: str, seed: int) -> dict[str, Any]:
    """Return λ that was chosen, and the accuracy on held-out and on test rows."""
    found = METHODS[arm](task(seed), seed, k=budget)
    return {
        "weight": found.setting.weight,
        "held_out": found.held_out,
        "accuracy": task(seed).score(found),
    }


study = Study(
    trial, [case for seed in SEEDS for case in grid(budget=BUDGETS, arm=ARMS, seed=(seed,))]
)
