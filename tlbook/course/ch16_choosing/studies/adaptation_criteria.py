"""How accurate the networks of ``adaptation_tuning`` were: what each criterion would have lost.

Run after the settings were frozen. The networks come from the cache (or are trained again); the
stored criteria and a fresh training of one network for each method say whether they are the same.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tlbook.alignment import probabilities
from tlbook.course.ch11_alignment.cases import task
from tlbook.course.ch11_alignment.runs import Settings, network
from tlbook.course.ch11_alignment.settings import GRID
from tlbook.course.ch11_alignment.studies.adaptation_tuning import (
    CASES,
    RUNS,
    TASK_SEEDS,
    training_seed,
)
from tlbook.course.results import stored
from tlbook.course.studies import Study, confirming, words
from tlbook.selection import entropy_score
from tlbook.training import predictor


def trial(method: str, settings: Settings, task_seed: int, seed: int) -> dict[str, Any]:
    """Return the target accuracy of one network of the tuning.

    Raises
    ------
    RuntimeError
        If it is not the network whose criteria were stored.
    """
    here = task(task_seed)
    first = settings == GRID[method][0] and seed == training_seed(TASK_SEEDS[0], 0)
    fresh = first or confirming()
    model = network(method, settings, task_seed, seed, fresh=fresh)
    found = entropy_score(probabilities(model, here.target.X))
    wanted = stored_entropy(method, settings, task_seed, seed)
    # Convolutions round in another order on another processor, and training amplifies that.
    if not np.isclose(found, wanted, rtol=0.05, atol=0.005):
        raise RuntimeError(
            f"{method}, {words(settings)}, seed {seed}: entropy {found:.4g}, stored {wanted:.4g}: "
            "run tlbook results adaptation_tuning again"
        )
    return {"accuracy": here.score(predictor(model))}


def stored_entropy(method: str, settings: Settings, task_seed: int, seed: int) -> float:
    """Return the entropy of the predictions of a network of the tuning."""
    kept = stored.load("adaptation_tuning").set_index(["method", "settings", "task_seed", "seed"])
    return float(kept.entropy[method, words(settings), task_seed, seed])


study = Study(
    trial,
    [
        case | {"seed": training_seed(case["task_seed"], run)}
        for case in CASES
        for run in range(RUNS)
    ],
)
