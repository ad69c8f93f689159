"""The hurried recipe taken apart: head × rate × BatchNorm, everything free, 20 steps of 16 rows.

Five labels per class of ``signs``. Nothing is tuned: both ends of each factor are those of the two
recipes that chapter 12 compares.
"""

from __future__ import annotations

from tlbook.course.ch12_keras_practice.hurry import HEADS, NORMS, mixture
from tlbook.course.studies import Study
from tlbook.data.signs import load_signs
from tlbook.evaluation import measure

LABELS = 5
RATES = (1e-4, 1e-3)
SEEDS = tuple(range(8))


def trial(head: str, lr: float, norms: str, depth: str, steps: int, seed: int) -> dict[str, float]:
    """Return the accuracy on the digits."""
    settings = {"k": LABELS, "head": head, "lr": lr, "norms": norms, "depth": depth, "steps": steps}
    return {"accuracy": measure(mixture, load_signs(seed=seed), seed, settings)["accuracy"]}


ARMS = [
    {"head": head, "lr": lr, "norms": norms, "depth": "all", "steps": 20}
    for norms in NORMS
    for lr in RATES
    for head in HEADS
]
CAREFUL = ARMS[0]
MORE = [
    {**CAREFUL, "depth": "upper"},
    {**CAREFUL, "head": "random", "steps": 80},
]
"""Less that moves; and a random head at the low rate with four times as many steps."""

study = Study(trial, cases=[{**arm, "seed": seed} for seed in SEEDS for arm in ARMS + MORE])
