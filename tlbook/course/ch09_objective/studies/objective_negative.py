"""Negative transfer, measured: where the source hurts, by target labels and by shift.

The same learner with and without the source, each with its Ω chosen on held-out target rows, for
sources whose labels follow another code for 0 to 5 pairs of digits.
"""

from __future__ import annotations

from typing import Any

from tlbook.course.ch09_objective.cases import task
from tlbook.course.ch09_objective.methods import METHODS
from tlbook.course.studies import Study

SEEDS = tuple(range(8))
BUDGETS = (2, 5, 10, 20, 50)
PAIRS = (0, 1, 2, 3, 4, 5)


def trial(budget: int, pairs: int, arm: str, seed: int) -> dict[str, Any]:
    """Return λ and Ω that were chosen, and the accuracy on held-out and on test rows."""
    found = METHODS[arm](task(seed), seed, k=budget, pairs=pairs)
    return {
        "weight": found.setting.weight,
        "omega": found.setting.omega,
        "held_out": found.held_out,
        "accuracy": task(seed).score(found),
    }


def cases() -> list[dict[str, Any]]:
    """Return all arms; target alone once, since it does not see the source."""
    return [
        {"budget": budget, "pairs": pairs, "arm": arm, "seed": seed}
        for seed in SEEDS
        for budget in BUDGETS
        for pairs in PAIRS
        for arm in METHODS
        if arm != "target alone" or pairs == 0
    ]


study = Study(trial, cases)
