"""The hurried recipe taken apart: head × rate × BatchNorm × depth, in 20 steps of 16 rows.

With a random head and everything free also in 80 steps: is 20 too short for the head?

Five labels per class of ``signs``. Nothing is tuned: both ends of each factor are those of the two
recipes that chapter 12 compares.
"""

from __future__ import annotations

from tlbook.course.ch12_keras_practice.hurry import DEPTHS, HEADS, NORMS, mixture
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


SHORT = [
    {"head": head, "lr": lr, "norms": norms, "depth": depth, "steps": 20, "seed": seed}
    for seed in SEEDS
    for depth in DEPTHS
    for norms in NORMS
    for lr in RATES
    for head in HEADS
]
LONG = [
    {**case, "steps": 80} for case in SHORT if (case["head"], case["depth"]) == ("random", "all")
]
"""A random head with the steps to learn that a fitted head had before."""

study = Study(trial, cases=SHORT + LONG)
