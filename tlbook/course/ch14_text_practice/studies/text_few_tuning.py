"""Settings for chapter 14's few-label curves, chosen without any torch text.

As ``text_tuning``: NumPy → SciPy and SciPy → NumPy, here with 1, 2 and 5 labels per topic of the
stand-in target.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from tlbook.course.ch05_features.methods import words
from tlbook.course.ch14_text_practice.cases import PSEUDO, pseudo_task, some_of_each
from tlbook.course.ch14_text_practice.few_labels import GRID, fit_few
from tlbook.course.studies._parallel import map_jobs

COMMAND = "tlbook results text_few_tuning"

SEEDS = tuple(range(100, 106))
BUDGETS = (1, 2, 5)


def tune(method: str, seed: int) -> list[dict[str, Any]]:
    """Return one row for each setting of a method, pseudo-task and budget."""
    out = []
    for pair in PSEUDO:
        source, target, (X, y) = pseudo_task(pair, seed)
        for k in BUDGETS:
            few = some_of_each(target, k, seed)
            for settings in GRID[method]:
                answers = fit_few(method, source, few, target[0], settings)(X)
                row = {"method": method, "settings": words(settings), "pair": pair}
                accuracy = float(np.mean(answers == y))
                out.append(row | {"budget": k, "seed": seed, "accuracy": accuracy})
    return out


def run(jobs: int = 1) -> pd.DataFrame:
    """Return method, settings, pair, budget, seed, accuracy."""
    work = [(method, seed) for method in GRID for seed in SEEDS]
    return pd.DataFrame([row for rows in map_jobs(tune, work, jobs) for row in rows])


def best(frame: pd.DataFrame) -> dict[str, str]:
    """Return for each method the settings with the largest mean over pseudo-tasks and budgets."""
    mean = frame.groupby(["method", "settings"], sort=False)["accuracy"].mean()
    return {method: mean[method].idxmax() for method in frame["method"].drop_duplicates()}
