"""The learning curves of chapter 01: five methods on ``signs``, 1 to 50 labels per class, 8 seeds.

Every seed paints the digits anew, splits them anew and draws other labels; within a seed all
methods see the same labels. Besides the accuracy it keeps the answers on the test part of the
first seeds, so that a widget can show what is still wrong.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from tlbook.course.ch01_why_transfer.methods import FUNCTIONS, method
from tlbook.course.studies._parallel import map_jobs
from tlbook.data.signs import load_signs

COMMAND = "tlbook results signs_learning_curves"

BUDGETS = (1, 2, 5, 10, 20, 50)
SEEDS = tuple(range(8))
KEEP_ANSWERS = 3


def trial(name: str, seed: int, budget: int) -> dict[str, Any]:
    """Return one row: a method trained on one budget, scored on the test part."""
    task = load_signs(seed=seed)
    X, y = task.label(budget, seed=seed)
    start = time.process_time()
    predict = method(name)(X, y, seed)
    seconds = time.process_time() - start
    answers: list[int] = []

    def remember(rows: np.ndarray) -> np.ndarray:
        answer = predict(rows)
        answers.extend(answer.tolist())
        return answer

    accuracy = task.score(remember)
    # The letter in front keeps 797 digits a word when the table is read again.
    kept = "a" + "".join(map(str, answers)) if seed < KEEP_ANSWERS else ""
    return {
        "method": name,
        "budget": budget,
        "seed": seed,
        "accuracy": accuracy,
        "seconds": round(seconds, 2),
        "answers": kept,
    }


def run(
    jobs: int = 1, budgets: Sequence[int] = BUDGETS, seeds: Sequence[int] = SEEDS
) -> pd.DataFrame:
    """Return method, budget, seed, accuracy, seconds (CPU time on one thread), answers."""
    work = [(name, seed, budget) for seed in seeds for name in FUNCTIONS for budget in budgets]
    return pd.DataFrame(map_jobs(trial, work, jobs))
