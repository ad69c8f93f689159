"""The settings of chapter 07: every method gets its own search, on other classes.

Scored on ``signs-letters``, ten letters that the pretraining left out, with seeds of 100 and up;
nothing of ``signs`` is used. The probe without relations has its own grid of regularization and
standardization; uniform smoothing may choose among as many settings as relational smoothing.
"""

from __future__ import annotations

from typing import Any

from tlbook.course.ch07_relations.cases import cached_task
from tlbook.course.ch07_relations.methods import METHODS
from tlbook.course.ch07_relations.settings import GRID
from tlbook.course.studies import Study
from tlbook.evaluation import measure

BUDGETS = (1, 2, 5, 10)
SEEDS = (100, 101, 102)
FIXED = {"smoothing, relations": {"temperature": 4.0}}  # was not searched


def trial(arm: str, settings: dict[str, Any], budget: int, seed: int) -> dict[str, Any]:
    """Return the accuracy of one candidate."""
    given = {"k": budget, **FIXED.get(arm, {}), **settings}
    row = measure(METHODS[arm], cached_task("signs-letters", seed), seed, given)
    return {"accuracy": round(row["accuracy"], 4)}


study = Study(
    trial,
    cases=[
        {"arm": arm, "settings": settings, "budget": budget, "seed": seed}
        for seed in SEEDS
        for arm, tried in GRID.items()
        for settings in tried
        for budget in BUDGETS
    ],
)
