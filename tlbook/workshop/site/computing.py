"""Experiments are computed where no pack of their present code is there, on several cores."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from tlbook.course import widgets
from tlbook.workshop.runner.pool import usable_cores
from tlbook.workshop.site import kept, moving


def packed(cache: Path, names: Sequence[str], tell: Callable[[str], Any]) -> dict[str, Path]:
    """Return the packs that the project or the cache has, after those named were computed."""
    found = {name: kept.path_of(name) for name in widgets.names() if kept.fresh(name)}
    others = {name: moving.stored(name, cache) for name in widgets.names() if name not in found}
    missing = [name for name in names if name in others and not others[name].exists()]
    _in_processes(_made, [(name, cache) for name in missing], tell)
    return found | {name: path for name, path in others.items() if path.exists()}


def keep(cache: Path, tell: Callable[[str], Any]) -> None:
    """Bring the packs of the project up to date with its code: ``data/moving``."""
    sample = [secrets.randbelow(10_000) for _ in range(kept.SAMPLE)]
    stale = [(name, cache, sample) for name in widgets.names() if not kept.fresh(name)]
    _in_processes(kept.renew, stale, tell)


def _made(name: str, cache: Path) -> str:
    return moving.make(name, cache).words


def _in_processes(
    job: Callable[..., str], tasks: Sequence[tuple[Any, ...]], tell: Callable[[str], Any]
) -> None:
    """Do a job for each experiment, and tell what each returns."""
    if not tasks:
        return
    workers = min(len(tasks), usable_cores(), 8)
    tell(f"{len(tasks)} experiments have no pack of their present code; processes: {workers}")
    with ProcessPoolExecutor(workers, get_context("spawn"), _one_thread) as pool:
        for done in as_completed([pool.submit(job, *task) for task in tasks]):
            tell(f"  {done.result()}")


def _one_thread() -> None:
    import torch

    torch.set_num_threads(1)
