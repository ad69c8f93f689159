"""The live view of an experiment that trains: start, pause, step, stop, reset, while one looks on.

The run works in a daemon thread (``worker``) and pushes pictures to the same Image widget, so the
kernel is free all the time. The static copy that the view leaves is the whole run, computed at
once: a page without a kernel, nbval and papermill never start a thread.
"""

from __future__ import annotations

import html
import threading
import time
import weakref
from collections.abc import Callable
from typing import Any

from tlbook.course.widgets.experiment import Picture
from tlbook.course.widgets.live_experiment import LiveExperiment
from tlbook.course.widgets.view import View, in_kernel
from tlbook.course.widgets.worker import Worker, enter_foreground, foreground, leave_foreground

_SHOWN: weakref.WeakValueDictionary[str, LiveView] = weakref.WeakValueDictionary()
"""The latest view of each experiment: a run nobody can see any more is stopped."""

_CELL = threading.local()


class LiveView(View):
    """Ties controls and buttons to a run in the background and to its picture.

    Attributes
    ----------
    worker : Worker or None
        The present run, or the last one.
    """

    experiment: LiveExperiment

    def __init__(self, experiment: LiveExperiment, start: dict[str, Any]) -> None:
        import ipywidgets as w

        super().__init__(experiment, start)
        self.worker: Worker | None = None
        self.frames = 0
        self._made = self._planned = 0
        self._due = 0.0
        self._lock = threading.RLock()
        self.run = _button(experiment.verb, "play", "Start a new run with these settings")
        self.pause = _button("Pause", "pause", "Rest after the present step, or go on")
        self.one = _button("Step", "step-forward", f"{experiment.slice}, then pause")
        self.stop = _button("Stop", "stop", "End the run where it stands")
        self.run.on_click(lambda _: self.begin())
        self.pause.on_click(lambda _: self.toggle())
        self.one.on_click(lambda _: self.step())
        self.stop.on_click(lambda _: self.cancel())
        self.status = w.HTML()
        self.status.add_class("tlbook-status")
        row = w.Layout(flex_flow="row wrap", align_items="center", grid_gap="0 6px")
        self.panel = w.Box([self.run, self.pause, self.one, self.stop, self.status], layout=row)
        at = self.box.children.index(self.message)
        self.box.children = (*self.box.children[:at], self.panel, *self.box.children[at:])
        # ipywidgets sets comm to None when a view is closed; a run without a view is stopped.
        self.box.observe(self._on_comm, "comm")
        if in_kernel():
            rest_during_cells()
        older = _SHOWN.get(experiment.name)
        if older is not None:
            older.cancel()
        _SHOWN[experiment.name] = self
        self.tell()

    # -- what a person does ---------------------------------------------------------------------

    def begin(self, slices: int | None = None) -> Worker:
        """Start a new run with the present settings; with ``slices`` it pauses after that many."""
        self.cancel()
        params = self.experiment.parameters(**self.params)
        worker = Worker(lambda w: self._job(w, params), self._ended)
        worker.params = params
        with self._lock:
            self.worker, self._made, self._planned = worker, 0, 0
            self._due = 0.0
        self._say("")
        worker.start(slices)
        self.tell()
        return worker

    def toggle(self) -> None:
        """Pause a run that works, let one go on that is paused."""
        worker = self.worker
        if worker is not None and not worker.over:
            if worker.state == "paused":
                worker.resume()
            else:
                worker.pause()
            self.tell()

    def step(self) -> None:
        """Make one slice, then pause; begins a run where there is none."""
        if self.worker is None or self.worker.over:
            self.begin(slices=1)
        else:
            self.worker.resume(slices=1)
            self.tell()

    def cancel(self) -> None:
        """End the present run after its present slice; returns at once."""
        if self.worker is not None and not self.worker.over:
            self.worker.cancel()
            self.tell()

    def close(self) -> None:
        """Stop the run and take the view off the page."""
        self.cancel()
        self.box.close()

    def update(self) -> Picture | None:
        """Show the whole run with the present settings, computed at once."""
        self.cancel()
        with foreground():
            self.worker = None
            picture = super().update()
        self.tell()
        return picture

    def enlarge(self, large: bool) -> None:
        """Draw what is shown anew; a run under way rests meanwhile."""
        with foreground():
            super().enlarge(large)

    def _on_comm(self, change: Any) -> None:
        if change["new"] is None:
            self.cancel()

    def _set(self, name: str, value: Any) -> None:
        self.params[name] = value
        self.show_controls()
        if not self._quiet:
            if self.experiment.at_once:
                self.begin()
            else:
                self.tell()

    # -- what the run does ----------------------------------------------------------------------

    def _job(self, worker: Worker, params: dict[str, Any]) -> None:
        result = self.experiment.train(lambda snapshot: self._watch(worker, snapshot), **params)
        self._push(worker, result)
        self.finished(worker, params, result)

    def _watch(self, worker: Worker, snapshot: Callable[[], Any]) -> bool:
        """Draw when it is time, then let others have their turn."""
        if worker.cancelled:
            return True
        if time.perf_counter() >= self._due:
            self._push(worker, snapshot())
            return worker.yield_turn(self.tell)
        return worker.yield_turn(lambda: self._push(worker, snapshot()))

    def _push(self, worker: Worker, result: Any) -> None:
        """Bring a result to the page, unless another run has begun."""
        if self.worker is not worker:
            return
        began = time.perf_counter()
        picture = self.experiment.picture_of(result, self.large.value)
        with self._lock:
            if self.worker is not worker:
                return
            self._made, self._planned = result.step, result.steps
            self.result = result
            self.shown.put(picture)
            self.frames += 1
            now, pace = time.perf_counter(), self.experiment.pace
            # On a slow machine pictures must not eat up the time of the training.
            self._due = now + max(pace, 2 * (now - began)) if pace else 0.0
            if worker.over or result.step >= result.steps:
                self.shown.say(picture.alt)
        self.tell()

    def finished(self, worker: Worker, params: dict[str, Any], result: Any) -> None:
        """Do what follows a run that came to its end or was stopped; in the run's thread."""

    def _ended(self, worker: Worker) -> None:
        if self.worker is worker:
            if worker.error is not None:
                first = str(worker.error).strip().split("\n")[0]
                self._say(f"The run ended in an error. {type(worker.error).__name__}: {first}")
            self.tell()

    # -- what the page says ---------------------------------------------------------------------

    def tell(self) -> None:
        """Bring buttons and the line beside them up to date."""
        with self._lock:
            worker = self.worker
            state = worker.state if worker is not None else "none"
            busy = state == "working"
            alive = busy or state == "paused"
            self.pause.disabled = self.stop.disabled = not alive
            paused = state == "paused"
            self.pause.description = "Continue" if paused else "Pause"
            self.pause.icon = "play" if paused else "pause"
            self.status.value = f'<span role="status">{html.escape(self.line(state))}</span>'
            # The class tells a test, and a style sheet, whether pictures are still to come.
            (self.box.add_class if busy else self.box.remove_class)("tlbook-busy")

    def line(self, state: str) -> str:
        """Return what stands beside the buttons."""
        at = f"step {self._made} of {self._planned}" if self._planned else "step 0"
        return {
            "none": "",
            "ready": "starting",
            "working": f"{at} …" if self._planned else "starting (it waits while a cell runs) …",
            "paused": f"paused at {at}",
            "done": f"finished: {self._made} steps",
            "stopped": f"stopped at {at}",
            "failed": f"ended in an error at {at}",
        }[state]

    def _say(self, words: str) -> None:
        escaped = html.escape(words)
        self.message.value = escaped and f'<div class="tlbook-error" role="alert">{escaped}</div>'
        self.message.layout.display = "" if words else "none"


def _button(words: str, icon: str, tooltip: str) -> Any:
    import ipywidgets as w

    button = w.Button(description=words, icon=icon, tooltip=tooltip, layout=w.Layout(width="auto"))
    button.add_class(f"tlbook-{words.lower()}")
    return button


def rest_during_cells() -> None:
    """Let runs rest while a cell of the notebook runs: see ``worker`` for the reason."""
    from IPython import get_ipython

    events = get_ipython().events
    if _begin_cell not in events.callbacks["pre_execute"]:
        events.register("pre_execute", _begin_cell)
        events.register("post_execute", _end_cell)


def _begin_cell() -> None:
    if not getattr(_CELL, "open", False):
        _CELL.open = True
        enter_foreground()


def _end_cell() -> None:
    if getattr(_CELL, "open", False):
        _CELL.open = False
        leave_foreground()
