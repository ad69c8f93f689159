"""The relation and the regularization taken apart: arms that ``relations_few_labels`` lacks.

There the probe on labels alone has C = 0.1 and those with relations C = 10, each as its own search
chose. Here each has the other's. Tasks, labels and seeds are the same, so rows of the two tables
are paired by seed.
"""

from __future__ import annotations

from tlbook.course.ch07_relations.cases import cached_task
from tlbook.course.ch07_relations.methods import labels_only, related
from tlbook.course.ch07_relations.settings import SETTINGS
from tlbook.course.ch07_relations.studies.relations_few_labels import (
    BUDGETS,
    RELATIONS,
    profiles_of,
)
from tlbook.course.studies import Study
from tlbook.evaluation import measure

ARMS = {
    "signs": ("plain", "learned", "told", "permuted"),
    "signs-letters": ("plain", "told", "capital and small"),
}
SEEDS = tuple(range(8))


def trial(task: str, arm: str, budget: int, seed: int) -> dict[str, float]:
    """Return the accuracy with the C of the other kind of arm."""
    cached = cached_task(task, seed)
    if arm == "plain":
        row = measure(labels_only, cached, seed, {"k": budget, "C": SETTINGS["learned"]["C"]})
        return {"accuracy": row["accuracy"]}
    settings = {
        "k": budget,
        "profiles": profiles_of(task, arm, seed),
        "strength": SETTINGS[RELATIONS[task][arm]]["strength"],
        "C": SETTINGS["plain"]["C"],
    }
    return {"accuracy": measure(related, cached, seed, settings)["accuracy"]}


study = Study(
    trial,
    cases=[
        {"task": task, "arm": arm, "budget": budget, "seed": seed}
        for seed in SEEDS
        for task, arms in ARMS.items()
        for arm in arms
        for budget in BUDGETS[task]
    ],
)
