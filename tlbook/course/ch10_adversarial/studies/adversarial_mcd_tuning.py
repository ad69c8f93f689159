"""Chapter 10: settings of MCD, with three seeds on the two tasks on which chapter 11 chooses.

The rule is that of ``adaptation_tuning``: the largest agreement between seeds among the settings
that have not collapsed. The accuracy stands beside it for the reader; the choice does not see it.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tlbook.course.ch10_adversarial.mcd import GRID, mcd
from tlbook.course.ch11_alignment.cases import task
from tlbook.course.ch11_alignment.runs import Settings
from tlbook.course.ch11_alignment.studies.adaptation_tuning import (
    CLASSES,
    RUNS,
    TASK_SEEDS,
    training_seed,
)
from tlbook.course.studies import Study
from tlbook.selection import agreement_of_each, effective_classes


def trial(method: str, settings: Settings, task_seed: int) -> list[dict[str, Any]]:
    """Return a row for each seed: classes answered, agreement, accuracy."""
    here, seeds = task(task_seed), [training_seed(task_seed, run) for run in range(RUNS)]
    found = [mcd(here, seed, **settings) for seed in seeds]
    answers = np.array([predict(here.target.X) for predict in found])
    return [
        {
            "seed": seed,
            "classes": effective_classes(said, CLASSES),
            "agreement": agreement,
            "accuracy": here.score(predict),
        }
        for seed, said, agreement, predict in zip(
            seeds, answers, agreement_of_each(answers), found, strict=True
        )
    ]


study = Study(
    trial,
    [
        {"method": "MCD", "settings": settings, "task_seed": task_seed}
        for task_seed in TASK_SEEDS
        for settings in GRID
    ],
)
