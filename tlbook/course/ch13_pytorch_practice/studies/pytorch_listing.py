"""What each mistake of the documents' ResNet listing costs on ``signs``: 8 seeds, paired.

Every arm differs from the repaired run in one thing, sees the same labels in the same order and
starts from the same head. Each has its own learning rate (``pytorch_tuning``). Some mistakes are
made after the training: they are the repaired network, asked in the wrong way.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from tlbook.course.ch13_pytorch_practice.methods import ARMS, pictures, trained
from tlbook.course.ch13_pytorch_practice.patient import MODES, answers, unnormalized
from tlbook.course.studies._parallel import map_jobs
from tlbook.data.signs import load_signs

COMMAND = "tlbook results pytorch_listing"

BUDGET = 20
HELD = 4  # labels per class that the honest run keeps for validation
SEEDS = tuple(range(8))


def labels(seed: int) -> tuple[Any, np.ndarray, np.ndarray]:
    """Return the task of a seed and the labeled rows that all arms share."""
    task = load_signs(seed=seed)
    X, y = task.label(BUDGET, seed=seed)
    return task, X, y


def trial(name: str, seed: int) -> list[dict[str, Any]]:
    """Return the rows of one training: accuracy on the test part, and what its user would report.

    ``said`` is the accuracy on the rows it was trained on, for "held out" that on rows kept back.
    """
    task, X, y = labels(seed)
    if name == "held out":
        held = kept_back(y)
        model, losses = trained("repaired", X[~held], y[~held], seed)
        said = float(np.mean(answers(model, X[held]) == y[held]))
        return [_row(name, seed, task.score(lambda rows: answers(model, rows)), said, losses)]
    arm = ARMS[name]
    model, losses = trained(name, X, y, seed)
    said = float(np.mean(answers(model, pictures(arm, X)) == y))
    right = task.score(lambda rows: answers(model, pictures(arm, rows)))
    out = [_row(name, seed, right, said, losses)]
    if name == "repaired":
        for mode in MODES[1:]:
            asked = task.score(lambda rows, mode=mode: answers(model, rows, mode))
            out.append(_row(mode, seed, asked, said, losses))
        raw = task.score(lambda rows: answers(model, unnormalized(rows)))
        out.append(_row("raw pixels at the test only", seed, raw, said, losses))
    return out


def kept_back(y: np.ndarray) -> np.ndarray:
    """Return a mask of the first ``HELD`` rows of each class."""
    held = np.zeros(len(y), dtype=bool)
    for c in np.unique(y):
        held[np.flatnonzero(y == c)[:HELD]] = True
    return held


def _row(
    name: str, seed: int, accuracy: float, said: float, losses: Sequence[float]
) -> dict[str, Any]:
    return {
        "arm": name,
        "seed": seed,
        "accuracy": accuracy,
        "said": said,
        "loss": losses[-1],
        "steps": len(losses),
    }


def run(jobs: int = 1, seeds: Sequence[int] = SEEDS) -> pd.DataFrame:
    """Return arm, seed, accuracy, said, loss of the last step, steps made."""
    work = [(name, seed) for seed in seeds for name in (*ARMS, "held out")]
    return pd.DataFrame([row for rows in map_jobs(trial, work, jobs) for row in rows])
