"""What was tried for the methods with few labeled texts, and what won on the stand-in.

``GRID`` is what ``text_shots_tuning`` tried on NumPy and SciPy texts. ``SETTINGS`` has what had the
best mean accuracy there, for each number of labels per topic. No torch text chose anything.
"""

from __future__ import annotations

from typing import Any

from tlbook.course.studies import grid

GRID: dict[str, list[dict[str, Any]]] = {
    "described centroids": grid(weight=(0.3, 1.0, 3.0, 10.0)),
    "tip-adapter": grid(alpha=(3.0, 10.0, 30.0, 100.0, 300.0), beta=(2.0, 5.5, 15.0)),
    "probe": grid(C=(0.001, 0.01, 0.1)),
    "setfit": grid(C=(0.01,), lr=(3e-5, 1e-4, 3e-4), steps=(12,)),
}

SETTINGS: dict[str, dict[int, dict[str, Any]]] = {
    "described centroids": {
        1: {"weight": 10.0},
        2: {"weight": 3.0},
        4: {"weight": 10.0},
        8: {"weight": 3.0},
    },
    "tip-adapter": {
        1: {"alpha": 300.0, "beta": 15.0},
        2: {"alpha": 300.0, "beta": 15.0},
        4: {"alpha": 30.0, "beta": 5.5},
        8: {"alpha": 100.0, "beta": 5.5},
    },
    "probe": {
        1: {"C": 0.001},
        2: {"C": 0.001},
        4: {"C": 0.1},
        8: {"C": 0.01},
    },
    "setfit": {k: {"C": 0.01, "lr": 3e-05, "steps": 12} for k in (1, 2, 4, 8)},
}


def settings_of(method: str, k: int) -> dict[str, Any]:
    """Return what won for a method at a budget; a method without settings has none."""
    return SETTINGS.get(method, {}).get(k, {})
