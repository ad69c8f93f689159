"""The settings that were tried for each adaptation method, as in ``adaptation_methods.METHODS``."""

from __future__ import annotations

from typing import Any

_PLAIN: dict[str, Any] = {"hidden": 64, "dropout": 0.0}
_AHEAD: dict[str, Any] = {"discriminator_steps": 3}
_BOUNDED: dict[str, Any] = {"spectral_norm": True}

GRID: dict[str, tuple[dict[str, Any], ...]] = {
    "source only": ({},),
    "AdaBN": ({},),
    "MK-MMD": tuple({"weight": w} for w in (0.3, 1.0, 3.0, 10.0)),
    "JAN": tuple({"weight": w} for w in (1.0, 3.0, 10.0)),
    "Deep CORAL": tuple({"weight": w} for w in (1.0, 10.0, 100.0)),
    "DANN": (
        {"weight": 0.3, **_PLAIN},
        {"weight": 0.1, **_AHEAD},
        {"weight": 0.3, **_AHEAD},
        {"weight": 1.0, **_AHEAD},
        {"weight": 1.0, **_BOUNDED},
        {"weight": 1.0, **_BOUNDED, **_AHEAD},
    ),
    "CDAN": (
        {"weight": 1.0, **_PLAIN},
        {"weight": 0.3, **_BOUNDED},
        {"weight": 1.0, **_BOUNDED},
        {"weight": 3.0, **_BOUNDED},
    ),
    "ADDA": tuple({"lr": lr} for lr in (1e-5, 1e-4)),
    "entropy": tuple({"weight": w} for w in (0.03, 0.1, 0.3)),
    "information maximization": tuple({"weight": w} for w in (0.1, 0.3, 1.0)),
    "self-training": (
        {"first": 0.3, "last": 0.9},
        {"first": 1.0, "last": 1.0, "min_confidence": 0.9, "balanced": False},
    ),
    "mean teacher": tuple({"weight": w} for w in (1.0, 10.0)),
    "MMD + self-training": tuple(
        {"weight": w, "first": 0.3, "last": 0.9} for w in (1.0, 3.0, 10.0)
    ),
    "upper bound": ({"k": 90},),
}
"""The settings tried for each method."""


def words(settings: dict[str, Any]) -> str:
    """Return settings as they stand in the stored tables."""
    return ", ".join(f"{key}={value}" for key, value in settings.items()) or "none"
