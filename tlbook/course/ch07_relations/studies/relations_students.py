"""Relational distillation on handwriting: the student's probe at 1 to 10 labels per class.

Arms: the student with its random start; the student of each teacher (all pictures equally far
apart; distances of other pictures; the pixels; an untrained network; one trained on print with
random labels; one trained on print); and, for comparison, the pixels and the networks themselves.
10 seeds that nothing was developed on.
"""

from __future__ import annotations

from tlbook.course.ch07_relations.students import METHODS, prints_task
from tlbook.course.studies import Study
from tlbook.evaluation import measure

BUDGETS = (1, 2, 5, 10)
SEEDS = tuple(range(100, 110))


def trial(arm: str, budget: int, seed: int) -> dict[str, float]:
    """Return the accuracy on the handwritten digits."""
    row = measure(METHODS[arm], prints_task(seed), seed, {"k": budget})
    return {"accuracy": row["accuracy"]}


study = Study(
    trial,
    cases=[
        {"arm": arm, "budget": budget, "seed": seed}
        for seed in SEEDS
        for arm in METHODS
        for budget in BUDGETS
    ],
)
