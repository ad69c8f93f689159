"""Zero to eight labels per topic, and what each method makes of them (chapter 17).

The texts are torch's, and the settings are those that won on NumPy and SciPy texts.
"""

from __future__ import annotations

import time
from typing import Any

from tlbook.course.ch17_few_and_zero_shot.text_cases import BUDGETS, judged, torch_topics
from tlbook.course.ch17_few_and_zero_shot.text_methods import METHODS
from tlbook.course.ch17_few_and_zero_shot.text_settings import settings_of
from tlbook.course.studies import Study, grid

SEEDS = tuple(range(8))
METHODS_THAT_DO_NOT_TRAIN = (
    "centroids",
    "described centroids",
    "tip-adapter",
    "probe",
)


def trial(method: str, k: int, seed: int) -> dict[str, Any]:
    """Return accuracies, marks of the texts, and processor seconds."""
    task = torch_topics(seed)
    start = time.process_time()
    predict = METHODS[method](task, seed, k, **settings_of(method, k))
    return judged(task, predict) | {"seconds": round(time.process_time() - start, 2)}


study = Study(
    trial,
    grid(method=("zero-shot", "zero-shot, centered"), k=(0,), seed=SEEDS)
    + grid(method=METHODS_THAT_DO_NOT_TRAIN, k=BUDGETS, seed=SEEDS),
)
