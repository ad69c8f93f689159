"""The methods of chapter 09: ``method(task, seed, k, …) -> predict`` with k labels per class.

Networks under L_S + λ L_T, or under L_T + Ω from where the source ended; and one linear learner
with and without the source, which chooses λ and Ω by held-out rows.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any

import numpy as np
from torch import nn

from tlbook.course.ch09_objective import transfer
from tlbook.course.ch09_objective.networks import JOINT_STEPS, fine_tune, train_jointly
from tlbook.domains import Task
from tlbook.training import predictor

Predict = Callable[[Any], np.ndarray]


def joint(task: Task, seed: int, *, k: int, weight: float, steps: int = JOINT_STEPS) -> Predict:
    """Train a network on L_S + λ L_T; with ``weight`` λ = 0 no label is bought.

    Raises
    ------
    ValueError
        If λ is negative or NaN.
    """
    X, y = task.label(k, seed=seed) if weight > 0 else (None, None)
    return predictor(train_jointly(task, X, y, weight, seed, steps=steps))


def regularized(task: Task, seed: int, *, k: int, omega: str, strength: float) -> Predict:
    """Train a network on the source, then on L_T + Ω; the kind of Ω is one of ``REGULARIZERS``."""
    X, y = task.label(k, seed=seed)
    return predictor(fine_tune(source_network(task, seed), X, y, omega, strength, seed))


@lru_cache(maxsize=1)
def source_network(task: Task, seed: int) -> nn.Module:
    """Return the network that the source alone has trained."""
    return train_jointly(task, None, None, 0.0, seed)


@dataclass(frozen=True)
class Ridge:
    """A linear classifier, the setting that was chosen for it, and its accuracy on held-out rows.

    Call it with pictures to get labels.
    """

    theta: np.ndarray
    setting: transfer.Setting
    held_out: float

    def __call__(self, X: Any) -> np.ndarray:
        """Return the label of each picture."""
        return transfer.predict(self.theta, X)


def ridge(task: Task, seed: int, *, k: int, arm: str, pairs: int = 0) -> Ridge:
    """Learn from the source, from target rows, or from both, λ and Ω chosen by held-out rows.

    Parameters
    ----------
    task, seed, k
        Of the protocol; ``seed`` is also that of the folds.
    arm : str
        One of ``transfer.ARMS``.
    pairs : int
        How many pairs of the source's labels are exchanged.
    """
    X, y = task.label(k, seed=seed)
    L_S, L_T = transfer.source_loss(task, pairs), transfer.loss(X, y)
    setting, (held_out, _) = transfer.choose(arm, L_S, X, y, seed)
    return Ridge(transfer.solve(L_S, L_T, setting), setting, held_out)


METHODS: dict[str, Callable[..., Ridge]] = {arm: partial(ridge, arm=arm) for arm in transfer.ARMS}
"""With and without the source, by their names in ``objective_negative``."""


def source_accuracy(predict: Predict, task: Task) -> float:
    """Return the accuracy on the source's validation part."""
    return float(np.mean(predict(task.validation.X) == task.validation.y))
