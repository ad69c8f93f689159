"""What federated averaging loses under label skew, and what a start from letters gives back.

Five clients with 160 digits each, 200 steps, an average after every twenty. Every arm has several
learning rates; the tables take the one with the best accuracy on held-back rows of the clients.
"""

from __future__ import annotations

from typing import Any

from tlbook.course.ch18_trust import federation
from tlbook.course.studies import Study, grid

SEEDS = tuple(range(8))
RATES = {"random": (0.1, 0.3, 1.0), "letters": (0.03, 0.1, 0.3)}
"""Learning rates by start, around the best ones of a trial on another seed."""
PROXIMAL = (0.01, 0.1)
SKEW: dict[str, tuple[Any, ...]] = {"seed": SEEDS, "split": ("two digits each",)}


def trial(
    seed: int, split: str, start: str, rate: float, proximal: float = 0.0, local_steps: int = 20
) -> dict[str, Any]:
    """Return accuracies after 20, 40, 100 and 200 steps, and on held-back rows."""
    return federation.run(seed, split, start, rate, proximal, local_steps)


PLAIN: dict[str, tuple[Any, ...]] = {"proximal": (0.0,), "local_steps": (federation.LOCAL_STEPS,)}
RANDOM: dict[str, tuple[Any, ...]] = SKEW | {"start": ("random",)}


def cases() -> list[dict[str, Any]]:
    """Return all arms: splits and starts, the proximal term, and averages after fewer steps."""
    arms = [
        case
        for start, rates in RATES.items()
        for case in grid(seed=SEEDS, split=federation.SPLITS, start=(start,), rate=rates, **PLAIN)
    ]
    arms += grid(**SKEW, start=("letters, frozen",), rate=RATES["random"], **PLAIN)
    arms += grid(**RANDOM, rate=(0.1, 0.3), proximal=PROXIMAL, local_steps=(20,))
    arms += grid(**RANDOM, rate=(0.1, 0.3), proximal=(0.0,), local_steps=(5,))
    return arms + grid(**RANDOM, rate=(0.3, 1.0), proximal=(0.0,), local_steps=(1,))


study = Study(trial, cases)
