"""The choice of settings for chapter 05: a grid for each method, and no label of any target.

Aligners are scored on pseudo-tasks made of the labeled source alone (``feature_cases.PSEUDO``),
the support vector machines on ``signs-letters``, ten letters that the pretraining left out.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from tlbook import data
from tlbook.course.ch05_features.cases import PSEUDO, pseudo_task
from tlbook.course.ch05_features.methods import GRID, REPRESENTATIONS, SVM_GRID, adapted, svm, words
from tlbook.course.studies._parallel import map_jobs

COMMAND = "tlbook results feature_tuning"

SEEDS = (100, 101, 102)  # far from the seeds of the chapter
BUDGETS = (1, 5, 10)


def align(kind: str, pair: str, name: str, seed: int) -> list[dict[str, Any]]:
    """Return one row for each setting of an aligner on one pseudo-task."""
    (Xs, ys), (Xt, yt) = pseudo_task(pair, seed)
    out = []
    for settings in GRID[name]:
        model = adapted(name, Xt, **settings).fit(Xs, ys)
        accuracy = model.score(Xt, yt, rows="target")
        out.append(_row(kind, pair, name, words(settings), seed, accuracy))
    return out


def extract(name: str, seed: int) -> list[dict[str, Any]]:
    """Return one row for each SVM setting and label budget on one representation."""
    task = data.load("signs-letters", seed=seed)
    # The features of the test rows are the same for every setting: computed once.
    kept: list[np.ndarray] = []
    out = []
    for k in BUDGETS:
        X, y = task.label(k, seed=seed)
        for settings in SVM_GRID:
            represent, scale, machine = (step for _, step in svm(name, seed, **settings).steps)
            machine.fit(scale.fit_transform(represent.fit(X).transform(X)), y)
            if not kept:
                task.score(partial(_remember, kept, represent))
            answers = machine.predict(scale.transform(kept[0]))
            accuracy = task.score(partial(_known, answers))
            out.append(_row("signs", f"letters, {k}", name, words(settings), seed, accuracy))
    return out


def _known(answers: np.ndarray, rows: np.ndarray) -> np.ndarray:
    return answers


def _remember(kept: list[np.ndarray], represent: Any, rows: np.ndarray) -> np.ndarray:
    kept.append(represent.transform(rows))
    return np.zeros(len(rows), dtype=int)


def run(jobs: int = 1) -> pd.DataFrame:
    """Return the accuracy of every candidate: case, task, method, settings, seed, accuracy."""
    work: list[tuple[Any, ...]] = [
        (align, kind, pair, name, seed)
        for kind, pairs in PSEUDO.items()
        for pair in pairs
        for name in GRID
        for seed in SEEDS
    ]
    work += [(extract, name, seed) for name in REPRESENTATIONS for seed in SEEDS[:2]]
    return pd.DataFrame([row for rows in map_jobs(_call, work, jobs) for row in rows])


def best(frame: pd.DataFrame) -> dict[tuple[str, str], str]:
    """Return for each case and method the settings with the largest mean over tasks and seeds."""
    mean = frame.groupby(["case", "method", "settings"], sort=False)["accuracy"].mean()
    keys = frame[["case", "method"]].drop_duplicates().itertuples(index=False, name=None)
    return {key: mean[key].idxmax() for key in keys}


def _call(function: Any, *arguments: Any) -> Any:
    return function(*arguments)


def _row(kind: str, task: str, name: str, text: str, seed: int, accuracy: float) -> dict[str, Any]:
    return {
        "case": kind,
        "task": task,
        "method": name,
        "settings": text,
        "seed": seed,
        "accuracy": round(accuracy, 4),
    }
