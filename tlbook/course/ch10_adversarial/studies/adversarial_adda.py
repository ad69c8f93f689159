"""Chapter 10: ADDA as it was chosen without target labels, on the eight tasks of chapter 11.

The first stage is the row "source only" of ``adaptation_table``: the same task, start and draws.
"""

from __future__ import annotations

from typing import Any

from tlbook.course.ch10_adversarial.studies.adversarial_adda_tuning import best, second_stage
from tlbook.course.ch11_alignment.cases import task
from tlbook.course.ch11_alignment.runs import Settings
from tlbook.course.results import stored
from tlbook.course.studies import Study
from tlbook.training import predictor


def trial(method: str, settings: Settings, seed: int) -> dict[str, Any]:
    """Return how confused the discriminator is at the end, and the accuracy."""
    model, confusion = second_stage(method, seed, 1000 * seed, **settings)
    return {"confusion": confusion, "accuracy": task(seed).score(predictor(model))}


def cases() -> list[dict[str, Any]]:
    """Return the chosen settings of both methods on tasks 0 to 7."""
    chosen = best(stored.load("adversarial_adda_tuning"))
    return [
        {"method": method, "settings": settings, "seed": seed}
        for seed in range(8)
        for method, settings in chosen.items()
    ]


study = Study(trial, cases)
