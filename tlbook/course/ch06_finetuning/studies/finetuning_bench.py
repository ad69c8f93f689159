"""The sweep behind the widget ``freeze_bench``: what is frozen, the rate, BatchNorm, the labels.

One seed only: it is there to be played with. What chapter 06 concludes rests on
``finetuning_causes`` and ``finetuning_tuned``.
"""

from __future__ import annotations

from typing import Any

from tlbook.course.ch06_finetuning.cases import drift, forgotten
from tlbook.course.ch06_finetuning.methods import N_BLOCKS, Training, fine_tuned
from tlbook.course.studies import Study, grid
from tlbook.course.studies.answers import packed
from tlbook.data.signs import load_signs
from tlbook.evaluation import measure

FROZEN = (0, 2, 4, N_BLOCKS)
RATES = (1e-4, 1e-3, 1e-2)
BATCHNORM = ("train", "frozen")
BUDGETS = (1, 5, 20)
SEEDS = (0,)


def trial(budget: int, seed: int, **choices: Any) -> dict[str, Any]:
    """Return accuracy, forgotten, drift_1 … drift_6 and the answers on the test part."""
    task, training = load_signs(seed=seed), Training(fine_tuned)
    row = measure(training, task, seed, {"k": budget, **choices}, answers=True)
    return {
        "accuracy": row["accuracy"],
        "forgotten": forgotten(training.network, task),
        **drift(training.network, task),
        "answers": packed(row["answers"]),
    }


study = Study(trial, grid(frozen=FROZEN, lr=RATES, batchnorm=BATCHNORM, budget=BUDGETS, seed=SEEDS))
