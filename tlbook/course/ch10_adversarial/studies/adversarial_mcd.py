"""Chapter 10: MCD as it was chosen without target labels, on the eight tasks of chapter 11.

Tasks and seeds are those of ``adaptation_table``, which has source only, DANN and the others.
"""

from __future__ import annotations

from typing import Any

from tlbook.course.ch10_adversarial.mcd import GRID, mcd
from tlbook.course.ch11_alignment.cases import task
from tlbook.course.ch11_alignment.runs import Settings
from tlbook.course.ch11_alignment.studies.adaptation_tuning import best
from tlbook.course.results import stored
from tlbook.course.studies import Study, words


def trial(method: str, settings: Settings, seed: int) -> dict[str, Any]:
    """Return the accuracy on the task with this seed."""
    here = task(seed)
    return {"accuracy": here.score(mcd(here, 1000 * seed, **settings))}


def cases() -> list[dict[str, Any]]:
    """Return the chosen settings on tasks 0 to 7."""
    chosen = best(stored.load("adversarial_mcd_tuning"))["MCD"]
    settings = next(each for each in GRID if words(each) == chosen)
    return [{"method": "MCD", "settings": settings, "seed": seed} for seed in range(8)]


study = Study(trial, cases)
