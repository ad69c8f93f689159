"""Alignment where the class mix differs: the digits 0–4 are cut to a tenth in the target.

The matched arm has as many target rows, of all classes alike. Settings are those frozen for the
whole task. ``accuracy`` is the share of right answers on test rows in the class mix of the arm,
``balanced`` the mean of the recalls of the ten classes, ``rare`` that of the digits 0–4.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from tlbook.course.ch11_alignment.cases import RARE, label_shift_task, true_mix
from tlbook.course.ch11_alignment.methods import METHODS, SHIFT_METHODS
from tlbook.course.ch11_alignment.runs import Settings
from tlbook.course.ch11_alignment.settings import SETTINGS
from tlbook.course.studies import Study
from tlbook.domains import Task

SEEDS = tuple(range(8))
PLAIN = (
    "source only",
    "MK-MMD",
    "Deep CORAL",
    "DANN",
    "information maximization",
    "self-training",
)
ARMS = {"matched": (*PLAIN, "BBSE-weighted MMD"), "label shift": (*PLAIN, *SHIFT_METHODS)}


@lru_cache(maxsize=2)
def task(seed: int, arm: str) -> Task:
    """Return one arm of the task with this seed."""
    return label_shift_task(seed, shifted=arm == "label shift")


def trial(arm: str, method: str, settings: Settings, seed: int) -> dict[str, Any]:
    """Return numbers of rows, accuracy, balanced and rare of a method on one arm."""
    here = task(seed, arm)
    given = {**settings, "device": "cpu"}
    if method == "true-mix MMD":
        given["mix"] = true_mix(seed)
    report = here.report((METHODS | SHIFT_METHODS)[method](here, 1000 * seed, **given))
    return {
        "unlabeled": len(here.target.X),
        "tested": int(report.confusion.sum()),
        "accuracy": report.accuracy,
        "balanced": float(np.mean(report.recall)),
        "rare": float(np.mean(report.recall[list(RARE)])),
    }


study = Study(
    trial,
    [
        {"arm": arm, "method": method, "settings": SETTINGS[method], "seed": seed}
        for seed in SEEDS
        for arm, methods in ARMS.items()
        for method in methods
    ],
)
