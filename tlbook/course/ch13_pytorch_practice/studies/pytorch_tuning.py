"""The learning rate of every arm of ``pytorch_listing``, each from its own grid.

A mistake must not be blamed for a rate that suits it badly, so the broken runs are tuned as well as
the repaired one: on ten letters that nothing was trained on, at seeds used nowhere else.
"""

from __future__ import annotations

from tlbook.course.ch13_pytorch_practice.methods import Published
from tlbook.course.ch13_pytorch_practice.settings import CHANGES, GRID
from tlbook.course.studies import Study
from tlbook.data.signs import load_signs_letters
from tlbook.evaluation import measure

BUDGET = 20
SEEDS = (100, 101)


def trial(arm: str, lr: float, seed: int) -> dict[str, float]:
    """Return the accuracy of an arm at one rate, and the loss of its last step."""
    method, settings = Published(), {"k": BUDGET, "lr": lr, **CHANGES[arm]}
    row = measure(method, load_signs_letters(seed=seed), seed, settings)
    return {"accuracy": row["accuracy"], "loss": method.losses[-1]}


study = Study(
    trial,
    cases=[
        {"arm": arm, "lr": lr, "seed": seed}
        for arm, rates in GRID.items()
        for lr in rates
        for seed in SEEDS
    ],
)
