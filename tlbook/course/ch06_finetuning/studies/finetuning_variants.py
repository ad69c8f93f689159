"""The other ways of chapter 06: gradual unfreezing, L2-SP, LoRA, multi-task, distillation.

All but distillation change the naive recipe of ``finetuning_causes`` in one respect, with the
same labels and the same heads in each seed. L2-SP and LoRA are shown for several strengths, none
of which is chosen here. Distillation works on plain digits, where a small network can do well.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

import pandas as pd
from torch import nn

from tlbook.course.ch06_finetuning import variants
from tlbook.course.ch06_finetuning.methods import fine_tuned, signnet
from tlbook.course.ch06_finetuning.studies.finetuning_causes import N_LETTERS, SEEDS, task_of
from tlbook.course.studies._parallel import map_jobs
from tlbook.domains import Task
from tlbook.finetuning import forgetting, lora_merge, trainable_fraction
from tlbook.training import predictor

COMMAND = "tlbook results finetuning_variants"

TEACHER: dict[str, Any] = {
    "head": "probe",
    "batchnorm": "frozen",
    "lr": 3e-4,
    "augment": "mild",
    "schedule": "one-cycle",
}
Train = Callable[[Any, Any, int, Task], nn.Module]


def labels_only(train: Callable[..., nn.Module], **settings: Any) -> Train:
    """Return a training function that uses nothing of the task but the labeled rows."""
    return lambda X, y, seed, task: train(X, y, seed, **settings)


def multi_task(weighting: str) -> Train:
    """Return the training with letters on which forgetting is not measured."""

    def train(X: Any, y: Any, seed: int, task: Task) -> nn.Module:
        assert task.validation.y is not None
        letters = task.validation.X[N_LETTERS:], task.validation.y[N_LETTERS:]
        return variants.with_letters(X, y, seed, letters=letters, weighting=weighting)

    return train


def distilled(X: Any, y: Any, seed: int, task: Task) -> nn.Module:
    """Fine-tune a teacher on the labeled rows, then teach a student without labels."""
    return variants.student_of(fine_tuned(X, y, seed, **TEACHER), task, seed)


# method -> {option: function}
METHODS: dict[str, dict[str, Train]] = {
    "gradual unfreezing": {"7 stages": labels_only(variants.unfrozen_gradually)},
    "L2-SP": {
        f"{alpha:g}": labels_only(variants.held_near, alpha=alpha) for alpha in (1.0, 10.0, 100.0)
    },
    "LoRA": {str(rank): labels_only(variants.low_rank, rank=rank) for rank in (1, 4, 16)},
    "multi-task": {name: multi_task(name) for name in ("fixed", "uncertainty")},
    "distillation": {
        "teacher": labels_only(fine_tuned, **TEACHER),
        "student alone": labels_only(variants.student_alone),
        "student of the teacher": distilled,
    },
}
# method, options, task, budgets
PLAN: tuple[tuple[str, tuple[str, ...], str, tuple[int, ...]], ...] = (
    ("gradual unfreezing", ("7 stages",), "signs", (1,)),
    ("L2-SP", ("1", "10", "100"), "signs", (1,)),
    ("LoRA", ("1", "4", "16"), "signs", (1,)),
    ("multi-task", ("fixed",), "signs", (5, 20)),
    ("multi-task", ("uncertainty",), "signs", (5,)),
    ("distillation", ("teacher", "student alone", "student of the teacher"), "plain", (5,)),
)


def trial(method: str, option: str, name: str, budget: int, seed: int) -> dict[str, Any]:
    """Return one row of the study."""
    task = task_of(name, seed)
    X, y = task.label(budget, seed=seed)
    start = time.process_time()
    model = METHODS[method][option](X, y, seed, task)
    seconds = time.process_time() - start
    share = trainable_fraction(model)
    if method == "LoRA":
        model = lora_merge(model)
    row = {
        "method": method,
        "option": option,
        "task": name,
        "budget": budget,
        "seed": seed,
        "accuracy": task.score(predictor(model)),
        "trainable": share,
        "parameters": sum(p.numel() for p in model.parameters()),
        "seconds": round(seconds, 2),
    }
    if not option.startswith("student"):  # a student never knew the letters
        letters, labels = task.validation.X[:N_LETTERS], task.validation.y
        assert labels is not None
        row["forgotten"] = forgetting(model, signnet(), letters, labels[:N_LETTERS])
    return row


def run(jobs: int = 1, seeds: Sequence[int] = SEEDS) -> pd.DataFrame:
    """Return method, option, task, budget, seed, accuracy, trainable, parameters, forgotten."""
    work = [
        (method, option, name, budget, seed)
        for seed in seeds
        for method, options, name, budgets in PLAN
        for option in options
        for budget in budgets
    ]
    return pd.DataFrame(map_jobs(trial, work, jobs))
