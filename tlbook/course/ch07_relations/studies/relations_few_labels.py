"""Class relations on ``signs`` at 1 to 50 labels per class: where they help and where not; 8 seeds.

Within a seed all arms see the same labels. Settings come from ``relations_tuning``. Besides the
accuracy each row has what :func:`~tlbook.relations.check_relation` says about its relation from
the labels alone. The second task, ``signs-letters``, is there for the relation that is true among
the known letters and false among the new ones (a small letter looks like its capital).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tlbook.course.ch07_relations.cases import (
    CASE_PAIRS,
    DIGIT_LOOK_ALIKES,
    LETTER_LOOK_ALIKES,
    CachedTask,
    cached_task,
    learned_profiles,
    look_alike_profiles,
    source_letters,
)
from tlbook.course.ch07_relations.methods import METHODS, related
from tlbook.course.ch07_relations.settings import SETTINGS
from tlbook.course.studies import Study
from tlbook.data.fonts import DIGITS
from tlbook.evaluation import measure
from tlbook.relations import check_relation, permuted

BUDGETS = {"signs": (1, 2, 5, 10, 20, 50), "signs-letters": (1, 2, 5, 10)}
SEEDS = tuple(range(8))
RELATIONS = {
    "signs": {"told": "told", "learned": "learned", "permuted": "learned", "uniform": "learned"},
    "signs-letters": {"told": "told", "capital and small": "told"},
}
"""For each task the relations that are used, and whose settings each takes."""
OTHERS = {
    "signs": ("plain", "prints", "smoothing, uniform", "smoothing, relations"),
    "signs-letters": ("plain",),
}
TABLES = {
    ("signs", "told"): DIGIT_LOOK_ALIKES,
    ("signs-letters", "told"): LETTER_LOOK_ALIKES,
    ("signs-letters", "capital and small"): CASE_PAIRS,
}


def profiles_of(task: str, arm: str, seed: int) -> np.ndarray:
    """Return the profiles of an arm with a relation, shape (10, 71)."""
    if (task, arm) in TABLES:
        return look_alike_profiles(TABLES[task, arm])
    learned = learned_profiles(DIGITS, SETTINGS["learned"]["temperature"])
    if arm == "permuted":
        return permuted(learned, seed)
    return np.full_like(learned, 1 / learned.shape[1]) if arm == "uniform" else learned


def trial(task: str, arm: str, budget: int, seed: int) -> dict[str, Any]:
    """Return the accuracy, and for a relation p_value and gain of its check on the labels."""
    cached = cached_task(task, seed)
    if arm not in RELATIONS[task]:
        return {"accuracy": measure(METHODS[arm], cached, seed, {"k": budget})["accuracy"]}
    chosen = SETTINGS[RELATIONS[task][arm]]
    settings = {"C": chosen["C"], "strength": chosen["strength"]}
    S = profiles_of(task, arm, seed)
    row = measure(related, cached, seed, {"k": budget, "profiles": S, **settings})
    check = _check(cached, seed, budget, S, settings) if budget else {}
    return {"accuracy": row["accuracy"], **check}


def _check(
    task: CachedTask, seed: int, k: int, profiles: np.ndarray, settings: dict[str, Any]
) -> dict[str, float]:
    letters, labeled = source_letters(), task.label(k, seed)
    found = check_relation(
        *labeled, profiles, letters.prototypes, scale=letters.scale, seed=seed, **settings
    )
    return {"p_value": found.p_value, "gain": found.gain}


def cases() -> list[dict[str, Any]]:
    """Return the relations alone, and then every arm at every budget."""
    return [
        {"task": task, "arm": arm, "budget": budget, "seed": seed}
        for seed in SEEDS
        for task, relations in RELATIONS.items()
        for budget in (0, *BUDGETS[task])
        for arm in ((*OTHERS[task], *relations) if budget else relations)
    ]


study = Study(trial, cases)
