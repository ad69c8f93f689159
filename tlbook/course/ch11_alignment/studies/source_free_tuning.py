"""The settings of SHOT and TENT: agreement between seeds on the tasks that all others had, too.

No target label is used. ``best`` is the rule of ``adaptation_tuning``: the largest agreement among
the settings that have not collapsed.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tlbook.course.ch11_alignment.cases import task
from tlbook.course.ch11_alignment.source_free import GRID, METHODS
from tlbook.course.ch11_alignment.studies.adaptation_tuning import (
    CLASSES,
    RUNS,
    TASK_SEEDS,
    training_seed,
)
from tlbook.course.studies import Study
from tlbook.selection import agreement_of_each, effective_classes


def trial(method: str, settings: dict[str, Any], task_seed: int) -> list[dict[str, Any]]:
    """Return agreement and effective classes of each seed on the unlabeled target rows."""
    here = task(task_seed)
    seeds = [training_seed(task_seed, run) for run in range(RUNS)]
    answers = np.array(
        [METHODS[method](here, seed, device="cpu", **settings)(here.target.X) for seed in seeds]
    )
    return [
        {"seed": seed, "agreement": agreement, "classes": effective_classes(row, CLASSES)}
        for seed, agreement, row in zip(seeds, agreement_of_each(answers), answers, strict=True)
    ]


study = Study(
    trial,
    [
        {"method": method, "settings": settings, "task_seed": task_seed}
        for task_seed in TASK_SEEDS
        for method, tried in GRID.items()
        for settings in tried
    ],
)
