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
from tlbook.course.studies import Study, words
from tlbook.selection import agreement_of_each, effective_classes


def trial(task_seed: int) -> list[dict[str, Any]]:
    """Return agreement and effective classes of each setting and seed on the unlabeled rows."""
    here = task(task_seed)
    seeds = [training_seed(task_seed, run) for run in range(RUNS)]
    tried = [(method, settings) for method, grid in GRID.items() for settings in grid]
    answers = np.array(  # (seeds, settings, rows); all settings of a seed start from one network
        [
            [
                METHODS[method](here, seed, device="cpu", **settings)(here.target.X)
                for method, settings in tried
            ]
            for seed in seeds
        ]
    )
    rows = []
    for number, (method, settings) in enumerate(tried):
        given = answers[:, number]
        for seed, agreement, row in zip(seeds, agreement_of_each(given), given, strict=True):
            classes = effective_classes(row, CLASSES)
            found = {"seed": seed, "agreement": agreement, "classes": classes}
            rows.append({"method": method, "settings": words(settings), **found})
    return rows


study = Study(trial, [{"task_seed": task_seed} for task_seed in TASK_SEEDS])
