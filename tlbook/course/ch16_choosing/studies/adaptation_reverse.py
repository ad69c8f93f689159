"""Reverse validation of the settings in ``adaptation_tuning``: each is trained back to the source.

One network for each setting and task goes the way back, which costs a training; no target label
is involved.
"""

from __future__ import annotations

from typing import Any

from tlbook.course.ch11_alignment.runs import Settings, reverse_risk
from tlbook.course.ch11_alignment.studies.adaptation_tuning import CASES, training_seed
from tlbook.course.studies import Study, confirming


def trial(method: str, settings: Settings, task_seed: int, seed: int) -> dict[str, Any]:
    """Return minus the reverse risk of the first run, larger is better."""
    risk = reverse_risk(method, settings, task_seed, seed, fresh=confirming())
    return {"reverse validation": -risk}


study = Study(trial, [case | {"seed": training_seed(case["task_seed"], 0)} for case in CASES])
