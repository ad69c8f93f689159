"""The methods of chapter 15: a pretrained encoder with a head, of which more or less may move.

Each returns a ``Tuned``: call it with texts to get labels; it keeps its ``model`` and ``history``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from torch.nn.functional import cross_entropy

from tlbook.objective import Objective, TargetLoss
from tlbook.text.classifier import probe_into_head
from tlbook.text.recipes import BATCH, Tuned, fine_tune
from tlbook.training import fit

MORE_STEPS = 15


def frozen(task: Any, seed: int, C: float, features: Any = None) -> Tuned:
    """Fit the head alone, by logistic regression on the frozen features.

    ``features`` are those of the source texts, here and below, where they were computed before.
    """
    return _tuned("frozen", task, seed, C=C, features=features)


def lora(task: Any, seed: int, lr: float, features: Any = None) -> Tuned:
    """Fit the head, then let it and corrections of low rank move."""
    return _tuned("lora", task, seed, lr=lr, features=features)


def full(task: Any, seed: int, lr: float, top: int | None = None, features: Any = None) -> Tuned:
    """Fit the head, then let everything move, or the head and the last ``top`` blocks."""
    return _tuned("full", task, seed, lr=lr, top=top, features=features)


def _tuned(mode: str, task: Any, seed: int, **settings: Any) -> Tuned:
    X, y, classes = task.source.X, task.source.y, len(task.classes)
    return fine_tune(X, y, classes, mode, seed=seed, device="cpu", **settings)


METHODS: dict[str, Callable[..., Tuned]] = {"frozen": frozen, "lora": lora, "full": full}

CHOICE = {"frozen": "C", "lora": "lr", "full": "lr"}
"""The one setting of each method that source validation chose."""


# -- going on with a few target labels: L_S + L_T, the domains weighing the same, in place ---------


def refit_head(tuned: Tuned, task: Any, few: Any, C: float, features: Any) -> None:
    """Fit the head again, on the source's frozen features and those of a few target texts."""
    n, k = len(features), len(few[0])
    weights = np.concatenate([np.ones(n), np.full(k, n / k)])
    both = np.concatenate([features, tuned.model.embed(few[0])])
    probe_into_head(tuned.model, both, np.concatenate([task.source.y, few[1]]), C, weights)


def train_on(tuned: Tuned, task: Any, few: Any, lr: float, seed: int) -> None:
    """Train for some more steps on the source and a few labeled target texts."""
    model = tuned.model
    fit(
        model,
        (model.tokens(task.source.X), task.source.y),
        Objective(cross_entropy, TargetLoss(1.0)),
        labeled=(model.tokens(few[0]), few[1]),
        steps=MORE_STEPS,
        batch_size=BATCH // 2,
        lr=lr,
        schedule="one-cycle",
        seed=seed,
        progress=False,
        device="cpu",
    )
