"""What was tried for the arms of ``words.py``, and what won in the stored ``text_word_tuning``."""

from __future__ import annotations

from typing import Any

from tlbook.course.ch14_text_practice.words import WORD_METHODS
from tlbook.course.studies import grid

_SELF = {"keep": (0.3, 0.6, 0.9), "balanced": (False, True)}


def _tried(arm: str) -> tuple[dict[str, Any], ...]:
    if arm.startswith("MiniLM + Gaussians"):
        strength: dict[str, tuple[float, ...]] = {"rho": (0.3, 0.6, 0.9, 0.99)}
    elif arm.startswith("MiniLM"):
        strength = {"C": (1.0, 10.0, 100.0)}
    elif arm.startswith("LR"):
        strength = {"C": (10.0, 100.0, 1000.0)}
    else:
        strength = {"alpha": (0.003, 0.01, 0.03, 0.1, 0.3, 1.0)}
    return tuple(grid(**strength, **(_SELF if "self-training" in arm else {})))


WORD_GRID: dict[str, tuple[dict[str, Any], ...]] = {arm: _tried(arm) for arm in WORD_METHODS}
