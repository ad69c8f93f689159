"""The learning curves of chapter 01: five methods on ``signs``, 1 to 50 labels per class, 8 seeds.

Every seed paints the digits anew, splits them anew and draws other labels; within a seed all
methods see the same labels. Besides the accuracy it keeps the answers on the test part of the
first seeds, so that a widget can show what is still wrong.
"""

from __future__ import annotations

import time
from typing import Any

from tlbook.course.ch01_why_transfer.methods import METHODS
from tlbook.course.studies import Study
from tlbook.course.studies.answers import packed
from tlbook.data.signs import load_signs
from tlbook.evaluation import measure

BUDGETS = (1, 2, 5, 10, 20, 50)
SEEDS = tuple(range(8))
KEEP_ANSWERS = 3


def trial(method: str, budget: int, seed: int) -> dict[str, Any]:
    """Return accuracy, seconds (CPU time on one thread) and answers of a method on one budget."""
    task, clock = load_signs(seed=seed), time.process_time
    row = measure(METHODS[method], task, seed, {"k": budget}, clock=clock, answers=True)
    return {
        "accuracy": row["accuracy"],
        "seconds": round(row["seconds"], 2),
        "answers": packed(row["answers"]) if seed < KEEP_ANSWERS else "",
    }


study = Study(
    trial,
    cases=[
        {"method": method, "budget": budget, "seed": seed}
        for seed in SEEDS
        for method in METHODS
        for budget in BUDGETS
    ],
)
