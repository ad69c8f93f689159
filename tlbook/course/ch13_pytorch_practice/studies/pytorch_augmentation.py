"""Behind the widget ``rate_finder``: augmentation × learning rate × labels per class, 8 seeds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from tlbook.course.ch13_pytorch_practice.augmented import KINDS, augmented
from tlbook.course.studies._parallel import map_jobs
from tlbook.data.signs import load_signs
from tlbook.training import predictor

COMMAND = "tlbook results pytorch_augmentation"

STRENGTHS = (0, 1, 2)
RATES = (3e-4, 3e-3, 3e-2)
BUDGETS = (2, 20)
SEEDS = tuple(range(8))


def settings() -> list[tuple[str, int]]:
    """Return kind and strength of each augmentation; without strength there is only one."""
    return [("none", 0), *((kind, s) for kind in KINDS for s in STRENGTHS if s)]


def trial(kind: str, strength: int, lr: float, budget: int, seed: int) -> dict[str, Any]:
    """Return one row: a fine-tuned network scored on the test part."""
    task = load_signs(seed=seed)
    X, y = task.label(budget, seed=seed)
    shape = KINDS[0] if kind == "none" else kind
    model = augmented(X, y, seed, kind=shape, strength=strength, lr=lr)
    return {
        "kind": kind,
        "strength": strength,
        "lr": lr,
        "budget": budget,
        "seed": seed,
        "accuracy": task.score(predictor(model)),
    }


def run(jobs: int = 1, seeds: Sequence[int] = SEEDS) -> pd.DataFrame:
    """Return kind, strength, lr, budget, seed, accuracy."""
    work = [
        (kind, strength, lr, budget, seed)
        for seed in seeds
        for kind, strength in settings()
        for lr in RATES
        for budget in BUDGETS
    ]
    return pd.DataFrame(map_jobs(trial, work, jobs))
