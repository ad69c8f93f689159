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

from tlbook.course.ch19b_applications_language.pictures_and_names import (
    Named,
    nearest,
    part_accuracy,
    retrieved,
    seen,
    task,
)
from tlbook.course.studies import Study
from tlbook.data.applied.named_pictures import NAMES, names_by_part

ARMS: dict[str, dict[str, Any]] = {
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


def trial(seed: int) -> list[dict[str, Any]]:
    """Return the accuracies of every arm's towers."""
    _, lacking, new = names_by_part(seed)
    known = task("combinations", seed).validation
    assert known.y is not None
    rows = []
    for arm, settings in ARMS.items():
        seen(seed, settings["see"])  # the features are no part of the training's time
        start = time.process_time()
        named = Named(seed, **settings)
        row: dict[str, Any] = {"arm": arm, "seconds": time.process_time() - start}
        row["known"] = float(np.mean(named.similarity(known.X).argmax(axis=1) == known.y))
        S, y = named.graded(task("combinations", seed))
        row |= {f"combination_{k}": v for k, v in part_accuracy(nearest(S, EVERY), y).items()}
        row["combination_among_33"] = float(np.mean(nearest(S, lacking) == y))
        row["combination_retrieved"] = retrieved(S, y, lacking)
        S, y = named.graded(task("characters", seed))
        row |= {f"new_{k}": v for k, v in part_accuracy(nearest(S, new), y).items()}
        row["new_among_160"] = float(np.mean(nearest(S, EVERY) == y))
        row["new_retrieved"] = retrieved(S, y, new)
        rows.append(row)
    return rows


study = Study(trial, [{"seed": seed} for seed in range(8)])
