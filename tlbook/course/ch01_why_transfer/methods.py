"""Five ways to learn ``signs`` from a few labels, each with settings tuned on other classes.

Every method is a function ``(X, y, seed) -> predict``, as ``evaluation.learning_curve`` takes
it. The settings come from the stored study ``signs_tuning``: each method had its own grid, scored
on ``signs-letters`` (ten letters that nothing was pretrained on), never on ``signs`` itself.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, partial
from typing import Any

import numpy as np

from tlbook import augmentation
from tlbook.finetuning import cached_features, freeze, linear_probe, replace_head
from tlbook.models import pretrained, untrained
from tlbook.training import fit, predictor

Predict = Callable[[Any], np.ndarray]
Method = Callable[[Any, Any, int], Predict]

BATCH = 32
AUGMENTATIONS = {
    "none": None,
    "mild": augmentation.chain(
        augmentation.geometric(10, 0.08, 0.1, 0.1), augmentation.photometric(0.1, 0.2, 0.02)
    ),
    "strong": augmentation.chain(
        augmentation.geometric(15, 0.12, 0.2, 0.2), augmentation.photometric(0.25, 0.5, 0.04)
    ),
}

SETTINGS: dict[str, dict[str, Any]] = {
    "raw pixels": {"C": 1.0},
    "scratch": {"lr": 2e-3, "steps": 900, "augment": "strong"},
    "random features": {"C": 10.0},
    "linear probe": {"C": 0.01},
    "fine-tuning": {"lr": 1e-4, "steps": 100, "augment": "mild", "C": 0.1},
}


def raw_pixels(X: Any, y: Any, seed: int, *, C: float) -> Predict:
    """Logistic regression on the standardized pixels: no network at all."""
    return linear_probe(lambda rows: np.asarray(rows).reshape(len(rows), -1), X, y, C=C)


def scratch(X: Any, y: Any, seed: int, *, lr: float, steps: int, augment: str) -> Predict:
    """Train ``signnet`` from a random start on the labeled rows alone."""
    model = untrained("signnet", n_classes=_classes(y), seed=seed)
    _train(model, X, y, seed, lr=lr, steps=steps, augment=augment)
    return predictor(model)


def random_features(X: Any, y: Any, seed: int, *, C: float) -> Predict:
    """Probe a frozen network that was never trained: what the architecture gives by itself."""
    features = partial(cached_features, untrained("signnet", seed=seed))
    return linear_probe(features, X, y, C=C)


def probe(X: Any, y: Any, seed: int, *, C: float) -> Predict:
    """Probe the frozen pretrained network."""
    return linear_probe(partial(cached_features, _signnet()), X, y, C=C)


def fine_tuning(
    X: Any, y: Any, seed: int, *, lr: float, steps: int, augment: str, C: float
) -> Predict:
    """Start from the probe, then train all layers with BatchNorm's statistics kept (LP-FT)."""
    model = replace_head(_signnet(), _classes(y), seed=seed)
    linear_probe(partial(cached_features, _signnet()), X, y, C=C).into(model.head)  # type: ignore[arg-type]
    freeze(model, but=(), statistics_only=True)
    _train(model, X, y, seed, lr=lr, steps=steps, augment=augment)
    return predictor(model)


FUNCTIONS: dict[str, Callable[..., Predict]] = {
    "raw pixels": raw_pixels,
    "scratch": scratch,
    "random features": random_features,
    "linear probe": probe,
    "fine-tuning": fine_tuning,
}


def method(name: str, **changes: Any) -> Method:
    """Return a method by name with its tuned settings, changed by ``changes``.

    Raises
    ------
    ValueError
        If the name is unknown.
    """
    if name not in FUNCTIONS:
        raise ValueError(f"name: got {name!r}, want one of {', '.join(FUNCTIONS)}")
    return partial(FUNCTIONS[name], **{**SETTINGS[name], **changes})


def _classes(y: Any) -> int:
    return int(np.max(y)) + 1


@lru_cache(maxsize=1)
def _signnet() -> Any:
    return pretrained("signnet")


def _train(model: Any, X: Any, y: Any, seed: int, *, lr: float, steps: int, augment: str) -> None:
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
