"""The coordinator: sends jobs out, takes results in, and loses none to whatever dies meanwhile."""

from __future__ import annotations

import time
from collections import Counter, deque
from collections.abc import Sequence
from concurrent.futures import BrokenExecutor, CancelledError, Future
from dataclasses import replace
from queue import Empty, SimpleQueue
from typing import Any

from tlbook.scale.engines import Engine, EngineLost, opened
from tlbook.scale.folder import RunFolder
from tlbook.scale.jobs import Call, Done, Job, done_of
from tlbook.scale.packing import digest, pack
from tlbook.scale.progress import Progress
from tlbook.scale.rows import decode, encode
from tlbook.scale.versions import code_of

LOST = 3
"""A job whose process was lost so often has failed: it is what kills them."""
GONE = 10
"""So often an engine may be lost under one job."""
AHEAD = 2
"""Jobs on their way for each one that runs: a worker never waits for the coordinator."""
LOOK = 0.5
"""Seconds between two looks at limits and at new workers."""


class OtherCode(RuntimeError):
    """Every worker runs other code than the coordinator; the message names worker and package."""


class Jobs:
    """Calls, packed one by one when they are sent: a hundred thousand need no memory before."""

    def __init__(self, calls: Sequence[Call], store: RunFolder, threads: int) -> None:
        self.calls, self.store, self.threads = calls, store, threads

    def __len__(self) -> int:
        return len(self.calls)

    def key(self, k: int) -> str:
        return digest(self.calls[k].name)

    def job(self, k: int) -> Job:
        call = self.calls[k]
        packed = pack(call.function, call.arguments, call.name)
        code = code_of(packed.packages)
        where = str(self.store.path)
        return Job(call.name, self.key(k), packed.data, code, where, self.store.run, self.threads)

    def found(self, k: int) -> Done | None:
        """Return a good result that lies in the folder."""
        text = self.store.get(self.key(k))
        done = None if text is None else done_of(text)
        return None if done is None or done.error else done


class Coordinator:
    """Sends, receives, and knows of every job whether it waits, flies or is done."""

    def __init__(
        self,
        jobs: Jobs,
        bar: Progress,
        limit: float | None,
        retries: int,
        deadline: float,
        patience: float,
    ) -> None:
        self.jobs, self.bar, self.limit, self.retries = jobs, bar, limit, retries
        self.deadline, self.patience = deadline, patience
        self.done: dict[int, Done] = {}
        self.waiting: deque[int] = deque()
        self.suspects: deque[int] = deque()
        self.flying: dict[Future[Any], tuple[int, float]] = {}
        self.tries: Counter[int] = Counter()
        self.lost: Counter[int] = Counter()
        self.looks: dict[int, tuple[str, ...]] = {}
        self.engine: Engine = None  # type: ignore[assignment]
        self.alive = self.looked = time.monotonic()
        # Told by each future: to ask two thousand of them each time would be slow.
        self.ended: SimpleQueue[Future[Any]] = SimpleQueue()

    def run(self, on: Any, workers: int | None) -> None:
        """Work until every job has a row, or the deadline has passed."""
        for k in range(len(self.jobs)):
            found = self.jobs.found(k)
            if found is None:
                self.waiting.append(k)
            else:
                self._finish(k, found, write=False)
        if not self.waiting:
            return
        where = str(self.jobs.store.path)
        try:
            with opened(on, workers, where, self.patience) as self.engine:
                while self.waiting or self.suspects or self.flying:
                    self._send()
                    self._receive()
                    self._look()
        except EngineLost as error:
            left = len(self.jobs) - len(self.done)
            error.add_note(
                f"{len(self.done)} of {len(self.jobs)} rows are in {where}; "
                f"the same call again makes the other {left}"
            )
            raise

    def _send(self) -> None:
        if time.monotonic() > self.deadline:
            self.waiting.clear()
        slots = self.engine.slots()
        if slots:
            self.alive = time.monotonic()
        # What flew when a pool broke flies alone: so it is known which one breaks pools.
        # With a limit nothing queues behind a job: its time begins when it is sent.
        most = min(1, slots) if self.suspects else slots * (1 if self.limit else AHEAD)
        while len(self.flying) < most and (self.suspects or self.waiting):
            alone = bool(self.suspects)
            queue = self.suspects or self.waiting
            try:
                future = self.engine.submit(self.jobs.job(queue[0]))
            except (RuntimeError, OSError):  # broken since the last look
                self._again()
                return
            self.flying[future] = (queue.popleft(), time.monotonic())
            future.add_done_callback(self.ended.put)
            if alone:
                return

    def _receive(self) -> None:
        if not self.flying:
            time.sleep(LOOK if self.waiting or self.suspects else 0)
            return
        broken = False
        for future in self._landed():
            if future not in self.flying:  # given up, or of an engine that is gone
                continue
            k, _ = self.flying.pop(future)
            try:
                status, text = future.result()
            except (Exception, CancelledError) as error:
                broken |= self._missed(k, error)
                continue
            if status == "done":
                self._finish(k, done_of(text, self.tries[k] + 1))
            elif status == "failed":
                self._failed(k, done_of(text))
            else:
                self._refused(k, text)
        if broken:
            self._again()

    def _landed(self) -> list[Future[Any]]:
        """Wait for the next that ends; return all that have by now."""
        try:
            found = [self.ended.get(timeout=LOOK)]
        except Empty:
            return []
        while not self.ended.empty():
            found.append(self.ended.get())
        return found

    def _failed(self, k: int, failed: Done) -> None:
        self.tries[k] += 1
        self.looks[k] = self.looks.get(k, ()) + failed.looks
        if self.tries[k] > self.retries:
            self._finish(k, replace(failed, looks=(), attempts=self.tries[k]))
        else:
            self.waiting.appendleft(k)

    def _refused(self, k: int, text: str) -> None:
        found = decode(text)
        if not self.engine.avoid(found["worker"]):
            raise OtherCode(f"{found['error']}; there is no other worker")
        self.waiting.appendleft(k)

    def _missed(self, k: int, error: BaseException) -> bool:
        """Take a job whose process, or engine, was lost; return whether the engine is broken."""
        self.lost[k] += 1
        broken = isinstance(error, BrokenExecutor | CancelledError)
        name = self.jobs.calls[k].name
        if (found := self.jobs.found(k)) is not None:  # it was done, and the word of it was lost
            self._finish(k, found, write=False)
        elif isinstance(error, CancelledError):
            if self.lost[k] > GONE:
                raise EngineLost(f"{self.engine.name}: lost {GONE} times under {name!r}")
            self.waiting.appendleft(k)
        elif self.lost[k] >= LOST or type(error).__name__ == "KilledWorker":
            words = f"its process was lost: {type(error).__name__}: {error}"
            self._finish(k, Done(name, error=words, attempts=self.lost[k]))
        else:
            (self.suspects if broken else self.waiting).append(k)
        return broken

    def _again(self) -> None:
        """Open the engine again; what was flying flies once more."""
        queue = self.suspects if self.engine.one_breaks_all else self.waiting
        queue.extendleft(k for k, _ in self.flying.values())
        self.flying.clear()
        self.engine.reopen()

    def _look(self) -> None:
        """Give up what takes too long; say so where no worker is left."""
        now = time.monotonic()
        if now - self.looked < LOOK:
            return
        self.looked = now
        if now - self.alive > self.patience and (self.waiting or self.suspects or self.flying):
            raise EngineLost(f"{self.engine.name}: no worker for {self.patience:g} s")
        for future, (k, began) in list(self.flying.items()):
            if self.limit is None or now - began < self.limit or future.done():
                continue
            del self.flying[future]
            if (found := self.jobs.found(k)) is not None:
                self._finish(k, found, write=False)
            else:
                words = f"it ran longer than {self.limit:g} s and was given up"
                self._failed(k, Done(self.jobs.calls[k].name, error=words))
            if self.engine.abandon(future):
                self.waiting.extendleft(k for k, _ in self.flying.values())
                self.flying.clear()
                return

    def _finish(self, k: int, done: Done, write: bool = True) -> None:
        done = replace(done, looks=(*self.looks.get(k, ()), *done.looks))
        self.done[k] = done
        store, key = self.jobs.store, self.jobs.key(k)
        # The worker has written it already, where it sees the folder and its disk is not full.
        if write and (done.attempts > 1 or store.get(key) is None):
            store.put(key, encode({**vars(done), "looks": [*done.looks]}))
        self.bar.one(bool(done.error), self.engine.slots() if self.engine else 0)
