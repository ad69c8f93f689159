"""Experiments to play with: ``widgets.show("first_transfer")``; one file per experiment.

Each file has ``CONTROLS``, ``compute(**params) -> result``, ``draw(result, fig) -> figure`` and
``EXPERIMENT``. Compute and draw are pure, so a test can call them at both ends of every control.
"""

import pkgutil
from importlib import import_module
from typing import Any

from tlbook.widgets.controls import Choice, Control, Slider, Stepper, Text, Toggle
from tlbook.widgets.experiment import Experiment, Picture

__all__ = [
    "Choice",
    "Control",
    "Experiment",
    "Picture",
    "Slider",
    "Stepper",
    "Text",
    "Toggle",
    "get",
    "names",
    "show",
]

_FRAMEWORK = ("controls", "experiment", "live_experiment", "live_view", "view", "worker")


def names() -> tuple[str, ...]:
    """Return the names of all experiments."""
    found = (module.name for module in pkgutil.iter_modules(__path__))
    return tuple(sorted(n for n in found if n not in _FRAMEWORK and not n.startswith("_")))


def get(name: str) -> Experiment:
    """Return the experiment of this name.

    Raises
    ------
    ValueError
        If there is none.
    """
    if name not in names():
        raise ValueError(f"name: got {name!r}, want one of {', '.join(names()) or '(none yet)'}")
    return import_module(f"tlbook.widgets.{name}").EXPERIMENT


def show(name: str, **start: Any) -> Picture | None:
    """Show the experiment of this name, its controls at the start or where ``start`` says."""
    return get(name).show(**start)
