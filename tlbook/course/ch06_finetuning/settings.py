"""The settings of chapter 06: what is fixed in each arm, what was tried, and what won.

``finetuning_tuning`` ran the search; a test compares ``SETTINGS`` with its stored table.
"""

from __future__ import annotations

from typing import Any

from tlbook.course.studies import grid

RATES: dict[str, dict[str, float]] = {
    "uniform": {},
    "layer-wise": {"decay": 0.4},  # ULMFiT divides by 2.6 from layer to layer
    "slow body": {"body": 0.4**3.5},  # one rate for all blocks: layer-wise's geometric mean
}
"""The rates of the arms that are not searched."""

COMMON: dict[str, Any] = {"schedule": "one-cycle", "augment": "mild", "steps": 100}
ARMS: dict[str, dict[str, Any]] = {
    "BN train, uniform": {"batchnorm": "train"},
    "BN frozen, uniform": {"batchnorm": "frozen"},
    "BN train, layer-wise": {"batchnorm": "train"},
    "BN frozen, layer-wise": {"batchnorm": "frozen"},
    "LP-FT": {"batchnorm": "frozen", "head": "probe"},
}
"""The arms that are searched, with what is fixed in them besides ``COMMON``."""

_UNIFORM = grid(lr=(1e-4, 3e-4, 1e-3, 3e-3), decay=(1.0,))
_LAYER_WISE = grid(lr=(1e-3, 3e-3, 1e-2), decay=(0.3, 0.6))
GRID: dict[str, list[dict[str, float]]] = {
    "BN train, uniform": _UNIFORM,
    "BN frozen, uniform": _UNIFORM,
    "BN train, layer-wise": _LAYER_WISE,
    "BN frozen, layer-wise": _LAYER_WISE,
    "LP-FT": grid(lr=(1e-5, 3e-5, 1e-4, 3e-4, 1e-3), decay=(1.0,)),
}

_ONE_RATE = {
    1: {"lr": 3e-4, "decay": 1.0},
    5: {"lr": 3e-3, "decay": 1.0},
    20: {"lr": 3e-3, "decay": 1.0},
}
SETTINGS: dict[str, dict[int, dict[str, float]]] = {
    "BN train, uniform": _ONE_RATE,
    "BN frozen, uniform": _ONE_RATE,
    "BN train, layer-wise": {
        1: {"lr": 3e-3, "decay": 0.3},
        5: {"lr": 1e-2, "decay": 0.3},
        20: {"lr": 1e-2, "decay": 0.6},
    },
    "BN frozen, layer-wise": {
        1: {"lr": 1e-2, "decay": 0.3},
        5: {"lr": 1e-2, "decay": 0.3},
        20: {"lr": 1e-2, "decay": 0.6},
    },
    "LP-FT": {
        1: {"lr": 3e-5, "decay": 1.0},
        5: {"lr": 1e-4, "decay": 1.0},
        20: {"lr": 1e-3, "decay": 1.0},
    },
}
"""Arm -> budget of the search -> what won."""

SEARCHED_AT = {1: 1, 5: 5, 20: 20, 50: 20}
"""Budget -> the budget of the search whose winner it takes."""


def chosen(arm: str, budget: int) -> dict[str, Any]:
    """Return the choices of ``fine_tuned`` for one arm at one budget."""
    return {**COMMON, **ARMS[arm], **SETTINGS[arm][SEARCHED_AT[budget]]}
