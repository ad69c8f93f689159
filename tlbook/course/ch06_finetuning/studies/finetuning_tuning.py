"""The settings of chapter 06: each way to fine-tune gets its own search, on other classes.

As in ``signs_tuning`` every candidate is scored on ``signs-letters``, ten letters that the
pretraining left out, with seeds of 100 and up; nothing of ``signs`` is used. The grid is finer than
chapter 01's and the winner is chosen for each number of labels, because a rate that is right for
ten pictures is too timid for two hundred.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from tlbook import data
from tlbook.course.ch06_finetuning.methods import fine_tune
from tlbook.course.studies._parallel import map_jobs

COMMAND = "tlbook results finetuning_tuning"

BUDGETS = (1, 5, 20)
SEEDS = (100, 101)
COMMON: dict[str, Any] = {"schedule": "one-cycle", "augment": "mild", "steps": 100}

UNIFORM = tuple({"lr": lr} for lr in (1e-4, 3e-4, 1e-3, 3e-3))
LAYER_WISE = tuple({"lr": lr, "decay": d} for lr in (1e-3, 3e-3, 1e-2) for d in (0.3, 0.6))
TRAIN, FROZEN = {"batchnorm": "train"}, {"batchnorm": "frozen"}

ARMS: dict[str, tuple[dict[str, Any], tuple[dict[str, Any], ...]]] = {
    "BN train, uniform": (TRAIN, UNIFORM),
    "BN frozen, uniform": (FROZEN, UNIFORM),
    "BN train, layer-wise": (TRAIN, LAYER_WISE),
    "BN frozen, layer-wise": (FROZEN, LAYER_WISE),
    "LP-FT": (
        FROZEN | {"head": "probe"},
        tuple({"lr": lr} for lr in (1e-5, 3e-5, 1e-4, 3e-4, 1e-3)),
    ),
}


def trial(arm: str, settings: dict[str, Any], seed: int, budget: int) -> dict[str, Any]:
    """Return one row of the study."""
    task = data.load("signs-letters", seed=seed)
    X, y = task.label(budget, seed=seed)
    accuracy = task.score(fine_tune(X, y, seed, **COMMON, **ARMS[arm][0], **settings))
    return {
        "arm": arm,
        "lr": settings["lr"],
        "decay": settings.get("decay", 1.0),
        "budget": budget,
        "seed": seed,
        "accuracy": round(accuracy, 4),
    }


def run(jobs: int = 1) -> pd.DataFrame:
    """Return the accuracy of every candidate: arm, lr, decay, budget, seed, accuracy."""
    work = [
        (arm, settings, seed, budget)
        for budget in sorted(BUDGETS, reverse=True)  # the long runs first
        for arm, (_, grid) in ARMS.items()
        for settings in grid
        for seed in SEEDS
    ]
    frame = pd.DataFrame(map_jobs(trial, work, jobs))
    return frame.sort_values(["arm", "lr", "decay", "budget", "seed"], ignore_index=True)


def best(frame: pd.DataFrame) -> dict[tuple[str, int], dict[str, float]]:
    """Return for each arm and budget the settings with the largest mean over the seeds."""
    mean = frame.groupby(["arm", "budget", "lr", "decay"])["accuracy"].mean()
    winners = mean.groupby(["arm", "budget"]).idxmax()
    return {(arm, budget): {"lr": lr, "decay": decay} for arm, budget, lr, decay in winners}
