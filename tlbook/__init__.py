"""Helper package of the Transfer Learning Workbook.

Submodules load on first use, so that ``import tlbook`` stays cheap: torch, matplotlib and
the widgets are imported only by the code that needs them.
"""

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

_SUBMODULES = (
    "augmentation",
    "chapters",
    "data",
    "distances",
    "domains",
    "evaluation",
    "exercises",
    "features",
    "finetuning",
    "instances",
    "models",
    "objective",
    "plots",
    "relations",
    "studies",
    "taxonomy",
    "text",
    "training",
    "widgets",
)

__all__ = ["__version__", "check", "claim", *_SUBMODULES]


def __getattr__(name: str) -> Any:
    if name in _SUBMODULES:
        return import_module(f"tlbook.{name}")
    if name in ("check", "claim"):
        return getattr(import_module("tlbook.evaluation"), name)
    raise AttributeError(f"module 'tlbook' has no attribute {name!r}")


def __dir__() -> "list[str]":
    return sorted([*globals(), *_SUBMODULES, "check", "claim"])
