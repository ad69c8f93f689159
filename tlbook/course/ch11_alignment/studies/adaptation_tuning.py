"""The choice of settings for chapters 10 and 11: every criterion that needs no target label.

Each setting of each method is trained with three seeds on two tasks that are used for nothing
else. The rows hold criteria, larger is better, and no target score. ``best`` is the rule: the
largest agreement between seeds among the settings that have not collapsed.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from tlbook.course.ch11_alignment.grid import GRID, words
from tlbook.course.ch11_alignment.runs import evidence
from tlbook.course.studies._parallel import confirming, map_jobs
from tlbook.selection import CRITERIA, agreement_of_each, effective_classes, score

COMMAND = "tlbook results adaptation_tuning"

TASK_SEEDS = (100, 101)  # far from those of the chapters
RUNS = 3
CLASSES = 10
LEAST = 0.5
KEPT = tuple(name for name in CRITERIA if name not in ("agreement", "reverse validation"))
"""Reverse validation costs another training and has its own study, ``adaptation_reverse``."""
METHODS = tuple(name for name in GRID if name != "upper bound")


def training_seed(task_seed: int, run: int) -> int:
    """Return the seed of the start and the draws of one run on one task."""
    return 1000 * task_seed + run


def tune(name: str, text: str, task_seed: int, fresh: bool = False) -> list[dict[str, Any]]:
    """Return one row for each seed of a setting on one task."""
    seeds = [training_seed(task_seed, run) for run in range(RUNS)]
    runs = [evidence(name, text, task_seed, seed, fresh) for seed in seeds]
    agreements = agreement_of_each(np.array([run.answers for run in runs]))
    rows = []
    for run, agreed in zip(runs, agreements, strict=True):
        row: dict[str, Any] = {
            "method": name,
            "settings": text,
            "task_seed": task_seed,
            "seed": run.seed,
            "classes": effective_classes(run.answers, CLASSES),
            "agreement": agreed,
        }
        rows.append(row | {criterion: score([run], criterion) for criterion in KEPT})
    return rows


def run(jobs: int = 1) -> pd.DataFrame:
    """Return method, settings, task_seed, seed, classes (effective number), and the criteria."""
    work = [
        (name, words(settings), task_seed, confirming())
        for task_seed in TASK_SEEDS
        for name in METHODS
        for settings in GRID[name]
    ]
    return pd.DataFrame([row for rows in map_jobs(tune, work, jobs) for row in rows])


def means(frame: pd.DataFrame, criterion: str = "agreement") -> pd.Series:
    """Return the mean criterion by method and settings, NaN where one of the runs has collapsed."""
    groups = frame.groupby(["method", "settings"], sort=False)
    return groups[criterion].mean().where(groups["classes"].min() >= LEAST * CLASSES)


def best(frame: pd.DataFrame, criterion: str = "agreement") -> dict[str, str]:
    """Return the chosen settings of each method; of equal ones the first of the grid."""
    mean = means(frame, criterion)
    return {name: mean[name].idxmax() for name in frame.method.unique()}
