"""Chapter 10: ADDA over rates of both players, and the same game with the source's label loss.

Each setting is trained with three seeds on the two tasks on which chapter 11 chooses. ``best``
takes the largest agreement between seeds among the settings that have not collapsed, as chapter 11
does. The accuracy stands beside it for the reader: the choice does not look at it.
"""

from __future__ import annotations

import copy
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd
from torch import nn
from torch.nn.functional import cross_entropy

from tlbook.adversarial import InvertedLabels
from tlbook.course.ch11_alignment.cases import task
from tlbook.course.ch11_alignment.methods import source_only
from tlbook.course.ch11_alignment.runs import Settings
from tlbook.course.ch11_alignment.training import fit_options
from tlbook.course.studies import Study, words
from tlbook.objective import Objective
from tlbook.selection import agreement_of_each, effective_classes
from tlbook.training import fit, predictor

TASK_SEEDS = (100, 101)
RUNS = 3
CLASSES = 10
LEAST = 0.5
WINDOW = 25
GRID: dict[str, tuple[dict[str, Any], ...]] = {
    "ADDA": (
        {"lr": 1e-5, "critic_lr": 1e-5},
        {"lr": 1e-5, "critic_lr": 1e-3},
        {"lr": 1e-4, "critic_lr": 1e-4},
        {"lr": 1e-4, "critic_lr": 1e-3},
        {"lr": 1e-4, "critic_lr": 1e-3, "spectral_norm": True},
        {"lr": 3e-4, "critic_lr": 1e-3, "spectral_norm": True},
    ),
    "ADDA + label loss": tuple(
        {"lr": lr, "critic_lr": 1e-3, "spectral_norm": True} for lr in (1e-4, 3e-4, 1e-3)
    ),
}


@lru_cache(maxsize=4)
def first_stage(task_seed: int, seed: int) -> nn.Module:
    """Return the network that was trained on the labeled source."""
    return source_only(task(task_seed), seed, device="cpu").model


def second_stage(
    method: str,
    task_seed: int,
    seed: int,
    *,
    lr: float,
    critic_lr: float,
    spectral_norm: bool = False,
) -> tuple[nn.Module, float]:
    """Return the target's network and the discriminator's last loss over log 2."""
    start, here = first_stage(task_seed, seed), task(task_seed)
    game = InvertedLabels(
        start, n_features=64, lr_ratio=critic_lr / lr, spectral_norm=spectral_norm, seed=seed
    )
    model = copy.deepcopy(start)
    with_labels = method == "ADDA + label loss"
    model.head.requires_grad_(with_labels)
    objective = Objective(cross_entropy, game) if with_labels else game
    history = fit(model, here, objective, **fit_options(seed, {"device": "cpu"}) | {"lr": lr})
    return model, float(history.columns["ADDA"][-WINDOW:].mean() / np.log(2))


def trial(method: str, settings: Settings, task_seed: int) -> list[dict[str, Any]]:
    """Return a row for each seed: classes answered, agreement, confusion, accuracy."""
    here, seeds = task(task_seed), [1000 * task_seed + run for run in range(RUNS)]
    found = [second_stage(method, task_seed, seed, **settings) for seed in seeds]
    answers = np.array([predictor(model)(here.target.X) for model, _ in found])
    return [
        {
            "seed": seed,
            "classes": effective_classes(said, CLASSES),
            "agreement": agreement,
            "confusion": confusion,
            "accuracy": here.score(predictor(model)),
        }
        for seed, said, agreement, (model, confusion) in zip(
            seeds, answers, agreement_of_each(answers), found, strict=True
        )
    ]


study = Study(
    trial,
    [
        {"method": method, "settings": settings, "task_seed": task_seed}
        for task_seed in TASK_SEEDS
        for method, grid in GRID.items()
        for settings in grid
    ],
)


def best(frame: pd.DataFrame) -> dict[str, dict[str, Any]]:
    """Return the chosen settings of each method, from the stored table."""
    groups = frame.groupby(["method", "settings"], sort=False)
    mean = groups.agreement.mean().where(groups.classes.min() >= LEAST * CLASSES)
    return {
        method: next(s for s in grid if words(s) == mean[method].idxmax())
        for method, grid in GRID.items()
    }
