"""The choice of settings for chapter 05: a grid for each method, and no label of any target.

Aligners are scored on pseudo-tasks made of the labeled source alone (``cases.PSEUDO``), the support
vector machines on ``signs-letters``, ten letters that the pretraining left out.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

import numpy as np
from sklearn.preprocessing import FunctionTransformer

from tlbook import data
from tlbook.course.ch05_features.cases import PSEUDO, Represented, pseudo_task
from tlbook.course.ch05_features.methods import METHODS, SVM, SVMS
from tlbook.course.ch05_features.settings import GRID, SVM_GRID
from tlbook.course.studies import Study, grid, words
from tlbook.evaluation import measure

SEEDS = (100, 101, 102)  # far from the seeds of the chapter
BUDGETS = (1, 5, 10)


def align(
    case: str, task: str, method: str, settings: dict[str, Any], seed: int
) -> dict[str, float]:
    """Return the accuracy of an aligner on one pseudo-task."""
    measured = measure(METHODS[method], pseudo_task(task, seed), seed, settings)
    return {"accuracy": round(measured["accuracy"], 4)}


def extract(method: str, seed: int) -> list[dict[str, Any]]:
    """Return one row for each label budget and SVM setting on one representation."""
    represent = SVMS[method].representation(seed)
    # The features of the test rows are the same for every setting: computed once.
    task = Represented(data.load("signs-letters", seed=seed), remembered(represent.transform))
    machine = SVM(lambda seed: FunctionTransformer())  # the rows as they are
    rows = []
    for k in BUDGETS:
        for settings in SVM_GRID:
            measured = measure(machine, task, seed, {"k": k, **settings})
            row = {"case": "signs", "task": f"letters, {k}", "settings": words(settings)}
            rows.append(row | {"accuracy": round(measured["accuracy"], 4)})
    return rows


def remembered(rows: Callable[[Any], np.ndarray]) -> Callable[[np.ndarray], np.ndarray]:
    """Return ``rows`` as a function that computes nothing twice."""
    kept: dict[bytes, np.ndarray] = {}

    def look_up(X: np.ndarray) -> np.ndarray:
        key = hashlib.sha256(X.tobytes()).digest()
        if key not in kept:
            kept[key] = rows(X)
        return kept[key]

    return look_up


CASES = [
    {"case": kind, "task": pair, "method": method, "settings": settings, "seed": seed}
    for kind, pairs in PSEUDO.items()
    for pair in pairs
    for method, tried in GRID.items()
    for seed in SEEDS
    for settings in tried
]
study = Study(align, CASES) + Study(extract, grid(method=tuple(SVMS), seed=SEEDS[:2]))
