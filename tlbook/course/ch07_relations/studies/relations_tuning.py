"""The settings of chapter 07: every arm gets its own search, on other classes.

Scored on ``signs-letters``, ten letters that the pretraining left out, with seeds of 100 and up;
nothing of ``signs`` is used. The probe without relations has its own grid of regularization and
standardization; uniform smoothing may choose among as many settings as relational smoothing.
"""

from __future__ import annotations

from itertools import product
from typing import Any

import pandas as pd

from tlbook.course.ch07_relations.cases import TOLD_LETTERS, cached_task, learned, told
from tlbook.course.ch07_relations.methods import fitted
from tlbook.data.signs import HELD_OUT

COMMAND = "tlbook results relations_tuning"

BUDGETS = (1, 2, 5, 10)
SEEDS = (100, 101, 102)
CS = (1e-2, 1e-1, 1.0, 10.0)
STRENGTHS = (0.1, 0.3, 1.0, 3.0)

GRID: dict[str, dict[str, tuple[Any, ...]]] = {
    "plain": {"C": (1e-4, 1e-3, *CS, 100.0), "scale": ("own", "letters")},
    "told": {"C": CS, "strength": STRENGTHS},
    "learned": {"C": CS, "strength": STRENGTHS[1:], "temperature": (1.0, 4.0, 8.0)},
    "prints": {"C": CS, "strength": STRENGTHS},
    "smoothing, uniform": {"C": CS[:3], "epsilon": (0.1, 0.2, 0.4)},
    "smoothing, relations": {"C": CS[:3], "epsilon": (0.1, 0.2, 0.4)},
}


def trial(arm: str, settings: dict[str, Any], budget: int, seed: int) -> dict[str, Any]:
    """Return one row of the study."""
    task = cached_task("signs-letters", seed)
    S = told(TOLD_LETTERS) if arm == "told" else learned(HELD_OUT, settings.get("temperature", 4.0))
    Z, y = task.label(budget, seed=seed)
    accuracy = task.score(fitted(arm, HELD_OUT, Z, y, S, **settings))
    text = ", ".join(f"{k}={v}" for k, v in settings.items())
    return {
        "arm": arm, "settings": text, "budget": budget, "seed": seed, "accuracy": round(accuracy, 4)
    }  # fmt: skip


def run(jobs: int = 1) -> pd.DataFrame:
    """Return the accuracy of every candidate: arm, settings, budget, seed, accuracy."""
    rows = [
        trial(arm, dict(zip(grid, values, strict=True)), budget, seed)
        for seed in SEEDS
        for arm, grid in GRID.items()
        for values in product(*grid.values())
        for budget in BUDGETS
    ]
    return pd.DataFrame(rows)


def best(frame: pd.DataFrame) -> dict[str, str]:
    """Return each arm's settings with the largest mean over budgets and seeds."""
    mean = frame.groupby(["arm", "settings"])["accuracy"].mean()
    return {arm: mean[arm].idxmax() for arm in mean.index.levels[0]}
