"""The choice of settings for the methods of chapter 01: a grid for each, on other classes.

Every candidate is scored on ``signs-letters``: ten letters that the pretraining left out. Nothing
of ``signs``, the task of the chapters, is used. No setting got more than 900 steps. Training from
scratch was also tried with a learning rate of 4e-3 and that was dropped: on three of eight draws
of 50 labels per class the training loss never fell.
"""

from __future__ import annotations

from itertools import product
from typing import Any

import pandas as pd

from tlbook import data
from tlbook.course.ch01_why_transfer.methods import FUNCTIONS
from tlbook.course.studies._parallel import map_jobs

COMMAND = "tlbook results signs_tuning"

BUDGETS = (1, 5, 20)
SEEDS = (100, 101)  # far from the seeds of the chapters
START_C = 0.1  # every candidate of fine-tuning starts from the same probe
GRID: dict[str, dict[str, tuple[Any, ...]]] = {
    "raw pixels": {"C": (1e-3, 1e-2, 1e-1, 1.0, 10.0)},
    "random features": {"C": (1e-1, 1.0, 10.0, 100.0, 1000.0)},
    "linear probe": {"C": (1e-3, 1e-2, 1e-1, 1.0, 10.0)},
    "scratch": {"lr": (1e-3, 2e-3), "steps": (300, 900), "augment": ("none", "mild", "strong")},
    "fine-tuning": {"lr": (1e-4, 3e-4, 1e-3), "steps": (100, 300), "augment": ("none", "mild")},
}


def candidates(name: str) -> list[dict[str, Any]]:
    """Return the settings that are tried for a method."""
    grid = GRID[name]
    return [dict(zip(grid, values, strict=True)) for values in product(*grid.values())]


def trial(name: str, settings: dict[str, Any], seed: int, budget: int) -> dict[str, Any]:
    """Return one row of the study."""
    task = data.load("signs-letters", seed=seed)
    X, y = task.label(budget, seed=seed)
    extra = {"C": START_C} if name == "fine-tuning" else {}
    accuracy = task.score(FUNCTIONS[name](X, y, seed, **settings, **extra))
    text = ", ".join(f"{k}={v}" for k, v in settings.items())
    return {
        "method": name,
        "settings": text,
        "budget": budget,
        "seed": seed,
        "accuracy": round(accuracy, 4),
    }


def run(jobs: int = 1) -> pd.DataFrame:
    """Return the accuracy of every candidate: method, settings, budget, seed, accuracy."""
    work = [
        (name, settings, seed, budget)
        for name in GRID
        for settings in candidates(name)
        for seed in SEEDS
        for budget in BUDGETS
    ]
    return pd.DataFrame(map_jobs(trial, work, jobs))


def best(frame: pd.DataFrame) -> dict[str, str]:
    """Return each method's settings with the largest mean over budgets and seeds."""
    mean = frame.groupby(["method", "settings"])["accuracy"].mean()
    return {name: mean[name].idxmax() for name in mean.index.levels[0]}
