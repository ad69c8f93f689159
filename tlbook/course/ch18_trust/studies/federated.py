"""What federated averaging loses under label skew, and what a start from letters gives back.

Five clients with 160 digits each, 200 steps, an average after every twenty. Every arm has several
learning rates; the tables take the one with the best accuracy on held-back rows of the clients.
"""

from __future__ import annotations

from typing import Any

from tlbook.course.ch18_trust import federation
from tlbook.course.studies import Study, grid

SEEDS = tuple(range(8))
RATES = (0.03, 0.1, 0.3, 1.0)
MIDDLE = (0.1, 0.3)
"""Rates of the proximal term: the two best ones without it."""
PROXIMAL, LOCAL_STEPS = (0.01, 0.1), (1, 5)
SKEW: dict[str, tuple[Any, ...]] = {"seed": SEEDS, "split": ("two digits each",)}


def trial(
    seed: int, split: str, start: str, rate: float, proximal: float = 0.0, local_steps: int = 20
) -> dict[str, Any]:
    """Return accuracies after 20, 40, 100 and 200 steps, and on held-back rows."""
    return federation.run(seed, split, start, rate, proximal, local_steps)


PLAIN: dict[str, tuple[Any, ...]] = {"proximal": (0.0,), "local_steps": (federation.LOCAL_STEPS,)}
study = Study(
    trial,
    grid(seed=SEEDS, split=federation.SPLITS, start=("random", "letters"), rate=RATES, **PLAIN)
    + grid(**SKEW, start=("letters, frozen",), rate=RATES, **PLAIN)
    + grid(**SKEW, start=("random",), rate=MIDDLE, proximal=PROXIMAL, local_steps=(20,))
    + grid(**SKEW, start=("random",), rate=RATES[1:], proximal=(0.0,), local_steps=LOCAL_STEPS),
)
