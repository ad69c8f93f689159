"""The learning rate of every arm of ``pytorch_listing``, each from its own grid.

A mistake must not be blamed for a rate that suits it badly, so the broken runs are tuned as well as
the repaired one: on ten letters that nothing was trained on, at seeds used nowhere else.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from tlbook.course.ch13_pytorch_practice.methods import ARMS, pictures, trained
from tlbook.course.ch13_pytorch_practice.patient import answers
from tlbook.course.studies._parallel import map_jobs
from tlbook.data.signs import load_signs_letters

COMMAND = "tlbook results pytorch_tuning"

BUDGET = 20
SEEDS = (100, 101)


def trial(name: str, lr: float, seed: int) -> dict[str, Any]:
    """Return one row: an arm at one rate, scored on letters that nobody trained on."""
    task = load_signs_letters(seed=seed)
    X, y = task.label(BUDGET, seed=seed)
    model, losses = trained(name, X, y, seed, lr=lr)
    arm = ARMS[name]
    return {
        "arm": name,
        "lr": lr,
        "seed": seed,
        "accuracy": task.score(lambda rows: answers(model, pictures(arm, rows))),
        "loss": losses[-1],
    }


def run(jobs: int = 1) -> pd.DataFrame:
    """Return arm, lr, seed, accuracy, loss of the last step."""
    work = [(name, lr, seed) for name, arm in ARMS.items() for lr in arm.grid for seed in SEEDS]
    return pd.DataFrame(map_jobs(trial, work, jobs))
