"""Every arm of chapter 06 at its own best: the settings that ``finetuning_tuning`` chose.

Nobody is beaten here because nobody tuned it. Labels, seeds and heads are those of
``finetuning_causes``, so the two tables can be compared seed by seed.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import pandas as pd

from tlbook.course.ch06_finetuning.methods import fine_tuned
from tlbook.course.ch06_finetuning.studies import finetuning_causes, finetuning_tuning
from tlbook.course.ch06_finetuning.studies.finetuning_causes import lost
from tlbook.course.studies._parallel import map_jobs
from tlbook.data.signs import load_signs
from tlbook.training import predictor

COMMAND = "tlbook results finetuning_tuned"

SEEDS = finetuning_causes.SEEDS
SEARCHED_AT = {1: 1, 5: 5, 20: 20, 50: 20}  # whose winner a budget takes

# arm -> budget of the search -> settings; a test compares them with the stored search
SETTINGS: dict[str, dict[int, dict[str, float]]] = {
    "BN train, uniform": {
        1: {"lr": 0.0003, "decay": 1},
        5: {"lr": 0.003, "decay": 1},
        20: {"lr": 0.003, "decay": 1},
    },
    "BN frozen, uniform": {
        1: {"lr": 0.0003, "decay": 1},
        5: {"lr": 0.003, "decay": 1},
        20: {"lr": 0.003, "decay": 1},
    },
    "BN train, layer-wise": {
        1: {"lr": 0.003, "decay": 0.3},
        5: {"lr": 0.01, "decay": 0.3},
        20: {"lr": 0.01, "decay": 0.6},
    },
    "BN frozen, layer-wise": {
        1: {"lr": 0.01, "decay": 0.3},
        5: {"lr": 0.01, "decay": 0.3},
        20: {"lr": 0.01, "decay": 0.6},
    },
    "LP-FT": {
        1: {"lr": 3e-05, "decay": 1},
        5: {"lr": 0.0001, "decay": 1},
        20: {"lr": 0.001, "decay": 1},
    },
}
BUDGETS: dict[str, tuple[int, ...]] = {
    "BN train, uniform": (1, 5, 20),
    "BN frozen, uniform": (1, 5, 20),
    "BN train, layer-wise": (1, 5, 20, 50),
    "BN frozen, layer-wise": (1, 5, 20),
    "LP-FT": (1, 5, 20, 50),
}


def arguments(arm: str, budget: int) -> dict[str, Any]:
    """Return the arguments of ``fine_tuned`` for one arm at one budget."""
    settings = SETTINGS[arm][SEARCHED_AT[budget]]
    return {**finetuning_tuning.COMMON, **finetuning_tuning.ARMS[arm][0], **settings}


def trial(arm: str, budget: int, seed: int) -> dict[str, Any]:
    """Return one row: a tuned arm trained on one budget, scored on the test part."""
    task = load_signs(seed=seed)
    X, y = task.label(budget, seed=seed)
    start = time.process_time()
    model = fine_tuned(X, y, seed, **arguments(arm, budget))
    seconds = time.process_time() - start
    return {
        "arm": arm,
        "budget": budget,
        "seed": seed,
        "accuracy": task.score(predictor(model)),
        **lost(model, task),
        "seconds": round(seconds, 2),
    }


def run(jobs: int = 1, seeds: Sequence[int] = SEEDS) -> pd.DataFrame:
    """Return arm, budget, seed, accuracy, forgotten, drift_1 … drift_6, seconds."""
    work = [(arm, k, seed) for seed in seeds for arm, ks in BUDGETS.items() for k in ks]
    return pd.DataFrame(map_jobs(trial, work, jobs))
