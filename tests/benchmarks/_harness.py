"""What every benchmark shares: fair timing, peak memory, a row of the table.

A benchmark is a file ``bench_*.py`` with ``run(quick) -> list[Row]``. Speed is a ratio of two
medians measured alternately in one process with one thread, in processor seconds: waiting for
a core that somebody else uses does not count, and a busy machine slows both sides.
"""

import importlib
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Row:
    """One line of the table: a measured number and what is wanted of it."""

    name: str
    value: float
    unit: str
    """"x" for a ratio, "MiB", "s" …"""
    want: float | None = None
    """The bound, or None for a number that is only reported."""
    at_least: bool = True
    """Whether ``want`` is a lower or an upper bound."""
    note: str = ""

    @property
    def ok(self) -> bool:
        if self.want is None:
            return True
        return self.value >= self.want if self.at_least else self.value <= self.want

    def line(self) -> str:
        mark = " " if self.want is None else ("✓" if self.ok else "✗")
        sign = ">=" if self.at_least else "<="
        bound = "" if self.want is None else f"{sign} {self.want:g} {self.unit}"
        return f"{mark} {self.name:<58} {self.value:>9.3g} {self.unit:<4} {bound:<12} {self.note}"


def one_thread() -> None:
    """Use one thread in torch and in every BLAS."""
    import torch
    from threadpoolctl import threadpool_limits

    torch.set_num_threads(1)
    threadpool_limits(1)


def median_seconds(
    candidates: dict[str, Callable[[], object]], repeats: int = 7
) -> dict[str, float]:
    """Median processor seconds of each candidate; all are warmed up once, then take turns."""
    times: dict[str, list[float]] = {name: [] for name in candidates}
    for work in candidates.values():
        work()
    one_thread()  # again: a library that was loaded only now brought its own threads
    for _ in range(repeats):
        for name, work in candidates.items():
            start = time.process_time()
            work()
            times[name].append(time.process_time() - start)
    return {name: median(values) for name, values in times.items()}


def peak_mib(prepare: Callable[[], Callable[[], object]]) -> float:
    """Peak memory of one piece of work above its inputs, in MiB, from a fresh process.

    ``prepare`` is a function of a benchmark module; it imports, makes the inputs, warms the
    libraries up on a small case and returns the work. What it holds then is the base line.
    """
    code = (
        "from tests.benchmarks._harness import _child; "
        f"_child({prepare.__module__!r}, {prepare.__name__!r})"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=600
    )
    if result.returncode:
        raise RuntimeError(f"{prepare.__name__}: {result.stderr.strip().splitlines()[-1]}")
    return float(result.stdout.split()[-1])


def _child(module: str, name: str) -> None:
    one_thread()
    work = getattr(importlib.import_module(module), name)()
    print(_peak_during(work) / 2**20)


def _peak_during(work: Callable[[], object]) -> int:
    """Bytes of resident memory that ``work`` needs at its peak above what is held now."""
    import psutil

    process = psutil.Process()
    before = process.memory_info().rss
    try:  # Linux: reset the kernel's own high-water mark; exact
        Path("/proc/self/clear_refs").write_text("5")
    except OSError:  # elsewhere: look every millisecond
        return _sampled_peak(work, process) - before
    work()
    lines = Path("/proc/self/status").read_text().splitlines()
    high = next(line for line in lines if line.startswith("VmHWM"))
    return int(high.split()[1]) * 1024 - before


def _sampled_peak(work: Callable[[], object], process: object) -> int:
    peak, done = [0], threading.Event()

    def watch() -> None:
        while not done.wait(0.001):
            peak[0] = max(peak[0], process.memory_info().rss)  # type: ignore[attr-defined]

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        work()
    finally:
        done.set()
        watcher.join()
    return peak[0]
