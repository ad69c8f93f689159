"""Which settings for few labeled texts: tried on NumPy and SciPy texts alone (chapter 17).

No torch text is asked for. ``text_settings.py`` has what won.
"""

from __future__ import annotations

import time
from typing import Any

import numpy as np

from tlbook.course.ch17_few_and_zero_shot.text_cases import BUDGETS, stand_in
from tlbook.course.ch17_few_and_zero_shot.text_methods import METHODS
from tlbook.course.ch17_few_and_zero_shot.text_settings import GRID
from tlbook.course.studies import Study, grid, words

SEEDS = tuple(range(1000, 1008))


def trial(method: str, k: int, seed: int) -> list[dict[str, Any]]:
    """Return accuracy, balanced accuracy and processor seconds of each setting of a method."""
    task, rows = stand_in(seed), []
    for settings in GRID[method]:
        start = time.process_time()
        report = task.report(METHODS[method](task, seed, k, **settings))
        rows.append(
            {
                "settings": words(settings),
                "accuracy": report.accuracy,
                "balanced": float(np.nanmean(report.recall)),
                "seconds": round(time.process_time() - start, 2),
            }
        )
    return rows


METHODS_THAT_DO_NOT_TRAIN = (
    "described centroids",
    "tip-adapter",
    "probe",
)
study = Study(trial, grid(method=METHODS_THAT_DO_NOT_TRAIN, k=BUDGETS, seed=SEEDS))
