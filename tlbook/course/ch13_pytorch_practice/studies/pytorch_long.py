"""Whether augmentation helps in 200 steps of fine-tuning on ``signs``: 8 seeds, paired.

Both arms have the settings that ``pytorch_long_tuning`` chose for them on other letters: the best
mean; what is within half a point of it counts as equal, and then the smaller strength and the
smaller rate are taken.
"""

from __future__ import annotations

from tlbook.course.ch13_pytorch_practice.studies.pytorch_long_tuning import BUDGETS, accuracy
from tlbook.course.studies import Study
from tlbook.data.signs import load_signs

SEEDS = tuple(range(8))
CHOSEN: dict[tuple[int, str], tuple[str, int, float]] = {
    (2, "none"): ("none", 0, 1e-3),
    (2, "augmented"): ("photometric", 1, 1e-3),
    (20, "none"): ("none", 0, 3e-3),
    (20, "augmented"): ("geometric", 1, 1e-3),
}
"""Kind, strength and rate by labels per class and arm."""


def trial(arm: str, budget: int, seed: int) -> dict[str, float]:
    """Return the accuracy on the digits."""
    kind, strength, lr = CHOSEN[budget, arm]
    return {"accuracy": accuracy(load_signs(seed=seed), seed, budget, kind, strength, lr)}


study = Study(
    trial,
    cases=[
        {"arm": arm, "budget": budget, "seed": seed}
        for seed in SEEDS
        for budget in BUDGETS
        for arm in ("none", "augmented")
    ],
)
