"""A job in the background of a notebook: it can be paused, stepped and stopped.

torch has one stream of random numbers per process and matplotlib one set of defaults, and a job
needs both. So there is one *turn*. A job has it while it works, gives it up between two slices
when somebody else asks, and takes its own random state along: neither a cell that runs meanwhile
nor the job draws other numbers than it would alone.
"""

from __future__ import annotations

import atexit
import sys
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

CHANGED = threading.Condition()
"""Guards everything below, and is notified when any of it changes."""


class _Turn:
    """Who works: any number of people (cells, pictures made on request) or one job."""

    def __init__(self) -> None:
        self.foreground = 0
        self.waiting = 0
        self.job: Worker | None = None


TURN = _Turn()
WORKERS: weakref.WeakSet[Worker] = weakref.WeakSet()


@contextmanager
def foreground() -> Iterator[None]:
    """Keep all jobs at rest inside a ``with`` block; waits for the present slice to end."""
    enter_foreground()
    try:
        yield
    finally:
        leave_foreground()


def enter_foreground() -> None:
    """Ask for the turn and wait until no job has it."""
    with CHANGED:
        TURN.foreground += 1
        if TURN.job is not None and TURN.job.thread is threading.current_thread():
            return  # the job itself makes a picture: it has the turn already
        CHANGED.wait_for(lambda: TURN.job is None)


def leave_foreground() -> None:
    """Give the turn back."""
    with CHANGED:
        TURN.foreground -= 1
        CHANGED.notify_all()


class Worker:
    """Runs ``job(worker)`` in a daemon thread.

    Parameters
    ----------
    job : function
        Calls ``worker.yield_turn()`` after each slice of its work; returns soon when that is True.
    on_end : function, optional
        Called in the thread when the job is over, with the turn still taken.

    Attributes
    ----------
    state : str
        ``"ready"``, ``"working"``, ``"paused"``, then ``"done"``, ``"stopped"`` or ``"failed"``.
    error : BaseException or None
        What ended a job that failed.
    params : dict
        What the job was started with, for whoever keeps a record.
    """

    def __init__(
        self, job: Callable[[Worker], Any], on_end: Callable[[Worker], Any] | None = None
    ) -> None:
        self.job, self.on_end = job, on_end
        self.params: dict[str, Any] = {}
        self.state = "ready"
        self.error: BaseException | None = None
        self.began = self.rested = 0.0
        self.cancelled = False
        self._pause = False
        self._slices: int | None = None  # left before the next pause
        self._mine: Any = None  # the job's random state while it rests
        self._theirs: Any = None  # that of the notebook while the job works
        self.thread = threading.Thread(target=self._run, name="tlbook-worker", daemon=True)

    # -- what a person does ---------------------------------------------------------------------

    def start(self, slices: int | None = None) -> Worker:
        """Begin; with ``slices`` the job pauses after that many."""
        self._slices = slices
        with CHANGED:
            self.state = "working"
        WORKERS.add(self)
        self.thread.start()
        return self

    def pause(self) -> None:
        """Rest after the present slice."""
        with CHANGED:
            self._pause = True

    def resume(self, slices: int | None = None) -> None:
        """Go on; with ``slices`` only for that many."""
        with CHANGED:
            self._pause, self._slices = False, slices
            if not self.over:
                self.state = "working"
            CHANGED.notify_all()

    def cancel(self) -> None:
        """Ask the job to end after the present slice; returns at once."""
        with CHANGED:
            self.cancelled = True
            CHANGED.notify_all()

    def join(self, timeout: float | None = None) -> bool:
        """Wait for the end of the job; return whether it came."""
        if self.thread.ident is not None and self.thread is not threading.current_thread():
            self.thread.join(timeout)
        return not self.thread.is_alive()

    @property
    def seconds(self) -> float:
        """Seconds since the job began, without those it rested."""
        return time.perf_counter() - self.began - self.rested if self.began else 0.0

    @property
    def over(self) -> bool:
        """Whether the job has ended, one way or another."""
        return self.state in ("done", "stopped", "failed")

    # -- what the job does ----------------------------------------------------------------------

    def yield_turn(self, before_rest: Callable[[], Any] | None = None) -> bool:
        """End a slice: let others have their turn, rest while paused.

        Parameters
        ----------
        before_rest : function, optional
            Called once before the job rests because it is paused.

        Returns
        -------
        bool
            True when the job is to end.
        """
        with CHANGED:
            if self._slices is not None:
                self._slices -= 1
                if self._slices <= 0:
                    self._pause, self._slices = True, None
            rest = self._pause and not self.cancelled
        if rest and before_rest is not None:
            self.state = "paused"
            before_rest()
        with CHANGED:
            rest = self._pause and not self.cancelled
            if not (rest or TURN.foreground or TURN.waiting):
                self.state = "working"
                return self.cancelled
            began = time.perf_counter()
            self._give_turn()
            if rest:
                self.state = "paused"
                CHANGED.notify_all()
                CHANGED.wait_for(lambda: self.cancelled or not self._pause)
            self._take_turn()
            self.rested += time.perf_counter() - began
            self.state = "working"
            CHANGED.notify_all()
            return self.cancelled

    def _run(self) -> None:
        with CHANGED:
            self._take_turn()
        self.began = time.perf_counter()
        try:
            if not self.cancelled:
                self.job(self)
            ended = "stopped" if self.cancelled else "done"
        except BaseException as error:  # a thread has nobody to raise to: the view shows it
            self.error, ended = error, "failed"
        self.state = ended
        try:
            if self.on_end is not None:
                self.on_end(self)
        except BaseException as error:
            self.error, self.state = error, "failed"
        finally:
            with CHANGED:
                self._give_turn()
                CHANGED.notify_all()

    def _take_turn(self) -> None:
        """Wait until nobody else works, then put the job's random state in place."""
        TURN.waiting += 1
        try:
            CHANGED.wait_for(lambda: not TURN.foreground and TURN.job is None)
        finally:
            TURN.waiting -= 1
        TURN.job = self
        self._theirs = random_state()
        set_random_state(self._mine)

    def _give_turn(self) -> None:
        self._mine = random_state()
        set_random_state(self._theirs)
        TURN.job = None
        CHANGED.notify_all()


def random_state() -> Any:
    """Return the state of torch's generators, or None where torch is not loaded."""
    torch = sys.modules.get("torch")
    if torch is None or not hasattr(torch, "get_rng_state"):
        return None
    cards = torch.cuda.get_rng_state_all() if torch.cuda.is_initialized() else None
    return torch.get_rng_state(), cards


def set_random_state(state: Any) -> None:
    """Put back what :func:`random_state` returned."""
    if state is None:
        return
    import torch

    torch.set_rng_state(state[0])
    if state[1] is not None:
        torch.cuda.set_rng_state_all(state[1])


@atexit.register
def stop_all(seconds: float = 2.0) -> None:
    """Stop all jobs, so that none works while the interpreter goes away."""
    workers = [worker for worker in WORKERS if not worker.over]
    for worker in workers:
        worker.cancel()
    for worker in workers:
        worker.join(seconds)
