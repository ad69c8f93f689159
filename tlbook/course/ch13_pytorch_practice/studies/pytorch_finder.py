"""The learning-rate range test behind the widget ``rate_finder``: a curve per augmentation."""

from __future__ import annotations

from typing import Any

import pandas as pd

from tlbook.course.ch13_pytorch_practice.augmented import BATCH, KINDS, augmenter
from tlbook.course.ch13_pytorch_practice.methods import signnet
from tlbook.course.ch13_pytorch_practice.studies.pytorch_augmentation import BUDGETS, settings
from tlbook.course.studies._parallel import map_jobs
from tlbook.data.signs import load_signs
from tlbook.finetuning import replace_head
from tlbook.training import find_rate

COMMAND = "tlbook results pytorch_finder"

SEED = 0
LOW, HIGH, STEPS = 1e-5, 1.0, 80


def trial(kind: str, strength: int, budget: int) -> list[dict[str, Any]]:
    """Return one row per step of the test."""
    X, y = load_signs(seed=SEED).label(budget, seed=SEED)
    curve = find_rate(
        replace_head(signnet(), 10, seed=SEED),
        (X, y),
        low=LOW,
        high=HIGH,
        steps=STEPS,
        batch_size=BATCH,
        augment=augmenter(KINDS[0] if kind == "none" else kind, strength),
        seed=SEED,
        device="cpu",
    )
    told = {"kind": kind, "strength": strength, "budget": budget}
    return [
        {**told, "lr": rate, "loss": loss, "smoothed": smoothed}
        for rate, loss, smoothed in zip(curve.rates, curve.losses, curve.smoothed, strict=True)
    ]


def run(jobs: int = 1) -> pd.DataFrame:
    """Return kind, strength, budget, lr, loss, smoothed."""
    work = [(kind, strength, budget) for kind, strength in settings() for budget in BUDGETS]
    return pd.DataFrame([row for rows in map_jobs(trial, work, jobs) for row in rows])
