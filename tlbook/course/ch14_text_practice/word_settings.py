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

WORD_SETTINGS: dict[str, dict[str, Any]] = {
    "NB (source words)": {"alpha": 0.03},
    "NB + self-training (source words)": {"alpha": 0.03, "keep": 0.9, "balanced": False},
    "NB (both words)": {"alpha": 0.01},
    "NB + self-training (both words)": {"alpha": 0.03, "keep": 0.9, "balanced": False},
    "NB, even mix (source words)": {"alpha": 0.1},
    "NB, even mix + self-training (source words)": {"alpha": 0.3, "keep": 0.9, "balanced": False},
    "NB, even mix (both words)": {"alpha": 0.1},
    "NB, even mix + self-training (both words)": {"alpha": 0.3, "keep": 0.9, "balanced": False},
    "neutral NB (source words)": {"alpha": 0.1},
    "neutral NB + self-training (source words)": {"alpha": 0.1, "keep": 0.9, "balanced": True},
    "neutral NB (both words)": {"alpha": 0.03},
    "neutral NB + self-training (both words)": {"alpha": 0.003, "keep": 0.3, "balanced": True},
    "neutral NB, even mix (source words)": {"alpha": 1.0},
    "neutral NB, even mix + self-training (source words)": {
        "alpha": 1.0,
        "keep": 0.9,
        "balanced": True,
    },
    "neutral NB, even mix (both words)": {"alpha": 1.0},
    "neutral NB, even mix + self-training (both words)": {
        "alpha": 0.3,
        "keep": 0.9,
        "balanced": False,
    },
    "balanced NB (source words)": {"alpha": 1.0},
    "balanced NB + self-training (source words)": {"alpha": 1.0, "keep": 0.9, "balanced": True},
    "balanced NB (both words)": {"alpha": 1.0},
    "balanced NB + self-training (both words)": {"alpha": 0.3, "keep": 0.9, "balanced": False},
    "complement NB (source words)": {"alpha": 0.1},
    "complement NB + self-training (source words)": {"alpha": 0.3, "keep": 0.9, "balanced": True},
    "complement NB (both words)": {"alpha": 0.1},
    "complement NB + self-training (both words)": {"alpha": 0.3, "keep": 0.9, "balanced": False},
    "LR (source words)": {"C": 1000.0},
    "MiniLM + LR, even mix": {"C": 10.0},
    "MiniLM + LR, even mix + self-training": {"C": 10.0, "keep": 0.9, "balanced": False},
    "MiniLM + Gaussians, even mix": {"rho": 0.9},
    "MiniLM + Gaussians, even mix + self-training": {"rho": 0.6, "keep": 0.9, "balanced": False},
}
