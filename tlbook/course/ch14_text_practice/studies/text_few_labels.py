"""Chapter 14's learning curves: 0, 1, 2, 5 and 9 labeled torch texts per topic.

Nine is all there is: the smallest topic has nine texts in the target's training part. Every method
has the settings that ``text_few_tuning`` chose. Without a label there is no "target only".
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from tlbook import data
from tlbook.course.ch14_text_practice.few_labels import GRID, fit_few
from tlbook.course.studies._parallel import map_jobs

COMMAND = "tlbook results text_few_labels"

SEEDS = tuple(range(8))
BUDGETS = (0, 1, 2, 5, 9)


def curve(method: str, seed: int) -> list[dict[str, Any]]:
    """Return one row for each budget."""
    task = data.load("docstrings", seed=seed)
    source = (task.source.X, task.source.y)
    out = []
    for k in BUDGETS:
        if k == 0 and method.endswith("target only"):
            continue
        few = task.label(k, seed=seed) if k else None
        report = task.report(fit_few(method, source, few, task.target.X))
        row = {"method": method, "budget": k, "seed": seed, "accuracy": report.accuracy}
        out.append(row | {"balanced": float(np.nanmean(report.recall))})
    return out


def run(jobs: int = 1, seeds: Sequence[int] = SEEDS) -> pd.DataFrame:
    """Return method, budget, seed, accuracy, balanced."""
    work = [(method, seed) for method in GRID for seed in seeds]
    return pd.DataFrame([row for rows in map_jobs(curve, work, jobs) for row in rows])
