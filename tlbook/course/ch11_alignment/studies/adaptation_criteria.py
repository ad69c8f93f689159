"""How accurate the networks of ``adaptation_tuning`` were: what each criterion would have lost.

Run after the settings were frozen. The networks come from the cache (or are trained again); the
stored criteria and a fresh training of one network for each method say whether they are the same.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from tlbook.alignment import probabilities
from tlbook.course.ch11_alignment.runs import network, task
from tlbook.course.ch11_alignment.studies import adaptation_tuning
from tlbook.course.results import stored
from tlbook.course.studies._parallel import confirming, map_jobs
from tlbook.selection import entropy_score
from tlbook.training import predictor

COMMAND = "tlbook results adaptation_criteria"


def oracle(
    name: str, text: str, task_seed: int, seed: int, entropy: float, fresh: bool
) -> dict[str, Any]:
    """Return the target accuracy of one network of the tuning.

    Raises
    ------
    RuntimeError
        If it is not the network whose criteria were stored.
    """
    here = task(task_seed)
    model = network(name, text, task_seed, seed, fresh=fresh)
    found = entropy_score(probabilities(model, here.target.X))
    # Convolutions round in another order on another processor, and training amplifies that.
    if not np.isclose(found, entropy, rtol=0.05, atol=0.005):
        raise RuntimeError(
            f"{name}, {text}, seed {seed}: entropy {found:.4g}, stored {entropy:.4g}: run "
            f"{adaptation_tuning.COMMAND} again"
        )
    accuracy = here.score(predictor(model))
    return {
        "method": name,
        "settings": text,
        "task_seed": task_seed,
        "seed": seed,
        "accuracy": accuracy,
    }


def run(jobs: int = 1) -> pd.DataFrame:
    """Return method, settings, task_seed, seed, accuracy for every network of the tuning."""
    kept = stored.load("adaptation_tuning")
    fresh = ~kept.duplicated("method") | confirming()
    work = [
        (row.method, row.settings, row.task_seed, row.seed, row.entropy, bool(anew))
        for row, anew in zip(kept.itertuples(index=False), fresh, strict=True)
    ]
    return pd.DataFrame(map_jobs(oracle, work, jobs))
