"""The choice of settings for chapters 10 and 11: every criterion that needs no target label.

Each setting of each method is trained with three seeds on two tasks that are used for nothing
else. The rows hold criteria, larger is better, and no target score. ``best`` is the rule: the
largest agreement between seeds among the settings that have not collapsed.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from tlbook.course.ch11_alignment.methods import METHODS
from tlbook.course.ch11_alignment.runs import Settings, label_free
from tlbook.course.ch11_alignment.settings import GRID
from tlbook.course.studies import Study, confirming
from tlbook.selection import CRITERIA, agreement_of_each, effective_classes, score

TASK_SEEDS = (100, 101)  # far from those of the chapters
RUNS = 3
CLASSES = 10
LEAST = 0.5
KEPT = tuple(name for name in CRITERIA if name not in ("agreement", "reverse validation"))
"""Reverse validation costs another training and has its own study, ``adaptation_reverse``."""
CASES: list[dict[str, Any]] = [
    {"method": method, "settings": settings, "task_seed": task_seed}
    for task_seed in TASK_SEEDS
    for method in METHODS
    for settings in GRID[method]
    if method != "upper bound"
]


def training_seed(task_seed: int, run: int) -> int:
    """Return the seed of the start and the draws of one run on one task."""
    return 1000 * task_seed + run


def trial(method: str, settings: Settings, task_seed: int) -> list[dict[str, Any]]:
    """Return a row for each seed: effective number of classes, agreement, the other criteria."""
    seeds = [training_seed(task_seed, run) for run in range(RUNS)]
    runs = [label_free(method, settings, task_seed, seed, fresh=confirming()) for seed in seeds]
    agreements = agreement_of_each(np.array([run.answers for run in runs]))
    return [
        {
            "seed": run.seed,
            "classes": effective_classes(run.answers, CLASSES),
            "agreement": agreement,
            **{criterion: score([run], criterion) for criterion in KEPT},
        }
        for run, agreement in zip(runs, agreements, strict=True)
    ]


study = Study(trial, CASES)


def means(frame: pd.DataFrame, criterion: str = "agreement") -> pd.Series:
    """Return the mean criterion by method and settings, NaN where one of the runs has collapsed."""
    groups = frame.groupby(["method", "settings"], sort=False)
    return groups[criterion].mean().where(groups["classes"].min() >= LEAST * CLASSES)


def best(frame: pd.DataFrame, criterion: str = "agreement") -> dict[str, str]:
    """Return the chosen settings of each method; of equal ones the first of the grid."""
    mean = means(frame, criterion)
    return {name: mean[name].idxmax() for name in frame.method.unique()}
