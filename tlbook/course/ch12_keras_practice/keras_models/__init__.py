"""Keras models of chapter 12: one switch for the backend, the embedded weights, the twin.

Nothing here imports keras before it is needed, and :func:`use` decides on which backend it runs.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

PLACES = {
    "use": "backend",
    "current": "backend",
    "embedded_file": "embedded",
    "pictures": "pixels",
    "MobileNetV2": "twin",
    "mobilesigns": "twin",
    "to_keras": "carry",
    "to_torch": "carry",
    "head_to_keras": "carry",
    "statistics": "norms",
}

__all__ = [*PLACES]


def __getattr__(name: str) -> Any:
    if name not in PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{PLACES[name]}"), name)
