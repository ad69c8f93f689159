"""Where to cut the base × labels per class × what becomes of the part above the cut.

Either the part above is dropped and a probe stands on the averaged maps at the cut, or it is
trained together with the head (LP-FT), everything below staying as it is. On ``signs`` with
``mobilesigns``; settings from ``keras_tuning``, whose tasks are other ones.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from tlbook.course.ch12_keras_practice.keras_models.cuts import probe_at, tuned_above
from tlbook.course.ch12_keras_practice.keras_models.twin import mobilesigns
from tlbook.course.ch12_keras_practice.studies.keras_tuning import PROBE_C, STEPS, WHOLE, best
from tlbook.course.results import stored
from tlbook.course.studies._parallel import map_jobs
from tlbook.data.signs import load_signs

COMMAND = "tlbook results keras_cut"

CUTS = (0, 7, 14, 17, WHOLE)
"""Stages kept: none, up to block 5, 12, 15, and the whole base."""
ARMS = ("probe", "fine-tune")
BUDGETS = (1, 2, 5, 10, 20, 50)
SEEDS = tuple(range(8))
SHOWN = 0  # the seed whose answers are kept for the widget


def trial(arm: str, cut: int, budget: int, seed: int) -> dict[str, Any]:
    """Return one row: accuracy on the digits, and for one seed the answers."""
    setting = best(stored.load("keras_tuning"), arm, cut, budget)
    task = load_signs(seed=seed)
    X, y = task.label(budget, seed=seed)
    net = mobilesigns()
    predict: Callable[[Any], np.ndarray]
    if arm == "probe":
        predict = probe_at(net, cut, X, y, C=setting)
    else:
        predict = tuned_above(net, cut, X, y, seed, lr=setting, steps=STEPS, C=PROBE_C)
    answers: list[int] = []

    def remember(rows: np.ndarray) -> np.ndarray:
        answer = predict(rows)
        answers.extend(answer.tolist())
        return answer

    return {
        "arm": arm,
        "cut": cut,
        "budget": budget,
        "seed": seed,
        "setting": setting,
        "accuracy": task.score(remember),
        # The letter in front keeps 797 digits a word when the table is read again.
        "answers": "a" + "".join(map(str, answers)) if seed == SHOWN else "",
    }


def run(jobs: int = 1) -> pd.DataFrame:
    """Return arm, cut, budget, seed, setting, accuracy, answers."""
    work = [
        (arm, cut, budget, seed)
        for seed in SEEDS
        for arm in ARMS
        for cut in CUTS
        for budget in BUDGETS
        if not (arm == "fine-tune" and cut == WHOLE)  # nothing is left to train
    ]
    return pd.DataFrame(map_jobs(trial, work, jobs))
