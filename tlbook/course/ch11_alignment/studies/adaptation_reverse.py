"""Reverse validation of the settings in ``adaptation_tuning``: each is trained back to the source.

One network for each setting and task goes the way back, which costs a training; no target label
is involved.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from tlbook.course.ch11_alignment.grid import GRID, words
from tlbook.course.ch11_alignment.runs import way_back
from tlbook.course.ch11_alignment.studies import adaptation_tuning
from tlbook.course.studies._parallel import confirming, map_jobs

COMMAND = "tlbook results adaptation_reverse"


def trial(name: str, text: str, task_seed: int, fresh: bool = False) -> dict[str, Any]:
    """Return one row: minus the reverse risk of the first run, larger is better."""
    seed = adaptation_tuning.training_seed(task_seed, 0)
    return {
        "method": name,
        "settings": text,
        "task_seed": task_seed,
        "seed": seed,
        "reverse validation": -way_back(name, text, task_seed, seed, fresh),
    }


def run(jobs: int = 1) -> pd.DataFrame:
    """Return method, settings, task_seed, seed, reverse validation."""
    work = [
        (name, words(settings), task_seed, confirming())
        for task_seed in adaptation_tuning.TASK_SEEDS
        for name in adaptation_tuning.METHODS
        for settings in GRID[name]
    ]
    return pd.DataFrame(map_jobs(trial, work, jobs))
