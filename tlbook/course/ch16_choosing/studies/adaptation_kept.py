"""Self-training after an MMD that stays on, on eight tasks that the main table never touched.

Thought of after ``adaptation_table`` had been seen: there the rounds of self-training after an MMD
are without it, and the domains drift apart again. So this is a study of its own. Its weight is
chosen by agreement between seeds on the tasks of ``adaptation_tuning`` (rows of the part "choice",
no score), and each method is scored once on tasks 8 to 15 (rows of the part "final").
"""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from tlbook.course.ch11_alignment.cases import task
from tlbook.course.ch11_alignment.methods import mmd_then_self_training
from tlbook.course.ch11_alignment.runs import scored
from tlbook.course.ch11_alignment.settings import SETTINGS
from tlbook.course.ch11_alignment.studies import adaptation_tuning
from tlbook.course.studies import Study, grid
from tlbook.selection import agreement_of_each, effective_classes

KEPT = "MMD kept + self-training"
kept = partial(mmd_then_self_training, keep=True)
WEIGHTS = (1.0, 3.0, 10.0)
WEIGHT = 1.0
"""What ``best`` says of the part "choice"; a test compares them."""
TASKS = tuple(range(8, 16))
BESIDE = ("source only", "MK-MMD", "self-training", "MMD + self-training")


def choice(part: str, method: str, weight: float, task_seed: int) -> list[dict[str, Any]]:
    """Return agreement and effective classes of each seed on one development task, no score."""
    here = task(task_seed)
    seeds = [adaptation_tuning.training_seed(task_seed, i) for i in range(adaptation_tuning.RUNS)]
    found = [kept(here, seed, weight=weight, device="cpu") for seed in seeds]
    answers = np.array([predict(here.target.X) for predict in found])
    return [
        {"seed": seed, "agreement": agreement, "classes": effective_classes(row, 10)}
        for seed, agreement, row in zip(seeds, agreement_of_each(answers), answers, strict=True)
    ]


def best(rows: pd.DataFrame) -> float:
    """Return the weight with the largest agreement among those that have not collapsed."""
    groups = rows[rows.part == "choice"].groupby("weight")
    return float(groups.agreement.mean().where(groups.classes.min() >= 5).idxmax())


def final(part: str, method: str, weight: float, task_seed: int, seed: int) -> dict[str, Any]:
    """Return the accuracy of one method on one fresh task."""
    if method != KEPT:
        return scored(method, SETTINGS[method], task_seed)
    predict = kept(task(task_seed), seed, weight=weight, device="cpu")
    return {"accuracy": task(task_seed).score(predict)}


def finals() -> list[dict[str, Any]]:
    """Return the cases of the part "final"."""
    weights = {name: SETTINGS[name].get("weight", np.nan) for name in BESIDE} | {KEPT: WEIGHT}
    return [
        {"part": "final", "method": name, "weight": weight, "task_seed": s, "seed": 1000 * s}
        for s in TASKS
        for name, weight in weights.items()
    ]


choices = grid(
    part=("choice",), method=(KEPT,), weight=WEIGHTS, task_seed=adaptation_tuning.TASK_SEEDS
)
study = Study(choice, choices) + Study(final, finals)
