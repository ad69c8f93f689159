"""Every arm of chapter 06 at its own best: the settings that ``finetuning_tuning`` chose.

So no arm loses because it was not tuned. Labels, seeds and heads are those of
``finetuning_causes``, so the two tables can be compared seed by seed.
"""

from __future__ import annotations

from typing import Any

from tlbook.course.ch06_finetuning.settings import chosen
from tlbook.course.ch06_finetuning.studies.finetuning_causes import SEEDS, tuned
from tlbook.course.studies import Study
from tlbook.data.signs import load_signs

BUDGETS: dict[str, tuple[int, ...]] = {
    "BN train, uniform": (1, 5, 20),
    "BN frozen, uniform": (1, 5, 20),
    "BN train, layer-wise": (1, 5, 20, 50),
    "BN frozen, layer-wise": (1, 5, 20),
    "LP-FT": (1, 5, 20, 50),
}


def trial(arm: str, budget: int, seed: int) -> dict[str, Any]:
    """Return accuracy, forgotten, drift_1 … drift_6, seconds of a tuned arm on one budget."""
    return tuned(load_signs(seed=seed), seed, budget, chosen(arm, budget))


study = Study(
    trial,
    cases=[
        {"arm": arm, "budget": budget, "seed": seed}
        for seed in SEEDS
        for arm, budgets in BUDGETS.items()
        for budget in budgets
    ],
)
