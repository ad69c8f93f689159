"""The settings of chapter 07, as the stored study ``relations_tuning`` chose them."""

from __future__ import annotations

from typing import Any

SETTINGS: dict[str, dict[str, Any]] = {
    "plain": {"C": 0.1, "scale": "letters"},
    "told": {"C": 10.0, "strength": 0.1},
    "learned": {"C": 10.0, "strength": 0.3, "temperature": 1.0},
    "prints": {"C": 0.1, "strength": 0.3},
    "smoothing, uniform": {"C": 0.1, "epsilon": 0.1},
    "smoothing, relations": {"C": 0.1, "epsilon": 0.1},
}
