"""Chapter 14's settings, chosen without any torch text: NumPy → SciPy and SciPy → NumPy.

Each arm has its own grid (``text_arms.GRID``), baselines as well as what is taught, and is scored
on two pseudo-tasks that are made of the labeled source alone. ``few`` is the same for the weight of
target labels in the few-label study.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from tlbook.course.ch05_features.methods import words
from tlbook.course.ch14_text_practice.cases import PSEUDO, pseudo_task
from tlbook.course.ch14_text_practice.methods import GRID, fit_arm
from tlbook.course.studies._parallel import map_jobs

COMMAND = "tlbook results text_tuning"

SEEDS = tuple(range(100, 106))  # far from the seeds of the chapter


def tune(arm: str, seed: int) -> list[dict[str, Any]]:
    """Return one row for each setting of an arm on each pseudo-task."""
    out = []
    for pair in PSEUDO:
        (Xs, ys), (Xt, _), (X, y) = pseudo_task(pair, seed)
        for settings in GRID[arm]:
            answers = fit_arm(arm, Xs, ys, Xt, settings)(X)
            out.append(
                {
                    "arm": arm,
                    "settings": words(settings),
                    "pair": pair,
                    "seed": seed,
                    "accuracy": float(np.mean(answers == y)),
                }
            )
    return out


def run(jobs: int = 1) -> pd.DataFrame:
    """Return the accuracy of every candidate: arm, settings, pair, seed, accuracy."""
    work = [(arm, seed) for arm in GRID for seed in SEEDS]
    return pd.DataFrame([row for rows in map_jobs(tune, work, jobs) for row in rows])


def best(frame: pd.DataFrame) -> dict[str, str]:
    """Return for each arm the settings with the largest mean over pseudo-tasks and seeds."""
    mean = frame.groupby(["arm", "settings"], sort=False)["accuracy"].mean()
    return {arm: mean[arm].idxmax() for arm in frame["arm"].drop_duplicates()}
