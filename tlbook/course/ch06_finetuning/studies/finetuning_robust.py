"""Fine-tuned on one kind of digits, tested on others; and the line from the probe (WiSE-FT).

Three networks with BatchNorm's statistics kept, so that all of them share one set of statistics:
the probe, LP-FT from this probe, and full fine-tuning from a random head. The last two run at the
settings that ``finetuning_tuning`` chose on other classes. ``share`` is how far a network lies on
the straight line of weights from the probe (0) to LP-FT (1). Nothing is chosen here.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
from torch import nn

from tlbook.course.ch01_why_transfer.methods import START_C
from tlbook.course.ch06_finetuning.methods import fine_tuned
from tlbook.course.ch06_finetuning.other_digits import other_digits
from tlbook.course.ch06_finetuning.settings import chosen
from tlbook.course.pretraining.networks import signnet
from tlbook.course.studies import Study, grid
from tlbook.data.signs import load_signs
from tlbook.finetuning import cached_features, linear_probe, replace_head
from tlbook.finetuning.averaging import interpolated
from tlbook.training import predict, predictor

BUDGETS = (5, 20)
SHARES = (0.0, 0.25, 0.5, 0.75, 1.0)
SEEDS = tuple(range(8))


def trial(budget: int, seed: int) -> list[dict[str, Any]]:
    """Return method, share and the accuracy on each kind of digits, one row a network."""
    task = load_signs(seed=seed)
    probe = replace_head(signnet(), 10, seed=seed)
    features = partial(cached_features, signnet())
    linear_probe(features, *task.label(budget, seed), C=START_C).into(probe.head)  # type: ignore[arg-type]
    tuned = fine_tuned(task, seed, budget, **chosen("LP-FT", budget))
    rows: list[dict[str, Any]] = [
        {"method": "LP-FT", "share": share, **_tested(interpolated(probe, tuned, share), seed)}
        for share in SHARES
    ]
    full = fine_tuned(task, seed, budget, **chosen("BN frozen, uniform", budget))
    return [*rows, {"method": "full fine-tuning", "share": 1.0, **_tested(full, seed)}]


def _tested(network: nn.Module, seed: int) -> dict[str, float]:
    found = {"signs": load_signs(seed=seed).score(predictor(network))}
    for name, (X, y) in other_digits(seed).items():
        found[name] = float(np.mean(predict(network, X) == y))
    return found


study = Study(trial, grid(budget=BUDGETS, seed=SEEDS))
