"""Where to cut the base × labels per class × what becomes of the part above the cut.

Either the part above is dropped and a probe stands on the averaged maps at the cut, or it is
trained together with the head (LP-FT), everything below staying as it is. On ``signs`` with
``mobilesigns``; settings from ``keras_tuning``, whose tasks are other ones.
"""

from __future__ import annotations

from typing import Any

from tlbook.course.ch12_keras_practice.methods import METHODS, WHOLE
from tlbook.course.ch12_keras_practice.settings import SEARCHED, chosen
from tlbook.course.studies import Study
from tlbook.course.studies.answers import packed
from tlbook.data.signs import load_signs
from tlbook.evaluation import measure

CUTS = (0, 7, 14, 17, WHOLE)
"""Stages kept: none, up to block 5, 12, 15, and the whole base."""
BUDGETS = (1, 2, 5, 10, 20, 50)
SEEDS = tuple(range(8))
SHOWN = 0  # the seed whose answers are kept for the widget


def trial(arm: str, cut: int, budget: int, seed: int) -> dict[str, Any]:
    """Return the setting that was chosen, accuracy on the digits, and for one seed the answers."""
    setting = chosen(arm, cut, budget)
    settings = {"k": budget, "cut": cut, SEARCHED[arm]: setting}
    row = measure(METHODS[arm], load_signs(seed=seed), seed, settings, answers=True)
    answers = packed(row["answers"]) if seed == SHOWN else ""
    return {"setting": setting, "accuracy": row["accuracy"], "answers": answers}


study = Study(
    trial,
    cases=[
        {"arm": arm, "cut": cut, "budget": budget, "seed": seed}
        for seed in SEEDS
        for arm in METHODS
        for cut in CUTS
        if not (arm == "fine-tune" and cut == WHOLE)  # nothing is left to train
        for budget in BUDGETS
    ],
)
