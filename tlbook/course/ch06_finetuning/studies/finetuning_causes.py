"""Why naive fine-tuning loses what the probe had: one choice changed at a time, 8 seeds.

Every arm is the naive recipe (AdamW, one rate of 1e-3, random head, BatchNorm in training mode, 100
steps of 16) with some of its choices changed. Within a seed all arms see the same labels and start
from the same head. Besides the accuracy on the digits each run keeps what was lost: the points that
the *old* head loses on letters, and how far the output of each layer has moved.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from tlbook.course.ch01_why_transfer.methods import METHODS
from tlbook.course.ch06_finetuning.cases import TASKS, drift, forgotten
from tlbook.course.ch06_finetuning.methods import N_BLOCKS, Training, fine_tuned
from tlbook.course.ch06_finetuning.settings import RATES
from tlbook.course.studies import Study, grid
from tlbook.domains import Task
from tlbook.evaluation import measure

BUDGETS = (1, 2, 5, 10, 20, 50)
FEW = (1, 5, 20)
SEEDS = tuple(range(8))


def _arms(
    task: str = "signs",
    batchnorm: Sequence[str] = ("train", "frozen"),
    rates: Sequence[str] = ("uniform", "layer-wise"),
    head: str = "random",
    frozen: int = 0,
    budget: Sequence[int] = FEW,
) -> list[dict[str, Any]]:
    factors = {"batchnorm": batchnorm, "rates": rates, "head": (head,), "frozen": (frozen,)}
    return grid(task=(task,), **factors, budget=budget)


ARMS = [
    *_arms(budget=BUDGETS),
    *_arms(head="probe"),
    *_arms(batchnorm=("train",), rates=("slow body",)),
    *_arms(rates=("uniform",), frozen=N_BLOCKS),
    *_arms(task="plain", budget=(5,)),
]
UNTOUCHED = [
    *grid(task=("signs",), head=("linear probe",), budget=BUDGETS),
    *grid(task=("plain",), head=("linear probe", "raw pixels"), budget=(5,)),
]


def tuned(task: Task, seed: int, budget: int, choices: dict[str, Any]) -> dict[str, Any]:
    """Return accuracy, forgotten, drift_1 … drift_6, seconds (CPU) of one set of choices."""
    training = Training(fine_tuned)
    row = measure(training, task, seed, {"k": budget, **choices}, clock=time.process_time)
    return {
        "accuracy": row["accuracy"],
        "forgotten": forgotten(training.network, task),
        **drift(training.network, task),
        "seconds": round(row["seconds"], 2),
    }


def trial(task: str, rates: str, budget: int, seed: int, **choices: Any) -> dict[str, Any]:
    """Return what is measured of an arm that is trained."""
    return tuned(TASKS[task](seed), seed, budget, {**choices, **RATES[rates]})


def untouched(task: str, head: str, budget: int, seed: int) -> dict[str, Any]:
    """Return the same for a method that leaves the network alone, with its choices by name."""
    clock = time.process_time
    row = measure(METHODS[head], TASKS[task](seed), seed, {"k": budget}, clock=clock)
    return {
        "batchnorm": "frozen",
        "rates": "none",
        "frozen": N_BLOCKS,
        "accuracy": row["accuracy"],
        "forgotten": 0.0,
        **{f"drift_{i}": 0.0 for i in range(1, N_BLOCKS + 1)},
        "seconds": round(row["seconds"], 2),
    }


study = Study(trial, [{**arm, "seed": seed} for seed in SEEDS for arm in ARMS]) + Study(
    untouched, [{**case, "seed": seed} for seed in SEEDS for case in UNTOUCHED]
)
