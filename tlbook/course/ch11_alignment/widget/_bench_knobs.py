"""The knobs of the experiment bench: its tasks, its methods, and the settings that were tried."""

from __future__ import annotations

import re
from typing import Any

from tlbook.course.ch11_alignment.settings import GRID, SETTINGS
from tlbook.course.widgets.controls import Choice, Control, Toggle

TASKS = ("two blobs, moved", "fonts → handwriting", "fonts → handwriting, label shift")
METHODS = tuple(name for name in GRID if name not in ("upper bound", "true-mix MMD"))
"""All but those that target labels are given to."""

DEFAULTS: dict[str, Any] = {
    "hidden": 256,
    "dropout": 0.5,
    "discriminator_steps": 1,
    "spectral_norm": False,
    "min_confidence": 0.0,
    "balanced": True,
}
"""What a setting is where a row of the grid leaves it out."""

LABELS = {
    "weight": "λ, at the end of its ramp",
    "hidden": "Discriminator: hidden units",
    "dropout": "Discriminator: dropout",
    "discriminator_steps": "Discriminator: steps",
    "spectral_norm": "Discriminator: spectral norm",
    "lr": "Learning rate of the game",
    "first": "Share in the first round",
    "last": "Share in the last round",
    "min_confidence": "Least confidence",
    "balanced": "Share within each predicted class",
}
START = "MK-MMD"


def knobs(method: str) -> dict[str, Control]:
    """Return the controls of a method's settings by setting: the values that were tried."""
    found: dict[str, Control] = {}
    for key in dict.fromkeys(key for row in GRID[method] for key in row):
        tried: set[Any] = {row.get(key, DEFAULTS.get(key)) for row in GRID[method]}
        values = sorted(tried)
        if len(values) < 2:
            continue  # fixed for this method
        name = re.sub(r"\W+", "_", f"{method} {key}").lower()
        start = SETTINGS[method].get(key, DEFAULTS.get(key))
        own = "" if method == START else f"a setting of {method}"
        when = ("method", method)
        if isinstance(start, bool):
            found[key] = Toggle(name, LABELS[key], start, unchanged=own, when=when)
        else:
            found[key] = Choice(
                name, LABELS[key], tuple(values), start, slider=True, unchanged=own, when=when
            )
    return found


KNOBS = {method: knobs(method) for method in METHODS}


def settings(method: str, **params: Any) -> dict[str, Any]:
    """Return the settings of a method among all parameters of the bench."""
    return GRID[method][0] | {key: params[knob.name] for key, knob in KNOBS[method].items()}
