"""The report on an earlier final half of the zoo: run once, after its rules were decided elsewhere.

One more rule was learned here (``tlbook.diagnosis.withheld``), so the report is graded on
``diagnosis_fresh``.
"""

from __future__ import annotations

from typing import Any

from tlbook.course.ch20_clinic_and_faq.animals import NAMES
from tlbook.course.ch20_clinic_and_faq.examination import examined
from tlbook.course.ch20_clinic_and_faq.zoo_final import FAMILIES, animal
from tlbook.course.studies import Study, grid


def trial(family: str, truth: str, seed: int) -> dict[str, Any]:
    """Return what the report said of one task, beside the truth."""
    return examined(animal(family, truth, seed), seed)


study = Study(trial, grid(family=FAMILIES, truth=tuple(NAMES), seed=(0, 1)))
