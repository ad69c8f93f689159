"""The settings of chapter 06: each way to fine-tune gets its own search, on other classes.

As in ``signs_tuning`` every candidate is scored on ``signs-letters``, ten letters that the
pretraining left out, with seeds of 100 and up; nothing of ``signs`` is used. The grid is finer than
chapter 01's and the winner is chosen for each number of labels, because a rate that is right for
ten pictures is too timid for two hundred.
"""

from __future__ import annotations

from typing import Any

from tlbook import data
from tlbook.course.ch06_finetuning.methods import fine_tune
from tlbook.course.ch06_finetuning.settings import ARMS, COMMON, GRID
from tlbook.course.studies import Study
from tlbook.evaluation import measure

BUDGETS = (1, 5, 20)
SEEDS = (100, 101)


def trial(arm: str, budget: int, seed: int, **settings: float) -> dict[str, Any]:
    """Return the accuracy of one candidate."""
    task = data.load("signs-letters", seed=seed)
    row = measure(fine_tune, task, seed, {"k": budget, **COMMON, **ARMS[arm], **settings})
    return {"accuracy": round(row["accuracy"], 4)}


study = Study(
    trial,
    cases=[
        {"arm": arm, **settings, "budget": budget, "seed": seed}
        for arm in sorted(ARMS)
        for settings in GRID[arm]
        for budget in BUDGETS
        for seed in SEEDS
    ],
)
