"""Settings for ``keras_cut``, searched on ten letters that the network was never trained on.

For each place of the cut and each number of labels: the probe's C, and the learning rate with
which everything above the cut is trained. Tasks ``signs-letters`` with seeds from 100 on.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from tlbook.course.ch12_keras_practice.keras_models.cuts import probe_at, tuned_above
from tlbook.course.ch12_keras_practice.keras_models.twin import mobilesigns
from tlbook.course.studies._parallel import map_jobs
from tlbook.data.signs import load_signs_letters

COMMAND = "tlbook results keras_tuning"

CUTS = (0, 7, 11, 14, 17, 19)
"""Stages kept: none, up to block 5, 9, 12, 15, and the whole base."""
WHOLE = 19
CS = (1e-3, 1e-2, 1e-1, 1.0)
RATES = (1e-4, 3e-4, 1e-3)
STEPS = 60
BUDGETS = (1, 5, 20)
SEEDS = (100, 101)


def trial(arm: str, cut: int, setting: float, budget: int, seed: int) -> dict[str, Any]:
    """Return one row: the accuracy of a probe with C, or of fine-tuning with a rate."""
    task = load_signs_letters(seed=seed)
    X, y = task.label(budget, seed=seed)
    net = mobilesigns()
    predict: Callable[[Any], np.ndarray]
    if arm == "probe":
        predict = probe_at(net, cut, X, y, C=setting)
    else:
        predict = tuned_above(net, cut, X, y, seed, lr=setting, steps=STEPS, C=PROBE_C)
    return {
        "arm": arm,
        "cut": cut,
        "setting": setting,
        "budget": budget,
        "seed": seed,
        "accuracy": task.score(predict),
    }


PROBE_C = 1e-2  # of the head that fine-tuning starts from


def run(jobs: int = 1) -> pd.DataFrame:
    """Return arm, cut, setting, budget, seed, accuracy."""
    grids = {"probe": (CUTS, CS), "fine-tune": (CUTS[:-1], RATES)}
    work = [
        (arm, cut, setting, budget, seed)
        for seed in SEEDS
        for arm, (cuts, grid) in grids.items()
        for cut in cuts
        for setting in grid
        for budget in BUDGETS
    ]
    return pd.DataFrame(map_jobs(trial, work, jobs))


def best(frame: pd.DataFrame, arm: str, cut: int, budget: int) -> float:
    """Return the setting with the best mean accuracy, for the nearest budget that was searched."""
    near = min(BUDGETS, key=lambda b: (abs(b - budget) / b, b))
    rows = frame[(frame.arm == arm) & (frame.cut == cut) & (frame.budget == near)]
    return float(rows.groupby("setting").accuracy.mean().idxmax())
