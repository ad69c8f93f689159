"""The arms of the studies ``pytorch_tuning`` and ``pytorch_listing``: one mistake put back in each.

Everything else stays as in the repaired run: ``signnet`` with a new head, 60 steps of 16 rows, the
same draws and the same first head within a seed.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from torch import nn

from tlbook._base.checks import check_choice
from tlbook.course.ch13_pytorch_practice.patient import train_as_published, unnormalized
from tlbook.course.ch13_pytorch_practice.rates import RATES
from tlbook.finetuning import cached_features, head_on_features, replace_head
from tlbook.models import pretrained, untrained

STEPS = 60


@dataclass(frozen=True)
class Arm:
    """One way to train: the repaired run with a mistake, or a choice, changed.

    Attributes
    ----------
    grid : tuple of float
        The learning rates that its own was chosen from, in ``pytorch_tuning``.
    """

    grid: tuple[float, ...]
    zeroed: bool = True
    optimizer: str = "adamw"
    normalized: bool = True
    frozen: bool = False
    pretrained: bool = True


ADAM = (3e-4, 1e-3, 3e-3, 1e-2)
SLOW = (3e-5, 1e-4, 3e-4, 1e-3)
HEAD = (1e-3, 3e-3, 1e-2, 3e-2)

ARMS: dict[str, Arm] = {
    "repaired": Arm(ADAM),
    "never zeroed": Arm(SLOW, zeroed=False),
    "repaired, SGD": Arm(HEAD, optimizer="sgd"),
    "never zeroed, SGD": Arm(SLOW, zeroed=False, optimizer="sgd"),
    "raw pixels": Arm(ADAM, normalized=False),
    "frozen": Arm(HEAD, frozen=True),
    "frozen, raw pixels": Arm(HEAD, frozen=True, normalized=False),
    "random start": Arm(ADAM, pretrained=False),
}


@lru_cache(maxsize=1)
def signnet() -> Any:
    """Return the pretrained network; it is copied before it is changed."""
    return pretrained("signnet")


def pictures(arm: Arm, X: Any) -> Any:
    """Return the inputs as this arm feeds them to the network."""
    return X if arm.normalized else unnormalized(X)


def trained(
    name: str, X: Any, y: Any, seed: int, *, lr: float | None = None
) -> tuple[nn.Module, list[float]]:
    """Return the network that an arm ends with, and the loss of each step.

    Parameters
    ----------
    name : str
        One of ``ARMS``.
    X, y : arrays of n rows
        Labeled rows.
    seed : int
        Of the head's start and the draws.
    lr : float, optional
        Instead of the arm's own.

    Raises
    ------
    ValueError
        If there is no such arm.
    """
    arm = ARMS[check_choice(name, "name", tuple(ARMS))]
    classes = int(np.max(y)) + 1
    if arm.pretrained:
        model = replace_head(signnet(), classes, seed=seed)
    else:
        model = untrained("signnet", classes, seed=seed)
    X = pictures(arm, X)
    learner = model
    if arm.frozen:
        X, learner = cached_features(model, X), head_on_features(model)
    losses = train_as_published(
        learner,
        X,
        y,
        steps=STEPS,
        lr=RATES[name] if lr is None else lr,
        zeroed=arm.zeroed,
        optimizer=arm.optimizer,
        seed=seed,
    )
    return model, losses
