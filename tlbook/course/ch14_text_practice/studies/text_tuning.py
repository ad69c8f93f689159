"""Chapter 14's settings, chosen without any torch text: NumPy → SciPy and SciPy → NumPy.

Each arm has its own grid (``settings.GRID``), baselines as well as what is taught, and is scored on
two pseudo-tasks that are made of the labeled source alone. ``text_few_tuning`` does the same for
the methods with a few target labels.
"""

from __future__ import annotations

from typing import Any

from tlbook.course.ch14_text_practice.cases import PSEUDO, pseudo_task
from tlbook.course.ch14_text_practice.methods import METHODS
from tlbook.course.ch14_text_practice.settings import GRID
from tlbook.course.studies import Study
from tlbook.evaluation import measure

SEEDS = tuple(range(100, 106))  # far from the seeds of the chapter


def tune(arm: str, settings: dict[str, Any], pair: str, seed: int) -> dict[str, float]:
    """Return the accuracy of one candidate on the stand-in target."""
    measured = measure(METHODS[arm], pseudo_task(pair, seed), seed, settings)
    return {"accuracy": measured["accuracy"]}


CASES = [
    {"arm": arm, "settings": settings, "pair": pair, "seed": seed}
    for arm, tried in GRID.items()
    for seed in SEEDS
    for pair in PSEUDO
    for settings in tried
]
study = Study(tune, CASES)
