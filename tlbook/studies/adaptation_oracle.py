"""The oracle beside the table: settings that target labels of the development tasks would choose.

No method may do this. Where the best settings of ``adaptation_criteria`` differ from the frozen
ones, they are trained and scored on the eight tasks of ``adaptation_table``: what the choice
without labels has cost there.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from tlbook.adaptation_grid import words
from tlbook.adaptation_methods import adapt
from tlbook.adaptation_runs import settings_of, task
from tlbook.adaptation_settings import CHOSEN
from tlbook.evaluation import stored
from tlbook.studies import adaptation_table
from tlbook.studies._parallel import map_jobs
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
