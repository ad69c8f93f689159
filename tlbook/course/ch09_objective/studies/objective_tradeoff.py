"""The λ sweep of chapter 09: what the labeled target rows gain and the source loses.

fonts → handwriting with 1, 5 and 20 labels per class. Each λ is also judged by cross-validation
on the labeled target rows (two folds; with one label per class there is nothing to hold out), so
that the table says what a choice without test labels would have got.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from tlbook import data
from tlbook.course.ch09_objective.digits import held_out, joint, source_accuracy
from tlbook.course.studies._parallel import map_jobs
from tlbook.training import predictor

COMMAND = "tlbook results objective_tradeoff"

SEEDS = tuple(range(8))
BUDGETS = (1, 5, 20)
WEIGHTS = (0.01, 0.1, 1.0, 10.0, 100.0)


def trial(budget: int, weight: float, seed: int) -> dict[str, Any]:
    """Return one row: λ at one number of labels per class (0: source only, inf: target only)."""
    task = data.load("fonts-to-handwriting", seed=seed)
    X, y = task.label(max(budget, 1), seed=seed)
    model = joint(task, X, y, weight, seed)
    row = {
        "budget": budget,
        "weight": weight,
        "seed": seed,
        "accuracy": task.score(predictor(model)),
        "source": source_accuracy(model, task),
        "held_out": np.nan,
        "held_out_loss": np.nan,
    }
    if budget > 1:
        learn = partial(_learn, task, weight, seed)
        row["held_out"], row["held_out_loss"] = held_out(learn, X, y, seed)
    return row


def _learn(task: Any, weight: float, seed: int, X: Any, y: Any) -> Any:
    return joint(task, X, y, weight, seed)


def run(jobs: int = 1, seeds: Sequence[int] = SEEDS) -> pd.DataFrame:
    """Return budget, weight (λ), seed, accuracy, source, held_out, held_out_loss."""
    work = [(0, 0.0, seed) for seed in seeds]
    work += [
        (budget, weight, seed)
        for budget in BUDGETS
        for weight in (*WEIGHTS, np.inf)
        for seed in seeds
    ]
    return pd.DataFrame(map_jobs(trial, work, jobs))
