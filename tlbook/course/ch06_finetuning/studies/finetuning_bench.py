"""The sweep behind the widget ``freeze_bench``: what is frozen, the rate, BatchNorm, the labels.

One seed only: it is there to be played with. What chapter 06 concludes rests on
``finetuning_causes`` and ``finetuning_tuned``.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from tlbook.course.ch06_finetuning.methods import N_BLOCKS, fine_tuned
from tlbook.course.ch06_finetuning.studies.finetuning_causes import lost
from tlbook.course.studies._parallel import map_jobs
from tlbook.data.signs import load_signs
from tlbook.training import predict

COMMAND = "tlbook results finetuning_bench"

FROZEN = (0, 2, 4, N_BLOCKS)
RATES = (1e-4, 1e-3, 1e-2)
BATCHNORM = ("train", "frozen")
BUDGETS = (1, 5, 20)
SEEDS = (0,)


def trial(frozen: int, lr: float, batchnorm: str, budget: int, seed: int) -> dict[str, Any]:
    """Return one row, with the answers on the test part."""
    task = load_signs(seed=seed)
    X, y = task.label(budget, seed=seed)
    model = fine_tuned(X, y, seed, frozen=frozen, lr=lr, batchnorm=batchnorm)
    answers: list[int] = []

    def remember(rows: np.ndarray) -> np.ndarray:
        answer = predict(model, rows)
        answers.extend(answer.tolist())
        return answer

    return {
        "frozen": frozen,
        "lr": lr,
        "batchnorm": batchnorm,
        "budget": budget,
        "seed": seed,
        "accuracy": task.score(remember),
        **lost(model, task),
        # The letter in front keeps 797 digits a word when the table is read again.
        "answers": "a" + "".join(map(str, answers)),
    }


def run(jobs: int = 1) -> pd.DataFrame:
    """Return frozen, lr, batchnorm, budget, seed, accuracy, forgotten, drift_1 … 6, answers."""
    work = [
        (frozen, lr, batchnorm, budget, seed)
        for seed in SEEDS
        for frozen in FROZEN
        for lr in RATES
        for batchnorm in BATCHNORM
        for budget in BUDGETS
    ]
    return pd.DataFrame(map_jobs(trial, work, jobs))
