"""The λ sweep of chapter 09: what the labeled target rows gain and the source loses.

fonts → handwriting with 1, 5 and 20 labels per class. Each λ is also evaluated by cross-validation
on the labeled target rows (two folds; with one label per class there is nothing to hold out), so
that the table says what a choice without test labels would have got.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from tlbook.course.ch09_objective.cases import task
from tlbook.course.ch09_objective.methods import Predict, joint, source_accuracy
from tlbook.course.ch09_objective.networks import Learner, held_out, train_jointly
from tlbook.course.studies import Study, grid

SEEDS = tuple(range(8))
BUDGETS = (1, 5, 20)
WEIGHTS = (0.01, 0.1, 1.0, 10.0, 100.0)


def trial(budget: int, weight: float, seed: int) -> dict[str, Any]:
    """Return what λ got at one number of labels per class (0: source only, inf: target only)."""
    here = task(seed)
    learn = partial(train_jointly, here, weight=weight, seed=seed)
    return measured(joint(here, seed, k=budget, weight=weight), learn, budget, seed)


def measured(predict: Predict, learn: Learner, budget: int, seed: int) -> dict[str, Any]:
    """Return accuracy in target and source; accuracy and loss of the learner on held-out rows."""
    here = task(seed)
    row = {"accuracy": here.score(predict), "source": source_accuracy(predict, here)}
    held = (np.nan, np.nan)
    if budget > 1:
        held = held_out(learn, *here.label(budget, seed=seed), seed)
    return row | dict(zip(("held_out", "held_out_loss"), held, strict=True))


study = Study(
    trial,
    grid(budget=(0,), weight=(0.0,), seed=SEEDS)
    + grid(budget=BUDGETS, weight=(*WEIGHTS, np.inf), seed=SEEDS),
)
