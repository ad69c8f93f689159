"""The turned moons of chapter 05: six ways to follow a target that turns away from its source."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
from sklearn.svm import SVC

from tlbook import data, features
from tlbook._base.checks import check_positive
from tlbook.course.ch05_features.methods import Aligned
from tlbook.domains import Task
from tlbook.evaluation.compare import Predict

N = 200
"""Points of the source, of the target, and of every stop on the way."""

STEPS = (10, 15, 20, 30, 45)
"""Degrees between two stops of gradual self-training."""


def moons(angle: float, seed: int) -> Task:
    """Return the task whose target is turned by ``angle`` degrees."""
    return data.load("toy", seed=seed, kind="moons", n=N, angle=float(angle))


def stops(angle: float, seed: int, step: float = 10) -> list[np.ndarray]:
    """Return unlabeled samples, new points at every stop, on the way from 0 to ``angle``."""
    check_positive(step, "step")
    turns = np.arange(step, angle - 1e-9, step)
    return [moons(t, 1000 * (seed + 1) + i).target.X for i, t in enumerate(turns)]


class GradualSelfTraining:
    """A method: follow the target stop by stop, taught by its own answers.

    Its setting ``step`` is the number of degrees between two stops.
    """

    def fit(self, task: Task, seed: int, step: float = 10) -> Any:
        """Return the classifier after the last stop, the target itself."""
        way = [*stops(task.options["angle"], seed, step), task.target.X]
        # Without its least sure rows a class loses points at the border, and over many stops the
        # border drifts: with keep=0.9 about a third of the runs went astray before 180 degrees.
        return features.gradual_self_training(SVC(), task.source.X, task.source.y, way, keep=1.0)

    def __call__(self, task: Task, seed: int, step: float = 10) -> Predict:
        return self.fit(task, seed, step).predict


METHODS: dict[str, Aligned | GradualSelfTraining] = {
    "no adaptation": Aligned(lambda: None, SVC),
    "CORAL": Aligned(partial(features.CORAL, shrinkage=0.0), SVC),
    "subspace alignment": Aligned(partial(features.SubspaceAlignment, n_components=1), SVC),
    "TCA": Aligned(partial(features.TCA, n_components=10), SVC),
    "optimal transport": Aligned(features.OptimalTransport, SVC),
    "gradual self-training": GradualSelfTraining(),
}
"""Settings are fixed, not tuned: the plane leaves little to choose."""

GRID: dict[str, tuple[dict[str, int], ...]] = {
    **dict.fromkeys(METHODS, ({},)),
    "gradual self-training": tuple({"step": step} for step in STEPS),
}
"""What the widget lets people choose."""
