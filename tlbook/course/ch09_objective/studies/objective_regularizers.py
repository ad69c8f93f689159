"""Three kinds of Ω of chapter 09, each with as many strengths, on fonts → handwriting.

A network that the source trained goes on with L_T + Ω on 1, 5 or 20 target labels per class. Every
strength is also judged by cross-validation on the labeled target rows, from which the chapter
chooses for each kind of Ω alike.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from tlbook import data
from tlbook.course.ch09_objective.digits import held_out, joint, regularized, source_accuracy
from tlbook.course.ch09_objective.studies import objective_tradeoff
from tlbook.course.studies._parallel import map_jobs
from tlbook.training import predictor

COMMAND = "tlbook results objective_regularizers"

SEEDS = objective_tradeoff.SEEDS
BUDGETS = objective_tradeoff.BUDGETS
GRID: dict[str, tuple[float, ...]] = {
    "none": (0.0,),
    "weight decay": (0.01, 0.1, 1.0, 10.0),
    "L2-SP": (0.001, 0.01, 0.1, 1.0),
    "dropout": (0.1, 0.3, 0.5, 0.8),
}


def trials(seed: int) -> list[dict[str, Any]]:
    """Return the rows of one seed: every kind, strength and number of labels."""
    task = data.load("fonts-to-handwriting", seed=seed)
    start = joint(task, None, None, 0.0, seed)
    out = [_row(0, "source only", 0.0, seed, start, task)]
    for budget in BUDGETS:
        X, y = task.label(budget, seed=seed)
        for kind, strengths in GRID.items():
            for strength in strengths:
                learn = partial(regularized, start, kind=kind, strength=strength, seed=seed)
                row = _row(budget, kind, strength, seed, learn(X, y), task)
                if budget > 1:
                    row["held_out"], row["held_out_loss"] = held_out(learn, X, y, seed)
                out.append(row)
    return out


def _row(
    budget: int, kind: str, strength: float, seed: int, model: Any, task: Any
) -> dict[str, Any]:
    return {
        "budget": budget,
        "omega": kind,
        "strength": strength,
        "seed": seed,
        "accuracy": task.score(predictor(model)),
        "source": source_accuracy(model, task),
        "held_out": np.nan,
        "held_out_loss": np.nan,
    }


def run(jobs: int = 1, seeds: Sequence[int] = SEEDS) -> pd.DataFrame:
    """Return budget, omega, strength, seed, accuracy, source, held_out, held_out_loss."""
    return pd.DataFrame(
        [row for rows in map_jobs(trials, [(s,) for s in seeds], jobs) for row in rows]
    )
