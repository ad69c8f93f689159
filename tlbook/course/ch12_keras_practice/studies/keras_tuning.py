"""Settings for ``keras_cut``, searched on ten letters that the network was never trained on.

For each place of the cut and each number of labels: the probe's C, and the learning rate with
which everything above the cut is trained. Tasks ``signs-letters`` with seeds from 100 on.
"""

from __future__ import annotations

from tlbook.course.ch12_keras_practice.methods import METHODS, WHOLE
from tlbook.course.ch12_keras_practice.settings import BUDGETS, GRID, SEARCHED
from tlbook.course.studies import Study
from tlbook.data.signs import load_signs_letters
from tlbook.evaluation import measure

CUTS = (0, 7, 11, 14, 17, WHOLE)
"""Stages kept: none, up to block 5, 9, 12, 15, and the whole base."""
SEEDS = (100, 101)


def trial(arm: str, cut: int, setting: float, budget: int, seed: int) -> dict[str, float]:
    """Return the accuracy of a probe with this C, or of fine-tuning with this rate."""
    settings = {"k": budget, "cut": cut, SEARCHED[arm]: setting}
    row = measure(METHODS[arm], load_signs_letters(seed=seed), seed, settings)
    return {"accuracy": row["accuracy"]}


study = Study(
    trial,
    cases=[
        {"arm": arm, "cut": cut, "setting": setting, "budget": budget, "seed": seed}
        for seed in SEEDS
        for arm, tried in GRID.items()
        for cut in CUTS
        if not (arm == "fine-tune" and cut == WHOLE)  # nothing is left to train
        for setting in tried
        for budget in BUDGETS
    ],
)
