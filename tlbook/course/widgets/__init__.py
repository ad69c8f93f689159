"""Experiments to play with: ``widgets.show("first_transfer")``; each chapter's folder has its own.

Each file in a folder ``widget`` has ``CONTROLS``, ``compute(**params) -> result``,
``draw(result, fig) -> figure`` and ``EXPERIMENT``. Compute and draw are pure, so a test can call
them at both ends of every control.
"""

from importlib import import_module
from typing import Any

from tlbook.course import files
from tlbook.course.widgets.controls import Choice, Control, Slider, Stepper, Text, Toggle
from tlbook.course.widgets.experiment import Experiment, Picture

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

_PLACE = "ch*/widget/*.py"


def names() -> tuple[str, ...]:
    """Return the names of all experiments."""
    return tuple(files.modules(_PLACE))


def get(name: str) -> Experiment:
    """Return the experiment of this name.

    Raises
    ------
    ValueError
        If there is none.
    """
    known = files.modules(_PLACE)
    if name not in known:
        raise ValueError(f"name: got {name!r}, want one of {', '.join(known)}")
    return import_module(known[name]).EXPERIMENT


def show(experiment: str | Experiment, **start: Any) -> Picture | None:
    """Show an experiment, by its name or itself: live in a kernel, else its picture.

    Its controls stand at the start, or where ``start`` says.
    """
    from tlbook.course.widgets.shown import show as show_it

    return show_it(get(experiment) if isinstance(experiment, str) else experiment, **start)
