"""The oracle beside the table: settings that target labels of the development tasks would choose.

No method may do this. Where the best settings of ``adaptation_criteria`` differ from the frozen
ones, they are trained and scored on the eight tasks of ``adaptation_table``: what the choice
without labels has cost there.
"""

from __future__ import annotations

from typing import Any

from tlbook.course.ch11_alignment.runs import scored
from tlbook.course.ch11_alignment.settings import GRID, SETTINGS
from tlbook.course.ch11_alignment.studies import adaptation_table
from tlbook.course.results import stored
from tlbook.course.studies import Study, best, words


def cases() -> list[dict[str, Any]]:
    """Return the methods of which the oracle's settings differ from the frozen ones."""
    wanted = best(stored.load("adaptation_criteria"))
    return [
        {"method": method, "settings": settings, "seed": seed}
        for seed in adaptation_table.SEEDS
        for method, text in wanted.items()
        for settings in GRID[method]
        if words(settings) == text and settings != SETTINGS[method]
    ]


study = Study(scored, cases)
