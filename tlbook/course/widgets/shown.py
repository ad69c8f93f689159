"""Show an experiment: pick its live view, and leave its picture for a page without a kernel."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tlbook.course.widgets.experiment import Experiment, Picture
from tlbook.course.widgets.live_experiment import LiveExperiment
from tlbook.course.widgets.live_view import LiveView
from tlbook.course.widgets.view import NO_KERNEL, View, in_kernel

VIEWS: dict[type[Experiment], Callable[..., View]] = {Experiment: View, LiveExperiment: LiveView}


def view_of(experiment: Experiment, start: dict[str, Any]) -> View:
    """Return the live view of an experiment with its controls at ``start``."""
    make = experiment.view
    if make is None:
        make = next(VIEWS[kind] for kind in type(experiment).__mro__ if kind in VIEWS)
    return make(experiment, start)


def show(experiment: Experiment, **start: Any) -> Picture | None:
    """Show the experiment with live controls and leave its picture for a page without kernel.

    Outside a kernel, or without ipywidgets, the picture is returned and nothing else happens.
    """
    if not in_kernel():
        return experiment.picture(**start)
    try:
        import ipywidgets  # noqa: F401
    except ImportError:
        return experiment.picture(**start)
    from IPython.display import display

    view = view_of(experiment, start)
    picture = view.update()
    bundle = view.box._repr_mimebundle_()
    display({**bundle, "text/plain": NO_KERNEL}, raw=True)
    if picture is not None:
        display(picture)
    return None
