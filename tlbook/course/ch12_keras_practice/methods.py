"""The methods of chapter 12: ``mobilesigns`` cut somewhere, and what becomes of the part above.

Each is ``method(task, seed, k, cut=…, **settings) -> predict``. Below the cut the network stays as
it is and is run once.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from tlbook._base.checks import check_positive
from tlbook.course.ch12_keras_practice.keras_models.cuts import Above, maps_at
from tlbook.course.ch12_keras_practice.keras_models.twin import MobileNetV2, mobilesigns
from tlbook.domains import Task
from tlbook.evaluation.compare import Method, Predict
from tlbook.finetuning import freeze, linear_probe
from tlbook.training import fit, predict

WHOLE = 19
"""Stages of the base: above this cut there is only the head."""


def probe(task: Task, seed: int, k: int, *, cut: int = WHOLE, C: float = 1e-2) -> Predict:
    """Probe the averaged maps after ``cut`` stages; what lies above is dropped."""
    return linear_probe(partial(_averages, mobilesigns(), cut), *task.label(k, seed), C=C)


def fine_tuning(
    task: Task, seed: int, k: int, *, cut: int, lr: float = 1e-3, steps: int = 60, C: float = 1e-2
) -> Predict:
    """Train everything above the cut with a low rate, after the head (LP-FT).

    BatchNorm keeps the statistics of the pretraining everywhere.

    Parameters
    ----------
    task : Task
        Its target has the labels 0 … classes − 1.
    seed : int
        Of the labels and the draws.
    k : int
        Labels per class.
    cut : int
        Number of stages that stay as they are.
    lr : float
        Learning rate of the whole upper part.
    steps : int
        Steps of 32 rows.
    C : float
        Of the probe that the head starts from.
    """
    check_positive(steps, "steps", integer=True)
    X, y = task.label(k, seed)
    net = mobilesigns()
    model = Above(net, cut, int(np.max(y)) + 1)
    freeze(model, but=(), statistics_only=True)
    maps = maps_at(net, cut, X)
    linear_probe(partial(_averages, net, WHOLE), X, y, C=C).into(model.head)
    fit(model, (maps, y), steps=steps, batch_size=32, lr=lr, seed=seed, schedule="cosine",
        device="cpu", progress=False)  # fmt: skip
    return lambda rows: predict(model, maps_at(net, cut, rows), batch_size=128)


def _averages(net: MobileNetV2, cut: int, X: Any) -> np.ndarray:
    return maps_at(net, cut, X).mean(axis=(2, 3))


METHODS: dict[str, Method] = {"probe": probe, "fine-tune": fine_tuning}
