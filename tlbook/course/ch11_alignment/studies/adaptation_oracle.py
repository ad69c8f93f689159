"""The oracle beside the table: settings that target labels of the development tasks would choose.

No method may do this. Where the best settings of ``adaptation_criteria`` differ from the frozen
ones, they are trained and scored on the eight tasks of ``adaptation_table``: what the choice
without labels has cost there.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from tlbook.course.ch11_alignment.grid import words
from tlbook.course.ch11_alignment.methods import adapt
from tlbook.course.ch11_alignment.runs import settings_of, task
from tlbook.course.ch11_alignment.settings import CHOSEN
from tlbook.course.ch11_alignment.studies import adaptation_table
from tlbook.course.results import stored
from tlbook.course.studies._parallel import map_jobs
from tlbook.training import predictor

COMMAND = "tlbook results adaptation_oracle"


def trial(name: str, text: str, seed: int) -> dict[str, Any]:
    """Return one row: a method with these settings trained and scored on one task."""
    here = task(seed)
    model = adapt(name, here, 1000 * seed, device="cpu", **settings_of(name, text)).model
    accuracy = here.score(predictor(model))
    return {"method": name, "settings": text, "seed": seed, "accuracy": accuracy}


def best() -> dict[str, str]:
    """Return the settings of each method with the best mean accuracy on the development tasks."""
    scores = stored.load("adaptation_criteria")
    mean = scores.groupby(["method", "settings"], sort=False).accuracy.mean()
    return {name: mean[name].idxmax() for name in scores.method.unique()}


def run(jobs: int = 1) -> pd.DataFrame:
    """Return method, settings, seed, accuracy where the oracle's settings differ from CHOSEN."""
    work = [
        (name, text, seed)
        for seed in adaptation_table.SEEDS
        for name, text in best().items()
        if text != words(CHOSEN[name])
    ]
    return pd.DataFrame(map_jobs(trial, work, jobs))
