"""A small student that learns from a teacher's relations among unlabeled target pictures.

The teacher (38,000 parameters) has learned *printed* digits. The student (under 3,000) sees the
handwritten target without a label, and only how the teacher places these pictures to each other.
"""

from __future__ import annotations

from functools import lru_cache, partial
from typing import Any

import numpy as np
import torch
from torch import nn

from tlbook import data
from tlbook.domains import Task
from tlbook.finetuning import cached_features, linear_probe
from tlbook.models import seeded, untrained, wrap
from tlbook.objective import Objective
from tlbook.relations import RKDAngle, RKDDistance
from tlbook.training import fit

TEACHERS = ("trained", "untrained", "other pictures")
STEPS, C = 300, 0.1


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
def teacher(kind: str, seed: int) -> nn.Module:
    """Return a teacher: "trained" on print, "untrained", or one that mixes up the pictures.

    Raises
    ------
    ValueError
        If there is no such teacher.
    """
    if kind not in TEACHERS:
        raise ValueError(f"kind: got {kind!r}, want one of {', '.join(TEACHERS)}")
    if kind == "other pictures":
        return OtherPictures(teacher("trained", seed)).eval()
    net = untrained("digitnet", 10, seed=seed)
    if kind == "trained":
        fit(net, prints_task(seed).source, steps=300, seed=seed, device="cpu", progress=False)
    return net.eval()


def taught(kind: str, seed: int, steps: int = STEPS) -> nn.Module:
    """Return the student after learning a teacher's distances and angles, without a label."""
    net, from_ = student(seed), teacher(kind, seed)
    objective = Objective(None, RKDDistance(from_, 1.0), RKDAngle(from_, 2.0))
    fit(
        net,
        prints_task(seed),
        objective,
        steps=steps,
        batch_size=32,
        lr=1e-2,
        schedule="one-cycle",
        seed=seed,
        device="cpu",
        progress=False,
    )
    return net


def probed(model: nn.Module | None, k: int, seed: int) -> float:
    """Return the target accuracy of a probe with k labels per class (``None``: on the pixels)."""
    task = prints_task(seed)
    features: Any = _pixels if model is None else partial(cached_features, model)
    return task.score(linear_probe(features, *task.label(k, seed=seed), C=C))


def _pixels(X: Any) -> np.ndarray:
    return np.asarray(X).reshape(len(X), -1)
