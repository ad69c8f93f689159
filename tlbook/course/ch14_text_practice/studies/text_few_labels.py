"""Chapter 14's learning curves: 0, 1, 2, 5 and 9 labeled torch texts per topic.

Nine is all there is: the smallest topic has nine texts in the target's training part. Every method
has the settings that ``text_few_tuning`` chose. Without a label there is no "target only".
"""

from __future__ import annotations

import numpy as np

from tlbook import data
from tlbook.course.ch14_text_practice.methods import FEW_LABEL_METHODS
from tlbook.course.ch14_text_practice.settings import FEW_LABEL_SETTINGS
from tlbook.course.studies import Study

SEEDS = tuple(range(8))
BUDGETS = (0, 1, 2, 5, 9)


def trial(method: str, budget: int, seed: int) -> dict[str, float]:
    """Return accuracy and mean recall of the topics on torch texts."""
    task = data.load("docstrings", seed=seed)
    settings = FEW_LABEL_SETTINGS[method]
    report = task.report(FEW_LABEL_METHODS[method](task, seed, k=budget, **settings))
    return {"accuracy": report.accuracy, "balanced": float(np.nanmean(report.recall))}


CASES = [
    {"method": name, "budget": k, "seed": seed}
    for name, method in FEW_LABEL_METHODS.items()
    for seed in SEEDS
    for k in BUDGETS
    if k or method.source
]
study = Study(trial, CASES)
