"""Why naive fine-tuning loses what the probe had: one choice changed at a time, 8 seeds.

Every arm is the naive recipe (AdamW, one rate of 1e-3, random head, BatchNorm in training mode, 100
steps of 16) with some of its choices changed. Within a seed all arms see the same labels and start
from the same head. Besides the accuracy on the digits each run keeps what was lost: the points that
the *old* head loses on letters, and how far the output of each layer has moved.

``signs`` has photographs behind both letters and digits. On "plain" digits, the same handwriting
without photographs, BatchNorm meets other statistics than in its training.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import pandas as pd
import torch
from torch import nn

from tlbook.course.ch01_why_transfer import methods as few_labels
from tlbook.course.ch06_finetuning.methods import N_BLOCKS, fine_tuned, signnet
from tlbook.course.studies._parallel import map_jobs
from tlbook.data.handwriting import TARGET_TRAIN, handwriting_arrays, stratified_split
from tlbook.data.signs import load_signs
from tlbook.domains import Task
from tlbook.finetuning import forgetting, layer_drift
from tlbook.training import predictor

COMMAND = "tlbook results finetuning_causes"

BUDGETS = (1, 2, 5, 10, 20, 50)
FEW = (1, 5, 20)
SEEDS = tuple(range(8))
N_LETTERS = 500  # validation letters on which forgetting is measured
N_DRIFT = 100  # unlabeled target pictures on which drift is measured

RATES: dict[str, dict[str, float]] = {
    "uniform": {},
    "layer-wise": {"decay": 0.4},  # ULMFiT divides by 2.6 from layer to layer
    "slow body": {"body": 0.4**3.5},  # one rate for all blocks: layer-wise's geometric mean
}


def choices(batchnorm: str, rates: str, head: str, frozen: int = 0) -> dict[str, Any]:
    """Return the arguments of ``fine_tuned`` for one arm."""
    return {"batchnorm": batchnorm, "head": head, "frozen": frozen, **RATES[rates]}


# (task, batchnorm, rates, head, frozen blocks, budgets)
ARMS: tuple[tuple[str, str, str, str, int, tuple[int, ...]], ...] = (
    *(
        ("signs", bn, rates, "random", 0, BUDGETS)
        for bn in ("train", "frozen")
        for rates in ("uniform", "layer-wise")
    ),
    *(
        ("signs", bn, rates, "probe", 0, FEW)
        for bn in ("train", "frozen")
        for rates in ("uniform", "layer-wise")
    ),
    ("signs", "train", "slow body", "random", 0, FEW),
    *(("signs", bn, "uniform", "random", N_BLOCKS, FEW) for bn in ("train", "frozen")),
    *(
        ("plain", bn, rates, "random", 0, (5,))
        for bn in ("train", "frozen")
        for rates in ("uniform", "layer-wise")
    ),
)


@lru_cache(maxsize=4)
def plain_digits(seed: int) -> Task:
    """Return the handwritten digits as white ink on black, in the size and channels of a sign.

    The source of this task is never used; it is there because a task has one.
    """
    small, labels = handwriting_arrays()
    large = torch.nn.functional.interpolate(
        torch.from_numpy(small), size=(20, 20), mode="bilinear", align_corners=False
    )
    framed = torch.nn.functional.pad(large.clamp(0, 1), (2, 2, 2, 2))
    X = framed.repeat(1, 3, 1, 1).numpy()
    first, second = stratified_split(labels, TARGET_TRAIN, "plain digits", seed)
    letters = load_signs(seed=seed).validation
    return Task.from_arrays(
        source=(letters.X, letters.y),
        validation=(letters.X, letters.y),
        target_train=(X[first], labels[first]),
        target_test=(X[second], labels[second]),
        name="plain digits",
        seed=seed,
    )


def task_of(name: str, seed: int) -> Task:
    """Return one of the two tasks of the study."""
    return load_signs(seed=seed) if name == "signs" else plain_digits(seed)


def lost(model: nn.Module, task: Task) -> dict[str, float]:
    """Return what the pretraining knew and the network no longer does: letters, and drift."""
    letters, y = task.validation.X[:N_LETTERS], task.validation.y
    assert y is not None
    moved = layer_drift(model, signnet(), task.target.X[:N_DRIFT])
    return {
        "forgotten": forgetting(model, signnet(), letters, y[:N_LETTERS]),
        **{f"drift_{i}": value for i, value in enumerate(moved.values(), start=1)},
    }


def trial(
    name: str, batchnorm: str, rates: str, head: str, frozen: int, budget: int, seed: int
) -> dict[str, Any]:
    """Return one row: an arm trained on one budget, scored on the test part."""
    task = task_of(name, seed)
    X, y = task.label(budget, seed=seed)
    start = time.process_time()
    model = fine_tuned(X, y, seed, **choices(batchnorm, rates, head, frozen))
    seconds = time.process_time() - start
    return {
        "task": name,
        "batchnorm": batchnorm,
        "rates": rates,
        "head": head,
        "frozen": frozen,
        "budget": budget,
        "seed": seed,
        "accuracy": task.score(predictor(model)),
        **lost(model, task),
        "seconds": round(seconds, 2),
    }


def probe_trial(name: str, method: str, budget: int, seed: int) -> dict[str, Any]:
    """Return one row for a method that leaves the network alone."""
    task = task_of(name, seed)
    X, y = task.label(budget, seed=seed)
    start = time.process_time()
    answer = few_labels.method(method)(X, y, seed)
    seconds = time.process_time() - start
    return {
        "task": name,
        "batchnorm": "frozen",
        "rates": "none",
        "head": method,
        "frozen": N_BLOCKS,
        "budget": budget,
        "seed": seed,
        "accuracy": task.score(answer),
        "forgotten": 0.0,
        **{f"drift_{i}": 0.0 for i in range(1, N_BLOCKS + 1)},
        "seconds": round(seconds, 2),
    }


def one(kind: str, *arguments: Any) -> dict[str, Any]:
    """Return a row of either kind (one function for the parallel map)."""
    return trial(*arguments) if kind == "trained" else probe_trial(*arguments)


def run(jobs: int = 1, seeds: Sequence[int] = SEEDS) -> pd.DataFrame:
    """Return the choices, budget, seed, accuracy, forgotten, drift_1 … drift_6, seconds."""
    work: list[tuple[Any, ...]] = []
    for seed in seeds:
        work += [("trained", *arm[:5], k, seed) for arm in ARMS for k in arm[5]]
        work += [("probe", "signs", "linear probe", k, seed) for k in BUDGETS]
        work += [("probe", "plain", method, 5, seed) for method in ("linear probe", "raw pixels")]
    return pd.DataFrame(map_jobs(one, work, jobs))
