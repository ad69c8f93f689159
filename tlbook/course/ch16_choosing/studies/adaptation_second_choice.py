"""Agreement against the information score as a criterion for settings, on tasks of their own.

On the development tasks the information score lost less than agreement when it set the knobs of
one method (``choices.within_methods``). That was found with their labels, so it is
tested here on eight further tasks: methods of which the two choose other settings, trained with
either, beside source only and self-training alone.
"""

from __future__ import annotations

from typing import Any

from tlbook.course.ch11_alignment.runs import Settings, scored
from tlbook.course.ch11_alignment.settings import GRID
from tlbook.course.ch11_alignment.studies import adaptation_tuning
from tlbook.course.results import stored
from tlbook.course.studies import Study, words

SEEDS = tuple(range(8, 16))
CRITERIA = ("agreement", "information maximization")
BESIDE = ("source only", "self-training")


def plan() -> list[dict[str, Any]]:
    """Return method, judge (the criterion, "both" where they agree) and settings to be trained.

    ``BESIDE`` have the settings of both criteria.
    """
    tuning = stored.load("adaptation_tuning")
    first, second = (adaptation_tuning.best(tuning, criterion) for criterion in CRITERIA)
    chosen = []
    for name in first:
        if first[name] != second[name]:
            chosen += [(name, CRITERIA[0], first[name]), (name, CRITERIA[1], second[name])]
        elif name in BESIDE:
            chosen.append((name, "both", first[name]))
    return [
        {"method": name, "judge": criterion, "settings": settings}
        for name, criterion, text in chosen
        for settings in GRID[name]
        if words(settings) == text
    ]


def trial(method: str, judge: str, settings: Settings, seed: int) -> dict[str, Any]:
    """Return the accuracy of a method with these settings on one task."""
    return scored(method, settings, seed)


def cases() -> list[dict[str, Any]]:
    """Return the plan for every task."""
    return [case | {"seed": seed} for seed in SEEDS for case in plan()]


study = Study(trial, cases)
