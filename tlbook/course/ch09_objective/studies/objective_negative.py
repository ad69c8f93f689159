"""Negative transfer, measured: where the source hurts, by target labels and by shift.

The same learner with and without the source, each with its Ω chosen on held-out target rows, for
sources whose labels follow another code for 0 to 5 pairs of digits.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from tlbook import data
from tlbook.course.ch09_objective.transfer import ARMS, accuracy, choose, loss, solve, source_loss
from tlbook.course.studies._parallel import map_jobs

COMMAND = "tlbook results objective_negative"

SEEDS = tuple(range(8))
BUDGETS = (2, 5, 10, 20, 50)
PAIRS = (0, 1, 2, 3, 4, 5)


def trials(budget: int, seed: int) -> list[dict[str, Any]]:
    """Return one row for each number of recoded pairs and each arm."""
    task = data.load("fonts-to-handwriting", seed=seed)
    X, y = task.label(budget, seed=seed)
    L_T = loss(X, y)
    out = []
    for pairs in PAIRS:
        L_S = source_loss(task, pairs)
        for arm in ARMS:
            if arm == "target alone" and pairs:
                continue  # it does not see the source
            setting, (held, _) = choose(arm, L_S, X, y, seed)
            out.append(
                {
                    "budget": budget,
                    "pairs": pairs,
                    "arm": arm,
                    "seed": seed,
                    "weight": setting.weight,
                    "omega": setting.omega,
                    "held_out": held,
                    "accuracy": accuracy(task, solve(L_S, L_T, setting)),
                }
            )
    return out


def run(jobs: int = 1, seeds: Sequence[int] = SEEDS) -> pd.DataFrame:
    """Return budget, pairs, arm, seed, weight (λ), omega, held_out, accuracy."""
    work = [(budget, seed) for seed in seeds for budget in BUDGETS]
    return pd.DataFrame([row for rows in map_jobs(trials, work, jobs) for row in rows])
