"""Networks on fonts → handwriting with a few labels of the target: λ, and what Ω may be.

One way minimizes L_S + λ L_T from a random start. The other starts from the network that the source
trained and goes on with L_T + Ω. All are the same ``digitnet``, all by ``training.fit``.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import numpy as np
from torch import nn
from torch.nn import functional as F

from tlbook._base.checks import check_array, check_choice, check_positive
from tlbook.domains import Task
from tlbook.finetuning import L2SP
from tlbook.models import create
from tlbook.objective import Objective, TargetLoss
from tlbook.training import fit
from tlbook.training.predict import in_blocks

JOINT_STEPS, TUNE_STEPS = 300, 100
REGULARIZERS = ("none", "weight decay", "L2-SP", "dropout")
Learner = Callable[[Any, Any], nn.Module]
COMMON: dict[str, Any] = {"optimizer": "adam", "device": "cpu", "progress": False}


def train_jointly(
    task: Task, X: Any, y: Any, weight: float, seed: int, *, steps: int = JOINT_STEPS
) -> nn.Module:
    r"""Return ``digitnet`` trained from a random start on the source and a few target labels.

    .. math:: \min_f L_S(f) + \lambda L_T(f)

    Parameters
    ----------
    task : Task
        Its source is used.
    X, y : arrays of n rows
        The labeled target rows.
    weight : float
        λ. 0 leaves the target out, ``inf`` the source.
    seed : int
        Of the random start and the draws.
    steps : int
        Gradient steps of Adam, lr 1e-3, batches of 64.

    Raises
    ------
    ValueError
        If λ is negative or NaN.
    """
    if not weight >= 0:
        raise ValueError(f"weight: got {weight!r}, want λ from 0 to inf")
    model = create("digitnet", seed=seed)
    if np.isinf(weight):
        fit(model, (X, y), steps=steps, seed=seed, **COMMON)
    elif weight == 0:
        fit(model, task, steps=steps, seed=seed, **COMMON)
    else:
        objective = Objective(F.cross_entropy, TargetLoss(weight))
        fit(model, task, objective, steps=steps, labeled=(X, y), seed=seed, **COMMON)
    return model


def fine_tune(start: nn.Module, X: Any, y: Any, kind: str, strength: float, seed: int) -> nn.Module:
    r"""Return a copy of ``start`` that went on learning the labeled rows under one kind of Ω.

    .. math:: \min_f L_T(f) + \Omega(f)

    Parameters
    ----------
    start : nn.Module
        The network that the source trained.
    X, y : arrays of n rows
        The labeled target rows.
    kind : {"none", "weight decay", "L2-SP", "dropout"}
        Weight decay is AdamW's: all weights shrink by the factor 1 − lr · strength in a step,
        whatever the gradient. L2-SP adds strength/2 · ‖w − w⁰‖² to the loss. Dropout zeroes that
        share of the features before the head while training.
    strength : float
        Of Ω; without meaning for "none".
    seed : int
        Of draws and dropout.

    Raises
    ------
    ValueError
        If the kind is unknown or the strength out of range.
    """
    check_choice(kind, "kind", REGULARIZERS)
    check_positive(strength, "strength", zero_ok=True)
    if kind == "dropout" and strength >= 1:
        raise ValueError(f"strength: got {strength!r}, want a share below 1 for dropout")
    model = copy.deepcopy(start)
    settings: dict[str, Any] = {"steps": TUNE_STEPS, "seed": seed} | COMMON
    objective = Objective(F.cross_entropy)
    if kind == "weight decay":
        settings |= {"optimizer": "adamw", "weight_decay": strength}
    elif kind == "L2-SP":
        objective = Objective(F.cross_entropy, L2SP(strength, start))
    elif kind == "dropout":
        model.head = nn.Sequential(nn.Dropout(strength), model.head)  # type: ignore[arg-type]
    fit(model, (X, y), objective, **settings)
    return model


def held_out(learn: Learner, X: Any, y: Any, seed: int, folds: int = 2) -> tuple[float, float]:
    """Return accuracy and cross-entropy on labeled rows that the learner did not see.

    Parameters
    ----------
    learn : function
        ``learn(X, y) -> model``.
    X, y : arrays of n rows
        The labeled target rows; each class is spread evenly over the folds.
    seed : int
        Of the folds.
    folds : int
        Number of folds; every class needs as many rows.

    Raises
    ------
    ValueError
        If there are fewer than two folds or a class has fewer rows than folds.
    """
    import torch
    from sklearn.model_selection import StratifiedKFold

    X, y = check_array(X, "X"), np.asarray(y)
    if check_positive(folds, "folds", integer=True) < 2:
        raise ValueError(f"folds: got {folds}, want at least 2")
    smallest = int(np.unique(y, return_counts=True)[1].min())
    if smallest < folds:
        raise ValueError(f"y: got a class with {smallest} row(s), want at least {folds}")
    right, loss = [], []
    splits = StratifiedKFold(folds, shuffle=True, random_state=seed).split(X.reshape(len(X), -1), y)
    for train, test in splits:
        model = learn(X[train], y[train])
        logits = torch.from_numpy(in_blocks(model, model, X[test], 512))
        truth = torch.from_numpy(y[test]).long()
        right += (logits.argmax(1) == truth).tolist()
        loss += F.cross_entropy(logits, truth, reduction="none").tolist()
    return float(np.mean(right)), float(np.mean(loss))
