"""Run the many small jobs of a study in several processes, each on one thread."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any


def map_jobs(function: Callable[..., Any], work: Sequence[tuple[Any, ...]], jobs: int) -> list[Any]:
    """Return ``[function(*item) for item in work]``, with a progress bar."""
    from joblib import Parallel, delayed
    from tqdm.auto import tqdm

    tasks = (delayed(_on_one_thread)(function, item) for item in work)
    # Threads of tiny convolutions wait for each other; one thread per process is faster.
    results = Parallel(n_jobs=jobs, return_as="generator")(tasks)
    return list(tqdm(results, total=len(work), unit="run"))


def _on_one_thread(function: Callable[..., Any], item: tuple[Any, ...]) -> Any:
    import torch

    torch.set_num_threads(1)
    return function(*item)
