"""Self-training after an MMD that stays on, on eight tasks that the main table never touched.

Thought of after ``adaptation_table`` had been seen: there the rounds of self-training after an MMD
are without it, and the domains drift apart again. So this is a study of its own. Its weight is
chosen by agreement between seeds on the tasks of ``adaptation_tuning`` (rows of the part "choice",
no score), and each method is scored once on tasks 8 to 15 (rows of the part "final").
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from torch import nn

from tlbook.alignment import MMD, self_train
from tlbook.course.ch11_alignment.methods import ROUND, adapt
from tlbook.course.ch11_alignment.runs import network, task
from tlbook.course.ch11_alignment.settings import CHOSEN
from tlbook.course.ch11_alignment.studies import adaptation_tuning
from tlbook.course.results import stored
from tlbook.course.studies._parallel import confirming, map_jobs
from tlbook.selection import agreement_of_each, effective_classes
from tlbook.training import predict, predictor

COMMAND = "tlbook results adaptation_kept"

KEPT = "MMD kept + self-training"
WEIGHTS = (1.0, 3.0, 10.0)
TASKS = tuple(range(8, 16))
STEPS = 500
BESIDE = ("source only", "MK-MMD", "self-training", "MMD + self-training")


def taught(model: nn.Module, here: Any, weight: float, seed: int) -> nn.Module:
    """Return the network after rounds of self-training in which the MMD goes on."""
    options: dict[str, Any] = {
        "optimizer": "adam",
        "lr": 1e-3,
        "batch_size": 64,
        "seed": seed,
        "device": "cpu",
    }
    steps = round(ROUND * STEPS)
    terms = [MMD(weight)]
    return self_train(model, here, steps=steps, terms=terms, progress=False, **options).model


def choice(weight: float, task_seed: int) -> list[dict[str, Any]]:
    """Return agreement and effective classes of each seed on one development task, no score."""
    here = task(task_seed)
    seeds = [adaptation_tuning.training_seed(task_seed, i) for i in range(adaptation_tuning.RUNS)]
    starts = [network("MK-MMD", f"weight={weight}", task_seed, seed) for seed in seeds]
    models = [taught(m, here, weight, seed) for m, seed in zip(starts, seeds, strict=True)]
    answers = np.array([predict(model, here.target.X) for model in models])
    return [
        {
            "part": "choice",
            "method": KEPT,
            "weight": weight,
            "task_seed": task_seed,
            "seed": seed,
            "agreement": agreed,
            "classes": effective_classes(row, 10),
        }
        for seed, agreed, row in zip(seeds, agreement_of_each(answers), answers, strict=True)
    ]


def best(rows: pd.DataFrame) -> float:
    """Return the weight with the largest agreement among those that have not collapsed."""
    groups = rows[rows.part == "choice"].groupby("weight")
    return float(groups.agreement.mean().where(groups.classes.min() >= 5).idxmax())


def final(weight: float, task_seed: int) -> list[dict[str, Any]]:
    """Return the accuracy of each method on one fresh task."""
    here, seed = task(task_seed), 1000 * task_seed
    rows = []
    for method in (*BESIDE, KEPT):
        if method == KEPT:
            start = adapt("MK-MMD", here, seed, device="cpu", weight=weight).model
            model, used = taught(start, here, weight, seed), weight
        else:
            model = adapt(method, here, seed, device="cpu").model
            used = CHOSEN[method].get("weight", np.nan)
        accuracy = here.score(predictor(model))
        row = {"part": "final", "method": method, "weight": used, "task_seed": task_seed}
        rows.append(row | {"seed": seed, "accuracy": accuracy})
    return rows


def run(jobs: int = 1) -> pd.DataFrame:
    """Return part, method, weight, task_seed, seed, agreement, classes, accuracy."""
    work = [(weight, s) for weight in WEIGHTS for s in adaptation_tuning.TASK_SEEDS]
    chosen = [row for rows in map_jobs(choice, work, jobs) for row in rows]
    # A sample of the jobs, run again to confirm them, must not choose anew.
    kept = stored.load("adaptation_kept") if confirming() else pd.DataFrame(chosen)
    weight = best(kept)
    scored = [row for rows in map_jobs(final, [(weight, s) for s in TASKS], jobs) for row in rows]
    return pd.DataFrame([*chosen, *scored])
