"""Adaptation without the source's data: SHOT and TENT as ``method(task, seed, **settings)``.

Both start from the network of ``source only``. SHOT goes on with the unlabeled part of the target;
TENT waits for the rows that it has to answer.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Unpack

import numpy as np
import torch
from torch import nn

from tlbook import alignment
from tlbook.course.ch11_alignment.methods import ROUND, source_only
from tlbook.course.ch11_alignment.training import Adapted, Options, fit_options, joined
from tlbook.domains import Task

BATCH = 64
"""Rows that come at a time, as in the training."""


@dataclass(frozen=True)
class Stream:
    """Answers rows batch by batch; ``lr`` = 0 takes each batch's statistics and makes no step."""

    model: nn.Module
    lr: float
    device: str = "auto"

    def __call__(self, X: Any) -> np.ndarray:
        """Return the label of each row of ``X``."""
        rows = np.asarray(X)
        if self.lr > 0:
            options: dict[str, Any] = {"lr": self.lr, "batch_size": BATCH, "device": self.device}
            return alignment.tent(self.model, rows, **options).answers
        network = copy.deepcopy(self.model).cpu().train()
        with torch.no_grad():
            batches = torch.from_numpy(rows).split(BATCH)
            return torch.cat([network(x).argmax(dim=1) for x in batches]).numpy()


def start(task: Task, seed: int, **options: Unpack[Options]) -> Adapted:
    """Return the network of ``source only``: what all methods here begin with, and leave alone."""
    return _start(task, seed, tuple(sorted(options.items())))


@lru_cache(maxsize=1)
def _start(task: Task, seed: int, options: tuple[tuple[str, Any], ...]) -> Adapted:
    return source_only(task, seed, **dict(options))


def batch_statistics(task: Task, seed: int, **options: Unpack[Options]) -> Stream:
    """Normalize each batch of test rows by its own mean and variance; train nothing."""
    return Stream(start(task, seed, **options).model, 0.0)


def tent(task: Task, seed: int, *, lr: float, **options: Unpack[Options]) -> Stream:
    """Go on learning scale and shift of BatchNorm from each batch of test rows."""
    device = options.get("device", "auto")
    return Stream(start(task, seed, **options).model, lr, device)


def shot(
    task: Task,
    seed: int,
    *,
    pseudo_weight: float,
    lr: float,
    diverse: bool = True,
    **options: Unpack[Options],
) -> Adapted:
    """Train the features on the unlabeled target alone; the head stays as the source left it."""
    first = start(task, seed, **options)
    given = fit_options(seed, options) | {"lr": lr}
    given["steps"] = max(1, round(ROUND * given["steps"]))
    terms: dict[str, Any] = {"pseudo_weight": pseudo_weight, "diverse": diverse}
    found = alignment.shot(first.model, task.target.X, **terms, **given)
    return Adapted(found.model, joined([first.history, *(r.history for r in found.rounds)]))


METHODS: dict[str, Callable[..., Any]] = {
    "source only": start,
    "batch statistics": batch_statistics,
    "TENT": tent,
    "SHOT": shot,
}

GRID: dict[str, tuple[dict[str, Any], ...]] = {
    "TENT": tuple({"lr": lr} for lr in (1e-4, 1e-3, 1e-2)),
    "SHOT": (
        {"pseudo_weight": 0.1, "lr": 1e-3},
        {"pseudo_weight": 0.3, "lr": 1e-3},
        {"pseudo_weight": 1.0, "lr": 1e-3},
    ),
}
"""Settings that were tried."""

SETTINGS: dict[str, dict[str, Any]] = {
    "batch statistics": {},
    "TENT": {"lr": 0.0001},
    "SHOT": {"pseudo_weight": 0.1, "lr": 0.001},
}
"""Those that won in the stored study ``source_free_tuning``, by agreement between seeds."""

SCANNER_RATES = (1e-3, 1e-2, 3e-2, 1e-1, 3e-1)
"""Rates of TENT that were tried for another scanner."""

SCANNER_RATE = 1e-1
"""The one that won in ``scanner_tuning``, by agreement between seeds."""
