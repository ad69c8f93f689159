"""The report on the development half of the zoo, where its rules were decided.

It has tasks of a former final half, too: they have been looked at. Of each family every second
truth is there, and every second family has 60 labeled target rows.
"""

from __future__ import annotations

from typing import Any

from tlbook.course.ch20_clinic_and_faq import zoo_development, zoo_earlier
from tlbook.course.ch20_clinic_and_faq.animals import NAMES
from tlbook.course.ch20_clinic_and_faq.examination import examined
from tlbook.course.studies import Study

FAMILIES = (*zoo_development.FAMILIES, *zoo_earlier.FAMILIES)


def trial(family: str, truth: str, seed: int) -> dict[str, Any]:
    """Return what the report said of one task, beside the truth."""
    zoo = zoo_development if family in zoo_development.FAMILIES else zoo_earlier
    return examined(zoo.animal(family, truth, seed), seed)


study = Study(
    trial,
    [
        {"family": family, "truth": truth, "seed": 2 + i // 2 % 2}
        for i, family in enumerate(FAMILIES)
        for j, truth in enumerate(NAMES)
        if (i + j) % 2 == 0
    ],
)
