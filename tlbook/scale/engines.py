"""Where jobs run: this machine (loky), several (Dask), a cluster (SLURM), or any Executor."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator
from concurrent.futures import Executor, Future
from typing import Any

from tlbook._base.extras import needs
from tlbook._base.orphans import end_with_parent
from tlbook.scale.jobs import Job, work

ON = ("local", "dask://HOST:PORT", "slurm")
"""What ``on=`` understands, besides a ``concurrent.futures.Executor``."""


class EngineLost(RuntimeError):
    """The scheduler, or the given executor, is gone; rows that were finished are kept."""


class Engine:
    """Any ``Executor``; the engines below know more about theirs."""

    name = "executor"
    one_breaks_all = True
    """Whether one job that ends its process takes those of the other processes with it."""

    def __init__(self, executor: Executor, workers: int | None = None) -> None:
        self.executor = executor
        known = getattr(executor, "_max_workers", None)
        self.workers = workers or (known if isinstance(known, int) else cores())

    def slots(self) -> int:
        """Return how many jobs run at once now."""
        return self.workers

    def submit(self, job: Job) -> Future[tuple[str, str]]:
        """Send a job off."""
        return self.executor.submit(work, job)

    def avoid(self, worker: str) -> bool:
        """Send nothing more to this worker; return whether that can be done."""
        return False

    def abandon(self, future: Future[Any]) -> bool:
        """Give a job up that takes too long; return whether the other jobs were lost with it."""
        future.cancel()
        return False

    def reopen(self) -> None:
        """Start again after the engine was lost."""
        raise EngineLost(f"{self.name} is broken")

    def close(self) -> None:
        """Release what was opened here; an executor that was given stays open."""


class Local(Engine):
    """Processes of this machine, by loky: one that dies breaks the pool, which is made again."""

    name = "local"

    def __init__(self, workers: int | None) -> None:
        needs("loky", "scale")
        super().__init__(self._pool(workers or cores()), workers or cores())

    def _pool(self, workers: int) -> Executor:
        import loky

        threads = {f"{name}_NUM_THREADS": "1" for name in ("OMP", "MKL", "OPENBLAS")}
        return loky.ProcessPoolExecutor(
            workers,
            context=loky.backend.get_context(),
            env=threads,
            initializer=end_with_parent,
            initargs=(os.getpid(),),
        )

    def abandon(self, future: Future[Any]) -> bool:
        self.reopen()  # nothing but the end of its process ends a job
        return True

    def reopen(self) -> None:
        self.close()
        self.executor = self._pool(self.workers)

    def close(self) -> None:
        self.executor.shutdown(wait=False, kill_workers=True)  # type: ignore[call-arg]


class Dask(Engine):
    """Workers of a Dask scheduler, wherever they are; they may come and go."""

    one_breaks_all = False

    def __init__(self, on: str, patience: float) -> None:
        needs("distributed", "scale")
        self.name, self.address = on, "tcp://" + on.removeprefix("dask://")
        self.avoided: set[str] = set()
        self.keys: dict[Future[Any], str] = {}
        self.patience, self.count, self.looked = patience, 0, 0.0
        self.seen: list[str] = []
        self.usable: list[str] = []
        self.client: Any = None
        self.reopen()

    def slots(self) -> int:
        # A process does one job at a time, however many threads it has.
        if time.monotonic() - self.looked > 1.0:
            with contextlib.suppress(Exception):  # the scheduler is away: then nothing is new
                self.seen = list(self.client.nthreads())
            self.looked = time.monotonic()
            self.usable = [address for address in self.seen if address not in self.avoided]
        return len(self.usable)

    def submit(self, job: Job) -> Future[tuple[str, str]]:
        self.count += 1
        key = f"tlbook-{job.run}-{job.key}-{self.count}"
        allowed: dict[str, Any] = {"workers": self.usable} if self.avoided else {}
        future = self.executor.submit(work, job, **{"key": key, **allowed})
        self.keys[future] = key
        future.add_done_callback(lambda ended: self.keys.pop(ended, None))
        return future

    def avoid(self, worker: str) -> bool:
        self.avoided.add(worker.split(" ")[0])
        self.looked = 0.0
        return self.slots() > 0

    def abandon(self, future: Future[Any]) -> bool:
        key = self.keys.get(future, "")
        for address, keys in self.client.processing().items():
            if key in map(str, keys):
                self.avoid(address)
        future.cancel()
        return False

    def reopen(self) -> None:
        from distributed import Client

        until = time.monotonic() + self.patience
        self.close()
        while self.client is None:
            try:
                self.client = Client(self.address, timeout=2, set_as_default=False)
            except (OSError, TimeoutError) as error:
                if time.monotonic() > until:
                    raise EngineLost(f"{self.name}: no scheduler answers") from error
                time.sleep(0.5)
        self.executor = self.client.get_executor(pure=False)
        self.looked, self.seen, self.usable = 0.0, [], []

    def close(self) -> None:
        if self.client is not None:
            with contextlib.suppress(Exception):
                self.executor.shutdown(wait=False)  # what is still on its way is of no use now
                self.client.close(timeout=2)
            self.client = None


class Slurm(Engine):
    """Jobs of a SLURM cluster, by submitit."""

    name = "slurm"

    def __init__(self, workers: int | None, folder: str, cluster: str = "slurm") -> None:
        from tlbook.scale.slurm import SubmititExecutor

        executor = SubmititExecutor(f"{folder}/slurm", cluster=cluster)
        super().__init__(executor, workers or 64)

    def close(self) -> None:
        self.executor.shutdown(wait=False, cancel_futures=True)


def open_engine(on: Any, workers: int | None, folder: str, patience: float) -> Engine:
    """Return the engine that ``on`` names.

    Raises
    ------
    ValueError
        If it names none.
    EngineLost
        If no scheduler answers there.
    """
    if on == "local":
        return Local(workers)
    if isinstance(on, Executor):
        return Engine(on, workers)
    check_place(on)
    return Slurm(workers, folder) if on == "slurm" else Dask(on, patience)


def check_place(on: Any, name: str = "on", more: str = " or an Executor") -> str:
    """Return what names an engine.

    Raises
    ------
    ValueError
        If it names none.
    """
    if on in ("local", "slurm"):
        return str(on)
    host, _, port = on.removeprefix("dask://").rpartition(":") if isinstance(on, str) else ("",) * 3
    if on == f"dask://{host}:{port}" and host and port.isdigit() and int(port) < 2**16:
        return str(on)
    raise ValueError(f"{name}: got {on!r}, want one of {', '.join(ON)}{more}")


@contextlib.contextmanager
def opened(on: Any, workers: int | None, folder: str, patience: float = 60.0) -> Iterator[Engine]:
    """Open an engine for several runs: processes that have started are used again.

    An engine that is open already stays so.
    """
    engine = on if isinstance(on, Engine) else open_engine(on, workers, folder, patience)
    try:
        yield engine
    finally:
        if engine is not on:
            engine.close()


def cores() -> int:
    """Return the number of cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
