"""Pictures and names in one space: held-out combinations and held-out characters (chapter 19).

What the picture tower sees × what the name tower reads, with shuffled pairs as the control. The
accuracies of one row come from the same towers: on known names (validation), on combinations that
no pair has (among all 160 names, and among the 33 that were left out), on new characters (among the
28 names of the seven, and among all).
"""

from __future__ import annotations

import time
from typing import Any

import numpy as np

from tlbook.course.ch19_applications.pictures_and_names import (
    Named,
    answers,
    part_accuracy,
    task,
)
from tlbook.course.studies import Study
from tlbook.data.applied.named_pictures import NAMES, names_by_part
from tlbook.domains import Task

ARMS = {
    "names": {"see": "three layers", "say": "MiniLM"},
    "names, last layer": {"see": "last layer", "say": "MiniLM"},
    "names, untrained network": {"see": "untrained", "say": "MiniLM"},
    "names, shuffled pairs": {"see": "three layers", "say": "MiniLM", "shuffled": True},
    "one-hot parts": {"see": "three layers", "say": "one-hot parts"},
    "one-hot names": {"see": "three layers", "say": "one-hot names"},
    "shapes in words": {"see": "three layers", "say": "MiniLM of shapes"},
    "strokes": {"see": "three layers", "say": "strokes"},
}
EVERY = np.arange(len(NAMES))


def trial(arm: str, seed: int) -> dict[str, Any]:
    """Return the accuracies of one pair of towers."""
    combined, others = task("combinations", seed), task("characters", seed)
    start = time.process_time()
    named = Named(combined, seed, **ARMS[arm])  # type: ignore[arg-type]
    row: dict[str, Any] = {"seconds": time.process_time() - start}
    known = combined.validation
    assert known.y is not None
    row["known"] = part_accuracy(named.predict(known.X, EVERY), known.y)["name"]
    _, lacking, new = names_by_part(seed)
    row |= {f"combination_{k}": v for k, v in _asked(combined, named, EVERY).items()}
    row["combination_among_33"] = _asked(combined, named, lacking)["name"]
    row["combination_retrieved"] = _retrieved(combined, named, lacking)
    row |= {f"new_{k}": v for k, v in _asked(others, named, new).items()}
    row["new_among_160"] = _asked(others, named, EVERY)["name"]
    return row


def _asked(here: Task, named: Named, among: np.ndarray) -> dict[str, float]:
    return part_accuracy(*answers(here, lambda X: named.predict(X, among)))


def _retrieved(here: Task, named: Named, lacking: np.ndarray) -> float:
    """Return for how many of the names the first picture that they find is theirs."""
    seen: list[np.ndarray] = []

    def predict(X: np.ndarray) -> np.ndarray:
        seen.append(named.similarity(X, lacking))
        return lacking[seen[-1].argmax(axis=1)]

    _, truth = answers(here, predict)
    return float(np.mean(truth[seen[-1].argmax(axis=0)] == lacking))


study = Study(trial, [{"arm": arm, "seed": seed} for seed in range(8) for arm in ARMS])
