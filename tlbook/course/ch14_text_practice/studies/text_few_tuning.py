"""Settings for chapter 14's few-label curves, chosen without any torch text.

As ``text_tuning``: NumPy → SciPy and SciPy → NumPy, here with 1, 2 and 5 labels per topic of the
stand-in target.
"""

from __future__ import annotations

from typing import Any

from tlbook.course.ch14_text_practice.cases import PSEUDO, pseudo_task
from tlbook.course.ch14_text_practice.methods import FEW_LABEL_METHODS
from tlbook.course.ch14_text_practice.settings import FEW_LABEL_GRID
from tlbook.course.studies import Study
from tlbook.evaluation import measure

SEEDS = tuple(range(100, 106))
BUDGETS = (1, 2, 5)


def tune(
    method: str, settings: dict[str, Any], pair: str, budget: int, seed: int
) -> dict[str, float]:
    """Return the accuracy of one candidate on the stand-in target."""
    task, settings = pseudo_task(pair, seed), {"k": budget, **settings}
    return {"accuracy": measure(FEW_LABEL_METHODS[method], task, seed, settings)["accuracy"]}


CASES = [
    {"method": method, "settings": settings, "pair": pair, "budget": k, "seed": seed}
    for method, tried in FEW_LABEL_GRID.items()
    for seed in SEEDS
    for pair in PSEUDO
    for k in BUDGETS
    for settings in tried
]
study = Study(tune, CASES)
