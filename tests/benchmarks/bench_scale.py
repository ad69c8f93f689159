"""Beyond one process: efficiency, overhead a job, and a coordinator of a thousand workers."""

import heapq
import os
import subprocess
import sys
import tempfile
import time
from concurrent.futures import Executor, Future
from pathlib import Path
from queue import SimpleQueue
from threading import Thread

import numpy as np
import psutil

from tests.benchmarks._harness import Row, peak_mib
from tests.library.scale.machines import Machines
from tlbook.scale import Call, opened, spread
from tlbook.scale.rows import encode

WORKERS = 2
BARE = "import sys, time\nend = float(sys.argv[1])\nwhile time.process_time() < end: pass"


def burn(seconds: float, k: int) -> int:
    """Compute for so many seconds of the processor."""
    end = time.process_time() + seconds
    while time.process_time() < end:
        pass
    return k


def nothing(k: int) -> dict:
    return {"accuracy": 0.5, "seconds": 0.1, "looks": k}


def _calls(function, count: int, **arguments) -> list[Call]:
    return [Call(f"job {k}", function, {"k": k, **arguments}) for k in range(count)]


def _bare(seconds: float, count: int) -> float:
    """Wall seconds of as many processes without any engine: what the machine has to give."""
    command = [sys.executable, "-c", BARE, str(seconds * count / WORKERS)]
    start = time.perf_counter()
    for process in [subprocess.Popen(command) for _ in range(WORKERS)]:
        process.wait()
    return time.perf_counter() - start


def _efficiency(name: str, on: object, seconds: float, count: int) -> list[Row]:
    """Serial seconds of the processor / (workers × wall seconds); start of the engine apart."""
    bare = _bare(seconds, count)
    with tempfile.TemporaryDirectory() as folder, opened(on, WORKERS, folder) as engine:
        spread(_calls(nothing, 2 * WORKERS), engine, folder=f"{folder}/warm")
        start = time.perf_counter()
        done = spread(_calls(burn, count, seconds=seconds), engine, folder=f"{folder}/run")
        wall = time.perf_counter() - start
    assert [each.value for each in done] == list(range(count))
    cpu = seconds * count
    busy = sum(each.seconds for each in done) / (WORKERS * wall)
    what = f"{name}: {count} jobs of {seconds:g} s, {WORKERS} workers"
    free = cpu / (WORKERS * bare)
    return [
        Row(f"{what}: efficiency", cpu / (WORKERS * wall), "", note=f"bare processes {free:.2f}"),
        Row("  against bare processes at that time", bare / wall, "x"),
        Row("  share of the time in which workers worked", busy, "", 0.85),
    ]


def _overhead(
    name: str, on: object, count: int, processes: dict[str, int] | None = None
) -> tuple[list[Row], float]:
    """Wall and processor time of jobs that do nothing; the largest share is what limits a rate."""
    watched = {who: psutil.Process(pid) for who, pid in (processes or {}).items()}
    with tempfile.TemporaryDirectory() as folder, opened(on, WORKERS, folder) as engine:
        spread(_calls(nothing, 2 * WORKERS), engine, folder=f"{folder}/warm")
        before = {who: sum(process.cpu_times()[:2]) for who, process in watched.items()}
        start, own = time.perf_counter(), time.process_time()
        spread(_calls(nothing, count), engine, folder=f"{folder}/run")
        wall = (time.perf_counter() - start) / count
        shares = {"coordinator": (time.process_time() - own) / count}
        for who, process in watched.items():
            shares[who] = (sum(process.cpu_times()[:2]) - before[who]) / count
    rows = [Row(f"{name}: wall ms a job that does nothing, {WORKERS} workers", 1000 * wall, "ms")]
    rows += [Row(f"  CPU ms a job of the {who}", 1000 * s, "ms") for who, s in shares.items()]
    return rows, max(shares.values())


class _Thousand(Executor):
    """A thousand workers that answer at once: the time that is left is the coordinator's."""

    _max_workers = 1000

    def __init__(self) -> None:
        self.sent: SimpleQueue = SimpleQueue()
        Thread(target=self._answer, daemon=True).start()

    def submit(self, fn, /, job):  # type: ignore[no-untyped-def,override]
        future: Future = Future()
        self.sent.put((future, job))
        return future

    def _answer(self) -> None:
        while True:
            future, job = self.sent.get()
            value = [nothing(7), ["score: test part"]]
            record = {"name": job.name, "value": value, "error": "", "looks": []}
            future.set_result(("done", encode(record | {"worker": "node:1", "seconds": 1.0})))


def _coordinate(count: int) -> float:
    """Processor seconds a job, its file and everything included."""
    with tempfile.TemporaryDirectory() as folder:
        start = time.process_time()
        spread(_calls(nothing, count), _Thousand(), folder=folder)
        return (time.process_time() - start) / count


def memory_of_many():
    _coordinate(100)
    return lambda: _coordinate(MANY)


MANY = int(os.environ.get("TLBOOK_BENCH_JOBS", "100000"))


def simulate(workers: int, jobs: int, mean: float, service: float, seed: int = 0) -> float:
    """Efficiency where one coordinator serves all, for ``service`` seconds a job.

    Jobs last a log-normal time (median near the mean, some thrice as long), one waits at each
    worker, and the coordinator handles one result after the other.
    """
    seconds = np.random.default_rng(seed).lognormal(-0.125, 0.5, jobs) * mean
    free = [(0.0, worker) for worker in range(workers)]
    served, end = 0.0, 0.0
    for each in seconds:
        ready, worker = heapq.heappop(free)
        served = max(served + service, ready - mean)  # sent ahead: one waits at each worker
        begun = max(ready, served)
        heapq.heappush(free, (begun + each, worker))
        end = max(end, begun + each)
    return float(seconds.sum() / (workers * end))


def run(quick: bool = False) -> list[Row]:
    """All rows; three minutes, or one with ``quick``."""
    seconds, jobs = (2.0, 4) if quick else (5.0, 12)
    rows = _efficiency("loky", "local", seconds, jobs)
    rows += _overhead("loky", "local", 100 if quick else 400)[0]
    with tempfile.TemporaryDirectory() as folder:
        machines = Machines(Path(folder))
        try:
            for name in map(str, range(WORKERS)):
                machines.start_worker(name)
            machines.wait(WORKERS)
            rows += _efficiency("Dask", machines.on, seconds, jobs)
            scheduler = {"scheduler": machines.scheduler.pid}
            count = 100 if quick else 400
            found, dask = _overhead("Dask", machines.on, count, scheduler)
            rows += found
        finally:
            machines.stop()
    many = 10_000 if quick else MANY
    own = _coordinate(many)
    rows.append(Row(f"coordinator, {many:,} jobs: ms a job", 1000 * own, "ms", 5, False))
    if not quick:
        memory = Row("  its memory for them", peak_mib(memory_of_many), "MiB", 600, False)
        rows.append(memory)
    for mean in (1.0, 5.0, 60.0):
        what = f"simulated, 1,000 workers, jobs of {mean:g} s: efficiency"
        rows.append(Row(f"{what}, coordinator alone", simulate(1000, 100_000, mean, own), ""))
        rows.append(Row("  with Dask's scheduler", simulate(1000, 100_000, mean, dask), ""))
    return rows
