"""Adaptation without the source's data: print → handwriting, and another scanner.

Eight tasks that no other study has; settings from ``source_free_tuning`` and ``scanner_tuning``.
"SHOT, information alone" leaves the pseudo-labels out. In the task "scanner, by digit" the test
rows come one digit after the other: each batch has one or two classes.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, partial
from typing import Any

from tlbook.course.ch11_alignment import cases
from tlbook.course.ch11_alignment.source_free import (
    SCANNER_RATE,
    SETTINGS,
    batch_statistics,
    shot,
    start,
    tent,
)
from tlbook.course.studies import Study
from tlbook.domains import Task

SEEDS = tuple(range(24, 32))
TASKS: dict[str, Callable[[int], Task]] = {
    "pen": cases.task,
    "scanner": cases.scanner_task,
    "scanner, by digit": partial(cases.scanner_task, by_digit=True),
}
PLAIN: dict[str, Callable[..., Any]] = {
    "source only": start,
    "batch statistics": batch_statistics,
}
SHOT = {"SHOT": partial(shot, **SETTINGS["SHOT"])}
ALONE = {"SHOT, information alone": partial(shot, **SETTINGS["SHOT"] | {"pseudo_weight": 0.0})}
STREAM = PLAIN | {"TENT": partial(tent, lr=SCANNER_RATE)}
METHODS = {
    "pen": PLAIN | {"TENT": partial(tent, **SETTINGS["TENT"])} | SHOT | ALONE,
    "scanner": STREAM | SHOT,
    "scanner, by digit": STREAM,
}


@lru_cache(maxsize=1)
def given(task: str, seed: int) -> Task:
    """Return a task; one object for all methods, so that they start from one network."""
    return TASKS[task](seed)


def trial(task: str, method: str, seed: int) -> dict[str, Any]:
    """Return the accuracy of a method on one task."""
    here = given(task, seed)
    return {"accuracy": here.score(METHODS[task][method](here, 1000 * seed, device="cpu"))}


study = Study(
    trial,
    [
        {"task": task, "method": method, "seed": seed}
        for seed in SEEDS
        for task, methods in METHODS.items()
        for method in methods
    ],
)
