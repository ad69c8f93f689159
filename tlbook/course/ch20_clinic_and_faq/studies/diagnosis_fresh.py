"""The report on the final half of the zoo: drawn after the last rule of the report, run once."""

from __future__ import annotations

from typing import Any

from tlbook.course.ch20_clinic_and_faq.animals import NAMES
from tlbook.course.ch20_clinic_and_faq.examination import examined
from tlbook.course.ch20_clinic_and_faq.zoo_fresh import FAMILIES, animal
from tlbook.course.studies import Study, grid


def trial(family: str, truth: str, seed: int) -> dict[str, Any]:
    """Return what the report said of one task, beside the truth."""
    return examined(animal(family, truth, seed), seed)


study = Study(trial, grid(family=FAMILIES, truth=tuple(NAMES), seed=(0, 1)))
