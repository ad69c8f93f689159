"""The arms of ``pytorch_listing``: what each changes, and the best rate of its own grid."""

from __future__ import annotations

from typing import Any

CHANGES: dict[str, dict[str, Any]] = {
    "repaired": {},
    "never zeroed": {"zeroed": False},
    "repaired, SGD": {"optimizer": "sgd"},
    "never zeroed, SGD": {"zeroed": False, "optimizer": "sgd"},
    "raw pixels": {"normalized": False},
    "frozen": {"frozen": True},
    "frozen, raw pixels": {"frozen": True, "normalized": False},
    "random start": {"pretrained": False},
}
"""What each arm changes in the repaired run."""

ADAM = (3e-4, 1e-3, 3e-3, 1e-2)
SLOW = (3e-5, 1e-4, 3e-4, 1e-3)
HEAD = (1e-3, 3e-3, 1e-2, 3e-2)
GRID: dict[str, tuple[float, ...]] = {
    "repaired": ADAM,
    "never zeroed": SLOW,
    "repaired, SGD": HEAD,
    "never zeroed, SGD": SLOW,
    "raw pixels": ADAM,
    "frozen": HEAD,
    "frozen, raw pixels": HEAD,
    "random start": ADAM,
}
"""The learning rates that ``pytorch_tuning`` tried."""
RATES: dict[str, float] = {
    "repaired": 3e-3,
    "never zeroed": 3e-4,
    "repaired, SGD": 1e-2,
    "never zeroed, SGD": 1e-4,
    "raw pixels": 3e-3,
    "frozen": 3e-3,
    "frozen, raw pixels": 1e-2,
    "random start": 3e-4,
}
"""The best of them."""

SETTINGS = {arm: {"lr": RATES[arm], **changes} for arm, changes in CHANGES.items()}
SETTINGS["held out"] = {**SETTINGS["repaired"], "held": 4}  # an honest report
