"""What was tried for the detectors, and what was chosen on development seeds (100 scenes)."""

from __future__ import annotations

from typing import Any

DEVELOPMENT = (1000, 1001)
STEPS = {20: 60, 100: 90, 500: 120}
"""Gradient steps by the number of training scenes, the same for all arms."""

TRIED: dict[str, tuple[dict[str, Any], ...]] = {
    "frozen": ({"lr": 0.001}, {"lr": 0.003}, {"lr": 0.006}),
    "fine-tuned": tuple({"lr": 0.003, "body": body} for body in (0.03, 0.1, 0.3, 0.6, 1.0)),
    "scratch": ({"lr": 0.001}, {"lr": 0.002}, {"lr": 0.005}, {"lr": 0.01}),
}

CHOSEN: dict[str, dict[str, Any]] = {
    "frozen": {"lr": 0.003},
    "fine-tuned": {"lr": 0.003, "body": 0.6},
    "scratch": {"lr": 0.002},
}
"""The best means of ``detection_tuning``."""
