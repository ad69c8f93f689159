"""The table of chapters 10 and 11: every method with its frozen settings on eight fresh tasks.

Each method stands alone, next to the network that saw no target and the one that bought labels.
Seconds are those of one processor core, without the reading of data.
"""

from __future__ import annotations

import time
from typing import Any

import pandas as pd

from tlbook.course.ch11_alignment.grid import words
from tlbook.course.ch11_alignment.methods import METHODS, adapt
from tlbook.course.ch11_alignment.runs import task
from tlbook.course.ch11_alignment.settings import CHOSEN
from tlbook.course.studies._parallel import map_jobs
from tlbook.training import predictor

COMMAND = "tlbook results adaptation_table"

SEEDS = tuple(range(8))


def trial(name: str, seed: int) -> dict[str, Any]:
    """Return one row: a method trained and scored on the task with this seed."""
    here = task(seed)
    assert len(here.source.X) and len(here.target.X)  # rendered before the clock starts
    start = time.process_time()
    model = adapt(name, here, 1000 * seed, device="cpu", **CHOSEN[name]).model
    seconds = time.process_time() - start
    return {
        "method": name,
        "settings": words(CHOSEN[name]),
        "seed": seed,
        "accuracy": here.score(predictor(model)),
        "seconds": round(seconds, 2),
    }


def run(jobs: int = 1) -> pd.DataFrame:
    """Return method, settings, seed, accuracy and seconds of every method on every task."""
    work = [(name, seed) for seed in SEEDS for name in METHODS]
    return pd.DataFrame(map_jobs(trial, work, jobs))
