"""A small student that learns from a teacher's relations among unlabeled target pictures.

The teacher (38,000 parameters) has learned *printed* digits. The student (under 3,000) sees the
handwritten target without a label, and only how the teacher places these pictures to each other.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any

import numpy as np
import torch
from torch import nn

from tlbook import data
from tlbook._base.checks import check_choice
from tlbook.domains import Task
from tlbook.evaluation.compare import Method, Predict
from tlbook.finetuning import cached_features, linear_probe
from tlbook.models import create, seeded, wrap
from tlbook.objective import Objective
from tlbook.relations import RKDAngle, RKDDistance
from tlbook.training import fit

TEACHERS = ("trained", "untrained", "other pictures")
STEPS = 300


def student(seed: int) -> nn.Module:
    """Return a network 64 → 32 → 16 → 10 with a random start."""
    return seeded(
        lambda: wrap(
            nn.Sequential(
                nn.Flatten(),
                nn.Linear(64, 32),
                nn.ReLU(),
                nn.Linear(32, 16),
                nn.ReLU(),
                nn.Linear(16, 10),
            )
        ),
        seed,
    )


class OtherPictures(nn.Module):
    """A teacher that talks of other pictures: its features go to the wrong rows of each draw."""

    def __init__(self, teacher: nn.Module) -> None:
        super().__init__()
        self.inner = teacher

    def features(self, x: torch.Tensor) -> torch.Tensor:
        """Return the inner features moved on by one row."""
        z: torch.Tensor = self.inner.features(x)  # type: ignore[operator]
        return z.roll(1, dims=0)


@lru_cache(maxsize=8)
def prints_task(seed: int) -> Task:
    """Return printed → handwritten digits."""
    return data.load("fonts-to-handwriting", seed=seed)


@lru_cache(maxsize=8)
def teacher(task: Task, seed: int, kind: str = "trained") -> nn.Module:
    """Return a teacher: "trained" on print, "untrained", or one that mixes up the pictures.

    Raises
    ------
    ValueError
        If there is no such teacher.
    """
    check_choice(kind, "kind", TEACHERS)
    if kind == "other pictures":
        return OtherPictures(teacher(task, seed, kind="trained")).eval()
    net = create("digitnet", n_classes=10, seed=seed)
    if kind == "trained":
        fit(net, task.source, steps=300, seed=seed, device="cpu", progress=False)
    return net.eval()


@lru_cache(maxsize=8)  # a student does not depend on the labels that its probe gets
def distilled(task: Task, seed: int, kind: str = "trained") -> nn.Module:
    """Return the student after learning a teacher's distances and angles, without a label."""
    net, source = student(seed), teacher(task, seed, kind=kind)
    objective = Objective(None, RKDDistance(source, 1.0), RKDAngle(source, 2.0))
    fit(
        net,
        task,
        objective,
        steps=STEPS,
        batch_size=32,
        lr=1e-2,
        schedule="one-cycle",
        seed=seed,
        device="cpu",
        progress=False,
    )
    return net


@dataclass(frozen=True)
class Probed:
    """The method that probes a network's features with k labels per class.

    Attributes
    ----------
    network : function
        ``network(task, seed)`` returns the network, without a label of the target.
    """

    network: Callable[[Task, int], nn.Module]

    def __call__(self, task: Task, seed: int, k: int, *, C: float = 0.1) -> Predict:
        """Return the probe."""
        features = partial(cached_features, self.network(task, seed))
        return linear_probe(features, *task.label(k, seed), C=C)


def pixels(task: Task, seed: int, k: int, *, C: float = 0.1) -> Predict:
    """Probe the pixels themselves."""
    return linear_probe(_flat, *task.label(k, seed), C=C)


def _flat(X: Any) -> np.ndarray:
    return np.asarray(X).reshape(len(X), -1)


METHODS: dict[str, Method] = {
    **{f"student of: {kind}": Probed(partial(distilled, kind=kind)) for kind in TEACHERS},
    "student, random start": Probed(lambda task, seed: student(seed)),
    "pixels": pixels,
    **{f"teacher: {kind}": Probed(partial(teacher, kind=kind)) for kind in TEACHERS[:2]},
}
