"""A small student that learns from a teacher's relations among unlabeled target pictures.

The teacher (38,000 parameters) has learned *printed* digits. The student (under 3,000) sees the
handwritten target without a label, and only how the teacher places these pictures to each other.
The other teachers are controls: each lacks the meaning of the labels, any training, any network,
the right pictures, or any difference between pictures.
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
from tlbook.domains import Domain, Task
from tlbook.evaluation.compare import Method, Predict
from tlbook.finetuning import cached_features, linear_probe
from tlbook.models import create, seeded, wrap
from tlbook.relations import rkd_angle, rkd_distance
from tlbook.training import fit

NETWORKS = ("trained", "random labels", "untrained")
TEACHERS = (*NETWORKS, "pixels", "wrong pictures", "all alike")
STEPS, BATCH, RATE = 300, 32, 1e-2


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


@lru_cache(maxsize=8)
def prints_task(seed: int) -> Task:
    """Return printed → handwritten digits."""
    return data.load("fonts-to-handwriting", seed=seed)


@lru_cache(maxsize=8)
def teacher(task: Task, seed: int, kind: str = "trained") -> nn.Module:
    """Return a network "trained" on print, on print with "random labels", or "untrained"."""
    check_choice(kind, "kind", NETWORKS)
    net = create("digitnet", n_classes=10, seed=seed)
    source = task.source
    if kind == "random labels":
        source = Domain("dealt", source.X, np.random.default_rng(seed).permutation(source.y))  # type: ignore[arg-type]
    if kind != "untrained":
        fit(net, source, steps=300, seed=seed, device="cpu", progress=False)
    return net.eval()


def placed(task: Task, seed: int, kind: str = "trained") -> torch.Tensor:
    """Return where a teacher places the unlabeled target pictures, shape (n, d).

    Parameters
    ----------
    task : Task
        As :func:`prints_task` gives it.
    seed : int
        Of the teacher.
    kind : str
        One of ``TEACHERS``. "pixels": the pictures as they are. "wrong pictures": the trained
        teacher's rows, dealt to other pictures. "all alike": every picture as far from every other.

    Raises
    ------
    ValueError
        If there is no such teacher.
    """
    X = task.target.X
    if check_choice(kind, "kind", TEACHERS) == "all alike":
        return torch.eye(len(X))
    if kind == "pixels":
        return torch.from_numpy(_flat(X))
    if kind != "wrong pictures":
        return torch.from_numpy(cached_features(teacher(task, seed, kind=kind), X))
    rows = cached_features(teacher(task, seed, kind="trained"), X)
    return torch.from_numpy(np.random.default_rng(seed).permutation(rows))


@lru_cache(maxsize=8)  # a student does not depend on the labels that its probe gets
def distilled(task: Task, seed: int, kind: str = "trained") -> nn.Module:
    """Return the student after learning a teacher's distances and angles, without a label."""
    net, X = student(seed), torch.from_numpy(task.target.X)
    T = placed(task, seed, kind=kind)
    optimizer = torch.optim.AdamW(net.parameters(), lr=RATE)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, RATE, total_steps=STEPS)
    draws = torch.Generator().manual_seed(seed)
    for _ in range(STEPS):
        rows = torch.randperm(len(X), generator=draws)[:BATCH]
        s, t = net.features(X[rows]), T[rows]  # type: ignore[operator]
        loss = rkd_distance(s, t) + 2 * rkd_angle(s, t)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
    return net.eval()


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
    **{f"teacher: {kind}": Probed(partial(teacher, kind=kind)) for kind in NETWORKS},
}
