"""The turned moons of chapter 05: six ways to follow a target that turns away from its source."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from sklearn.svm import SVC

from tlbook import data, features
from tlbook._base.checks import check_choice, check_positive
from tlbook.domains import Task

N = 200
"""Points of the source, of the target, and of every stop on the way."""

METHODS: dict[str, Callable[[], Any]] = {
    "no adaptation": lambda: None,
    "CORAL": lambda: features.CORAL(shrinkage=0.0),
    "subspace alignment": lambda: features.SubspaceAlignment(n_components=1),
    "TCA": lambda: features.TCA(n_components=10),
    "optimal transport": lambda: features.OptimalTransport(),
    "gradual self-training": lambda: None,
}
"""Settings are fixed, not tuned: the plane leaves little to choose."""

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


def fit_moons(method: str, angle: float, seed: int, step: float = 10) -> tuple[Task, Any]:
    """Return the task and a classifier of target points that was fitted without target labels.

    Parameters
    ----------
    method : str
        A name in ``METHODS``.
    angle, step : float
        Degrees; ``step`` is used by gradual self-training only.
    seed : int
        Which sample is drawn.

    Raises
    ------
    ValueError
        If the method is unknown or ``step`` is not positive.
    """
    check_choice(method, "method", METHODS)
    task = moons(angle, seed)
    X, y = task.source.X, task.source.y
    if method == "gradual self-training":
        way = [*stops(angle, seed, step), task.target.X]
        # Without its least sure rows a class loses points at the border, and over many stops the
        # border drifts: with keep=0.9 about a third of the runs went astray before 180 degrees.
        return task, features.gradual_self_training(SVC(), X, y, way, keep=1.0)
    return task, features.AdaptedClassifier(METHODS[method](), SVC(), task.target.X).fit(X, y)


def moons_accuracy(method: str, angle: float, seed: int, step: float = 10) -> float:
    """Return the accuracy on the target's 1,000 test points (one look)."""
    task, model = fit_moons(method, angle, seed, step)
    return task.score(model.predict)
