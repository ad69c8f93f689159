"""Behind the widget ``rate_finder``: augmentation × learning rate × labels per class, 8 seeds."""

from __future__ import annotations

from tlbook.course.ch13_pytorch_practice.methods import KINDS, augmented
from tlbook.course.studies import Study
from tlbook.data.signs import load_signs
from tlbook.evaluation import measure

STRENGTHS = (0, 1, 2)
RATES = (3e-4, 3e-3, 3e-2)
BUDGETS = (2, 20)
SEEDS = tuple(range(8))
AUGMENTATIONS = [
    {"kind": kind, "strength": strength}
    for kind in KINDS
    for strength in STRENGTHS
    if (kind == "none") == (strength == 0)
]
"""Without strength there is only one."""


def trial(kind: str, strength: int, lr: float, budget: int, seed: int) -> dict[str, float]:
    """Return the accuracy of a fine-tuned network."""
    settings = {"k": budget, "kind": kind, "strength": strength, "lr": lr}
    return {"accuracy": measure(augmented, load_signs(seed=seed), seed, settings)["accuracy"]}


study = Study(
    trial,
    cases=[
        {**augmentation, "lr": lr, "budget": budget, "seed": seed}
        for seed in SEEDS
        for augmentation in AUGMENTATIONS
        for lr in RATES
        for budget in BUDGETS
    ],
)
