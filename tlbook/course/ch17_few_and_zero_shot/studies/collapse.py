"""VICReg with all three terms, without one, without two: what each training leaves.

A seed is another split of the classes, other pictures and another start.
"""

from __future__ import annotations

from typing import Any

from tlbook.course.ch17_few_and_zero_shot.collapse import ARMS, training
from tlbook.course.studies import Study, grid


def trial(arm: str, seed: int) -> list[dict[str, Any]]:
    """Return the state at the start and at every 50 steps."""
    return training(arm, seed)


study = Study(trial, grid(arm=tuple(ARMS), seed=tuple(range(8))))
