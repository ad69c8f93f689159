"""The rate of TENT for another scanner: agreement between seeds on two scanner tasks.

``source_free_tuning`` has print → handwriting, where the rate hardly matters. No target label is
used; the rule is the same.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tlbook.course.ch11_alignment.cases import scanner_task
from tlbook.course.ch11_alignment.source_free import SCANNER_RATES, tent
from tlbook.course.ch11_alignment.studies.adaptation_tuning import (
    CLASSES,
    RUNS,
    TASK_SEEDS,
    training_seed,
)
from tlbook.course.studies import Study, words
from tlbook.selection import agreement_of_each, effective_classes


def trial(task_seed: int) -> list[dict[str, Any]]:
    """Return agreement and effective classes of each rate and seed on the unlabeled rows."""
    here = scanner_task(task_seed)
    seeds = [training_seed(task_seed, run) for run in range(RUNS)]
    answers = np.array(  # (seeds, rates, rows)
        [
            [tent(here, seed, device="cpu", lr=lr)(here.target.X) for lr in SCANNER_RATES]
            for seed in seeds
        ]
    )
    rows = []
    for number, lr in enumerate(SCANNER_RATES):
        given = answers[:, number]
        for seed, agreement, row in zip(seeds, agreement_of_each(given), given, strict=True):
            classes = effective_classes(row, CLASSES)
            found = {"seed": seed, "agreement": agreement, "classes": classes}
            rows.append({"method": "TENT", "settings": words({"lr": lr}), **found})
    return rows


study = Study(trial, [{"task_seed": task_seed} for task_seed in TASK_SEEDS])
