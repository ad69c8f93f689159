"""Relational distillation on handwriting: the student's probe at 1 to 10 labels per class.

Arms: the student of a teacher trained on print; of an untrained teacher; of a teacher whose
features went to other pictures; the student with its random start; and, for comparison, the pixels
and the two teachers themselves. 8 seeds.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from tlbook.course.ch07_relations.students import TEACHERS, probed, student, taught, teacher
from tlbook.course.studies._parallel import map_jobs

COMMAND = "tlbook results relations_students"

BUDGETS = (1, 2, 5, 10)
SEEDS = tuple(range(8))


def rows_of(seed: int) -> list[dict[str, Any]]:
    """Return the rows of one seed."""
    models: dict[str, Any] = {f"student of: {kind}": taught(kind, seed) for kind in TEACHERS}
    models |= {"student, random start": student(seed), "pixels": None}
    models |= {f"teacher: {kind}": teacher(kind, seed) for kind in TEACHERS[:2]}
    return [
        {"arm": arm, "budget": k, "seed": seed, "accuracy": probed(model, k, seed)}
        for arm, model in models.items()
        for k in BUDGETS
    ]


def run(jobs: int = 1, seeds: Sequence[int] = SEEDS) -> pd.DataFrame:
    """Return arm, budget, seed, accuracy."""
    parts = map_jobs(rows_of, [(seed,) for seed in seeds], jobs)
    return pd.DataFrame([row for part in parts for row in part])
