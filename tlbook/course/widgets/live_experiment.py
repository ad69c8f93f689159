"""An experiment that trains: the same run at once for the page, and slice by slice to watch."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from tlbook.course.widgets.experiment import Experiment

Watch = Callable[[Callable[[], Any]], bool]
"""Takes a function that makes the result so far; returns whether the run is to end."""


def unwatched(snapshot: Callable[[], Any]) -> bool:
    """Watch nothing: the run goes through to its end."""
    return False


@contextmanager
def one_thread() -> Iterator[None]:
    """Let torch use one thread inside a ``with`` block.

    Sums over several threads round in another order, and thousands of steps make that visible:
    the picture would depend on the machine. Networks this small gain nothing from a second thread.
    """
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


@dataclass(frozen=True)
class LiveExperiment(Experiment):
    """An experiment whose ``compute`` is a run of training that one may also watch.

    Parameters
    ----------
    train : function
        ``train(watch, **params) -> result``. It calls ``watch(snapshot)`` after each slice of the
        work and ends soon when that returns True. Results have ``step`` (steps made) and ``steps``
        (steps planned). ``train(unwatched, **params)`` is ``compute(**params)``: nothing of the run
        may depend on who watches.
    verb : str
        What the button that starts a run says.
    slice : str
        What one press of the Step button does, in words: ``"15 steps"``.
    at_once : bool
        Whether moving a control starts a new run; else a run waits for the button.
    pace : float
        Seconds between two pictures at least; 0 draws one after each slice.
    """

    train: Callable[..., Any] = field(kw_only=True)
    verb: str = field(default="Train", kw_only=True)
    slice: str = field(default="one slice", kw_only=True)
    at_once: bool = field(default=True, kw_only=True)
    pace: float = field(default=0.0, kw_only=True)
