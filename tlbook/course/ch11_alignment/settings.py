"""The settings of the adaptation methods: those that were tried, and those that won.

The winners of the stored study ``adaptation_tuning``: chosen by agreement between training seeds
on tasks that appear nowhere else, before the first score of a target label; a test compares them
with the stored table.
"""

from __future__ import annotations

from typing import Any

SHIFT = ("BBSE-weighted MMD", "re-estimated MMD", "EM-weighted MMD", "true-mix MMD")
"""The methods for label shift. They were not searched: settings are those of MK-MMD."""

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
    **{name: tuple({"weight": w} for w in (0.3, 1.0, 3.0, 10.0)) for name in SHIFT},
}
"""Name of the method -> the settings that were tried."""

SETTINGS: dict[str, dict[str, Any]] = {
    "source only": {},
    "AdaBN": {},
    "MK-MMD": {"weight": 3.0},
    "JAN": {"weight": 1.0},
    "Deep CORAL": {"weight": 1.0},
    "DANN": {"weight": 0.1, "discriminator_steps": 3},
    "CDAN": {"weight": 0.3, "spectral_norm": True},
    "ADDA": {"lr": 1e-5},
    "entropy": {"weight": 0.1},
    "information maximization": {"weight": 0.1},
    "self-training": {"first": 0.3, "last": 0.9},
    "mean teacher": {"weight": 1.0},
    "MMD + self-training": {"weight": 1.0, "first": 0.3, "last": 0.9},
    "upper bound": {"k": 90},
    **{name: {"weight": 3.0} for name in SHIFT},
}
"""Name of the method -> its settings. The upper bound had nothing to choose."""
