"""Relational distillation on handwriting: the student's probe at 1 to 10 labels per class.

Arms: the student of a teacher trained on print; of an untrained teacher; of a teacher whose
features went to other pictures; the student with its random start; and, for comparison, the pixels
and the two teachers themselves. 8 seeds.
"""

from __future__ import annotations

from tlbook.course.ch07_relations.students import METHODS, prints_task
from tlbook.course.studies import Study
from tlbook.evaluation import measure

BUDGETS = (1, 2, 5, 10)
SEEDS = tuple(range(8))


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
