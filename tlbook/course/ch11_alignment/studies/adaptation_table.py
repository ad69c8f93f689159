"""The table of chapters 10 and 11: every method with its frozen settings on eight fresh tasks.

Each method stands alone, next to the network that saw no target and the one that bought labels.
Seconds are those of one processor core, without the reading of data.
"""

from __future__ import annotations

import time
from typing import Any

from tlbook.course.ch11_alignment.cases import task
from tlbook.course.ch11_alignment.methods import METHODS
from tlbook.course.ch11_alignment.runs import Settings
from tlbook.course.ch11_alignment.settings import SETTINGS
from tlbook.course.studies import Study
from tlbook.evaluation.compare import measure

SEEDS = tuple(range(8))


def trial(method: str, settings: Settings, seed: int) -> dict[str, Any]:
    """Return accuracy and seconds of a method on the task with this seed."""
    here = task(seed)
    assert len(here.source.X) and len(here.target.X)  # rendered before the clock starts
    given = {**settings, "device": "cpu"}
    row = measure(METHODS[method], here, 1000 * seed, given, clock=time.process_time)
    return {"accuracy": row["accuracy"], "seconds": round(row["seconds"], 2)}


study = Study(
    trial,
    [
        {"method": method, "settings": SETTINGS[method], "seed": seed}
        for seed in SEEDS
        for method in METHODS
    ],
)
