"""Five ways to learn ``signs`` from a few labels, each with settings tuned on other classes.

Every method is ``method(task, seed, k, **settings) -> predict``, as ``evaluation.learning_curve``
takes it: it buys ``k`` labels per class from the target and learns from them. The defaults come
from the stored study ``signs_tuning``: each method had its own grid, scored on ``signs-letters``
(ten letters that nothing was pretrained on), never on ``signs`` itself.
"""

from __future__ import annotations

from functools import partial
from inspect import signature
from typing import Any

import numpy as np

from tlbook import augmentation
from tlbook._base.checks import check_choice
from tlbook.course.pretraining.networks import signnet
from tlbook.domains import Task
from tlbook.evaluation.compare import Method, Predict
from tlbook.finetuning import cached_features, freeze, linear_probe, replace_head
from tlbook.models import create
from tlbook.training import fit, predictor

BATCH = 32
START_C = 0.1  # strength of the probe from which fine-tuning starts
AUGMENTATIONS = {
    "none": None,
    "mild": augmentation.chain(
        augmentation.geometric(10, 0.08, 0.1, 0.1), augmentation.photometric(0.1, 0.2, 0.02)
    ),
    "strong": augmentation.chain(
        augmentation.geometric(15, 0.12, 0.2, 0.2), augmentation.photometric(0.25, 0.5, 0.04)
    ),
}


def raw_pixels(task: Task, seed: int, k: int, *, C: float = 1.0) -> Predict:
    """Logistic regression on the standardized pixels: no network at all."""
    return linear_probe(_flat, *task.label(k, seed), C=C)


def scratch(
    task: Task, seed: int, k: int, *, lr: float = 2e-3, steps: int = 900, augment: str = "strong"
) -> Predict:
    """Train ``signnet`` from a random start on the labeled rows alone."""
    X, y = task.label(k, seed)
    model = create("signnet", n_classes=_classes(y), seed=seed)
    _train(model, X, y, seed, lr=lr, steps=steps, augment=augment)
    return predictor(model)


def random_features(task: Task, seed: int, k: int, *, C: float = 10.0) -> Predict:
    """Probe a frozen network that was never trained: what the architecture gives by itself."""
    features = partial(cached_features, create("signnet", seed=seed))
    return linear_probe(features, *task.label(k, seed), C=C)


def probe(task: Task, seed: int, k: int, *, C: float = 0.01) -> Predict:
    """Probe the frozen pretrained network."""
    return linear_probe(partial(cached_features, signnet()), *task.label(k, seed), C=C)


def fine_tuning(
    task: Task,
    seed: int,
    k: int,
    *,
    lr: float = 1e-4,
    steps: int = 100,
    augment: str = "mild",
    C: float = START_C,
) -> Predict:
    """Start from the probe, then train all layers with BatchNorm's statistics kept (LP-FT)."""
    X, y = task.label(k, seed)
    model = replace_head(signnet(), _classes(y), seed=seed)
    linear_probe(partial(cached_features, signnet()), X, y, C=C).into(model.head)  # type: ignore[arg-type]
    freeze(model, but=(), statistics_only=True)
    _train(model, X, y, seed, lr=lr, steps=steps, augment=augment)
    return predictor(model)


METHODS: dict[str, Method] = {
    "raw pixels": raw_pixels,
    "scratch": scratch,
    "random features": random_features,
    "linear probe": probe,
    "fine-tuning": fine_tuning,
}
SETTINGS: dict[str, dict[str, Any]] = {
    name: {
        p.name: p.default for p in signature(method).parameters.values() if p.kind == p.KEYWORD_ONLY
    }
    for name, method in METHODS.items()
}
"""The settings of each method, as they stand in its signature."""


def _flat(rows: Any) -> np.ndarray:
    return np.asarray(rows).reshape(len(rows), -1)


def _classes(y: np.ndarray) -> int:
    return int(np.max(y)) + 1


def _train(model: Any, X: Any, y: Any, seed: int, *, lr: float, steps: int, augment: str) -> None:
    check_choice(augment, "augment", AUGMENTATIONS)
    fit(
        model,
        (X, y),
        steps=steps,
        batch_size=BATCH,
        lr=lr,
        weight_decay=1e-2,
        schedule="one-cycle",
        augment=AUGMENTATIONS[augment],
        seed=seed,
        device="cpu",
        progress=False,
    )
