"""Alignment where the class mix differs: the digits 0–4 are cut to a tenth in the target.

The matched arm has as many target rows, of all classes alike. Settings are those frozen for the
whole task. ``accuracy`` is the share of right answers on test rows in the class mix of the arm,
``balanced`` the mean of the recalls of the ten classes, ``rare`` that of the digits 0–4.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd

from tlbook.course.ch11_alignment.cases import RARE, label_shift_task, true_mix
from tlbook.course.ch11_alignment.grid import words
from tlbook.course.ch11_alignment.methods import SHIFT_METHODS, adapt, chosen
from tlbook.course.studies._parallel import map_jobs
from tlbook.domains import Task
from tlbook.training import predictor

COMMAND = "tlbook results adaptation_label_shift"

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
def arm(seed: int, name: str) -> Task:
    """Return one arm of the task with this seed."""
    return label_shift_task(seed, shifted=name == "label shift")


def trial(arm_name: str, method: str, seed: int) -> dict[str, Any]:
    """Return one row: a method trained and scored on one arm."""
    here = arm(seed, arm_name)
    settings = chosen(method)
    told: dict[str, Any] = {"mix": true_mix(seed)} if method == "true-mix MMD" else {}
    model = adapt(method, here, 1000 * seed, device="cpu", **settings, **told).model
    report = here.report(predictor(model))
    return {
        "arm": arm_name,
        "method": method,
        "settings": words(settings),
        "seed": seed,
        "unlabeled": len(here.target.X),
        "tested": int(report.confusion.sum()),
        "accuracy": report.accuracy,
        "balanced": float(np.mean(report.recall)),
        "rare": float(np.mean(report.recall[list(RARE)])),
    }


def run(jobs: int = 1) -> pd.DataFrame:
    """Return arm, method, settings, seed, numbers of rows, accuracy, balanced and rare."""
    work = [
        (arm_name, method, seed)
        for seed in SEEDS
        for arm_name, methods in ARMS.items()
        for method in methods
    ]
    return pd.DataFrame(map_jobs(trial, work, jobs))
