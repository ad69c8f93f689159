"""Run the many small jobs of a study in several processes, each on one thread."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

Case = Mapping[str, Any]
Row = Mapping[str, Any]


@dataclass
class Sample:
    """How many of a study's jobs to run, drawn by which seed; ``run`` counts those that were."""

    size: int
    seed: int
    run: int = 0


_SAMPLE: ContextVar[Sample | None] = ContextVar("sample", default=None)


@contextmanager
def sampled(size: int, seed: int) -> Iterator[Sample]:
    """Inside, :func:`map_jobs` runs a random sample of its jobs and returns their results alone."""
    sample = Sample(size, seed)
    token = _SAMPLE.set(sample)
    try:
        yield sample
    finally:
        _SAMPLE.reset(token)


def confirming() -> bool:
    """Return whether a sample is being drawn: then nothing may come from a cache of results.

    A trial may ask, too, whatever process it runs in.
    """
    return _SAMPLE.get() is not None


def map_jobs(work: Sequence[tuple[Callable[..., Any], Case]], jobs: int) -> list[list[dict]]:
    """Return the rows of ``function(**case)`` for each (function, case), with a progress bar."""
    from joblib import Parallel, delayed
    from tqdm.auto import tqdm

    sample = _SAMPLE.get()
    if sample is not None:
        work = random.Random(sample.seed).sample(list(work), min(sample.size, len(work)))
        sample.run += len(work)
    tasks = (delayed(_on_one_thread)(function, case, sample) for function, case in work)
    # Threads of tiny convolutions wait for each other; one thread per process is faster.
    results = Parallel(n_jobs=jobs, return_as="generator")(tasks)
    return list(tqdm(results, total=len(work), unit="run"))


def _on_one_thread(
    function: Callable[..., Row | Sequence[Row]], case: Case, sample: Sample | None
) -> list[dict]:
    import torch
    from threadpoolctl import threadpool_limits

    _SAMPLE.set(sample)  # a process of its own does not know it yet
    torch.set_num_threads(1)
    # BLAS too: its sums round otherwise on two threads, and a study would not come out the same.
    with threadpool_limits(1):
        return rows_of(case, function(**case))


def rows_of(case: Case, measured: Row | Sequence[Row]) -> list[dict]:
    """Return what was measured with the case in front of it."""
    shown = {k: words(v) if isinstance(v, Mapping) else v for k, v in case.items()}
    found = [measured] if isinstance(measured, Mapping) else measured
    return [{**shown, **row} for row in found]


def words(settings: Case) -> str:
    """Return settings as they are written in a stored table: for people, never read back.

    Examples
    --------
    >>> words({"lr": 0.001, "steps": 100}), words({})
    ('lr=0.001, steps=100', 'none')
    """
    return ", ".join(f"{key}={value}" for key, value in settings.items()) or "none"
