"""Alignment where the target lacks classes: the source has ten digits, the target 5–9 alone.

The matched arm has as many target rows, of all digits. Settings are those frozen for the whole
task; eight tasks that no other study has.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, partial
from typing import Any

import numpy as np

from tlbook.course.ch11_alignment.cases import partial_task
from tlbook.course.ch11_alignment.methods import class_weighted_mmd, mmd, true_mix_mmd
from tlbook.course.ch11_alignment.settings import SETTINGS as FROZEN
from tlbook.course.ch11_alignment.source_free import SETTINGS, shot, start
from tlbook.course.studies import Study
from tlbook.domains import Task

SEEDS = tuple(range(32, 40))
MIX = np.repeat([0.0, 0.2], 5)
"""The true shares of the ten digits in the partial arm, to a row or two."""
METHODS: dict[str, Callable[..., Any]] = {
    "source only": start,
    "MK-MMD": partial(mmd, **FROZEN["MK-MMD"]),
    "SHOT": partial(shot, **SETTINGS["SHOT"]),
    "BBSE-weighted MMD": partial(class_weighted_mmd, **FROZEN["BBSE-weighted MMD"]),
    "true-mix MMD": partial(true_mix_mmd, mix=MIX, **FROZEN["true-mix MMD"]),
    "SHOT, not diverse": partial(shot, diverse=False, **SETTINGS["SHOT"]),
}
ARMS = {"matched": ("source only", "MK-MMD"), "partial": tuple(METHODS)}


@lru_cache(maxsize=1)
def task(arm: str, seed: int) -> Task:
    """Return one arm of the task with this seed."""
    return partial_task(seed, partial=arm == "partial")


def trial(arm: str, method: str, seed: int) -> dict[str, Any]:
    """Return accuracy, and the share of answers that name a digit 0–4, of a method on one arm."""
    here = task(arm, seed)
    found = METHODS[method](here, 1000 * seed, device="cpu")
    low = float(np.mean(found(here.target.X) < 5))
    return {"accuracy": here.score(found), "answers 0-4": low}


study = Study(
    trial,
    [
        {"arm": arm, "method": method, "seed": seed}
        for seed in SEEDS
        for arm, methods in ARMS.items()
        for method in methods
    ],
)
