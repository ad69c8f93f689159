"""Gentler ways to fine-tune, and two that train on more than the labels: chapter 06.

Each is ``train(task, seed, k, **settings) -> network`` and changes the naive recipe of chapter 06
in one respect: AdamW, a rate of 1e-3, 100 steps of 16. ``METHODS`` has them with the options that
``finetuning_variants`` runs, as methods that keep their network.
"""

from __future__ import annotations

import copy
from functools import partial
from typing import Any

import numpy as np
from torch import nn
from torch.nn import functional as F

from tlbook._base.checks import check_choice
from tlbook.course.ch06_finetuning.cases import N_LETTERS
from tlbook.course.ch06_finetuning.methods import BATCH, Training, fine_tuned
from tlbook.course.pretraining.networks import signnet
from tlbook.domains import Task
from tlbook.finetuning import (
    L2SP,
    Distillation,
    FirstTask,
    SecondTask,
    UncertaintyWeighting,
    freeze,
    gradual_unfreezing,
    lora,
    lora_merge,
    parameter_groups,
    replace_head,
)
from tlbook.models import SignNet, seeded
from tlbook.objective import Objective
from tlbook.training import fit

STEPS, LR, WEIGHT_DECAY = 100, 1e-3, 1e-2
STUDENT = ((16, 2), (32, 2))  # channels and strides of a network with 5,466 parameters
# The rate is the best of 3e-3, 1e-2 and 3e-2 on seeds 200 and 201, by what needs no test label: for
# the student alone cross-validation on its 50 labels, for the other one how often it agrees with
# its teacher on 200 unlabeled pictures that were kept out of its training.
STUDENT_TRAINING: dict[str, Any] = {
    "steps": 300,
    "batch_size": 32,
    "lr": 3e-2,
    "weight_decay": WEIGHT_DECAY,
    "schedule": "one-cycle",
    "device": "cpu",
    "progress": False,
}
TEACHER: dict[str, Any] = {
    "head": "probe",
    "batchnorm": "frozen",
    "lr": 3e-4,
    "augment": "mild",
    "schedule": "one-cycle",
}


def _options(seed: int) -> dict[str, Any]:
    return {"lr": LR, "batch_size": BATCH, "seed": seed, "device": "cpu", "progress": False}


def _start(y: Any, seed: int) -> nn.Module:
    return replace_head(signnet(), int(np.max(y)) + 1, seed=seed)


def unfrozen_gradually(task: Task, seed: int, k: int) -> nn.Module:
    """Free one layer more at a time, from the head down: seven stages of 14 steps."""
    X, y = task.label(k, seed)
    model = _start(y, seed)
    options = _options(seed) | {"weight_decay": WEIGHT_DECAY}
    gradual_unfreezing(model, (X, y), steps_per_stage=STEPS // 7, **options)
    return model


def held_near(task: Task, seed: int, k: int, *, alpha: float) -> nn.Module:
    """L2-SP: pull the weights to where the pretraining left them, with strength α."""
    X, y = task.label(k, seed)
    model = freeze(_start(y, seed), but=(), statistics_only=True)
    objective = Objective(F.cross_entropy, L2SP(alpha, signnet()))
    fit(model, (X, y), objective, steps=STEPS, **_options(seed))
    return model


def low_rank(task: Task, seed: int, k: int, *, rank: int, factor: float = 1.0) -> nn.Module:
    """LoRA: leave the weights alone and learn a correction of this rank to each of them.

    Parameters
    ----------
    factor : float
        α / r, by which the correction is multiplied.
    """
    X, y = task.label(k, seed)
    model = lora(_start(y, seed), rank, factor * rank, seed=seed)
    fit(model, (X, y), steps=STEPS, weight_decay=WEIGHT_DECAY, **_options(seed))
    return model


def with_letters(task: Task, seed: int, k: int, *, weighting: str = "fixed") -> nn.Module:
    """Multi-task: digits with a new head and letters with the old one, on one trunk.

    The letters are those of the validation part on which forgetting is not measured; 16 of them
    are drawn in each step beside 16 digits.

    Parameters
    ----------
    weighting : {"fixed", "uncertainty"}
        Both losses count the same, or their weights are learned.

    Raises
    ------
    ValueError
        If ``weighting`` is unknown.
    """
    check_choice(weighting, "weighting", ("fixed", "uncertainty"))
    X, y = task.label(k, seed)
    assert task.validation.y is not None
    letters = task.validation.X[N_LETTERS:], task.validation.y[N_LETTERS:]
    model, old_head = _start(y, seed), copy.deepcopy(signnet().head)
    second = SecondTask(old_head)
    options = _options(seed) | {"steps": STEPS, "labeled": letters}
    if weighting == "fixed":
        both = Objective(F.cross_entropy, second)
        fit(model, (X, y), both, weight_decay=WEIGHT_DECAY, **options)
    else:  # weight decay would pull the learned weights to 1, so only the network gets it
        groups = parameter_groups(model, LR, 1.0, weight_decay=WEIGHT_DECAY)
        learned = UncertaintyWeighting(FirstTask(), second)
        fit(model, (X, y), learned, parameters=groups, **options)
    return model


def student_alone(task: Task, seed: int, k: int) -> nn.Module:
    """Train a small network on the labeled rows."""
    X, y = task.label(k, seed)
    student = seeded(lambda: SignNet(int(np.max(y)) + 1, channels=STUDENT), seed)
    fit(student, (X, y), seed=seed, **STUDENT_TRAINING)
    return student


def student_of(teacher: nn.Module, task: Task, seed: int) -> nn.Module:
    """Train the same small network on what a teacher says about unlabeled target pictures."""
    classes = teacher.head.out_features  # type: ignore[union-attr]
    student = seeded(lambda: SignNet(classes, channels=STUDENT), seed)  # type: ignore[arg-type]
    fit(student, task, Distillation(teacher, on="target"), seed=seed, **STUDENT_TRAINING)
    return student


def distilled(task: Task, seed: int, k: int) -> nn.Module:
    """Fine-tune a teacher on the labeled rows, then teach a student without labels."""
    return student_of(fine_tuned(task, seed, k, **TEACHER), task, seed)


METHODS: dict[str, dict[str, Training]] = {
    "gradual unfreezing": {"7 stages": Training(unfrozen_gradually)},
    "L2-SP": {f"{a:g}": Training(partial(held_near, alpha=a)) for a in (1.0, 10.0, 100.0)},
    "LoRA": {str(r): Training(partial(low_rank, rank=r), lora_merge) for r in (1, 4, 16)},
    "multi-task": {
        name: Training(partial(with_letters, weighting=name)) for name in ("fixed", "uncertainty")
    },
    "distillation": {
        "teacher": Training(partial(fine_tuned, **TEACHER)),
        "student alone": Training(student_alone),
        "student of the teacher": Training(distilled),
    },
}
"""Method -> option -> the training with this option."""
