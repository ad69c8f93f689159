"""Alignment where the target lacks classes: the source has ten digits, the target 5–9 alone.

Settings are those frozen for the whole task; eight tasks that no other study has. How the methods
do with as many rows of all ten digits is in ``adaptation_label_shift``.
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
from tlbook.course.studies import Study, grid
from tlbook.domains import Task

SEEDS = tuple(range(32, 40))
MIX = np.repeat([0.0, 0.2], 5)
"""The true shares of the ten digits to a row or two."""
METHODS: dict[str, Callable[..., Any]] = {
    "source only": start,
    "MK-MMD": partial(mmd, **FROZEN["MK-MMD"]),
    "SHOT": partial(shot, **SETTINGS["SHOT"]),
    "BBSE-weighted MMD": partial(class_weighted_mmd, **FROZEN["BBSE-weighted MMD"]),
    "true-mix MMD": partial(true_mix_mmd, mix=MIX, **FROZEN["true-mix MMD"]),
    "SHOT, not diverse": partial(shot, diverse=False, **SETTINGS["SHOT"]),
}


@lru_cache(maxsize=1)
def task(seed: int) -> Task:
    """Return a task; one object for all methods, so that they start from one network."""
    return partial_task(seed)


def trial(method: str, seed: int) -> dict[str, Any]:
    """Return accuracy, and the share of answers that name a digit 0–4, of a method."""
    here = task(seed)
    found = METHODS[method](here, 1000 * seed, device="cpu")
    low = float(np.mean(found(here.target.X) < 5))
    return {"accuracy": here.score(found), "answers 0-4": low}


study = Study(trial, grid(seed=SEEDS, method=tuple(METHODS)))
