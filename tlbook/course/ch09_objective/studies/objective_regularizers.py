"""Three kinds of Ω of chapter 09, each with as many strengths, on fonts → handwriting.

A network that the source trained goes on with L_T + Ω on 1, 5 or 20 target labels per class. Every
strength is also evaluated by cross-validation on the labeled target rows, from which the chapter
chooses for each kind of Ω alike.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from tlbook.course.ch09_objective.cases import task
from tlbook.course.ch09_objective.methods import joint, regularized, source_network
from tlbook.course.ch09_objective.networks import fine_tune
from tlbook.course.ch09_objective.studies.objective_tradeoff import BUDGETS, SEEDS, measured
from tlbook.course.studies import Study

GRID: dict[str, tuple[float, ...]] = {
    "none": (0.0,),
    "weight decay": (0.01, 0.1, 1.0, 10.0),
    "L2-SP": (0.001, 0.01, 0.1, 1.0),
    "dropout": (0.1, 0.3, 0.5, 0.8),
}
SOURCE_ONLY = {"budget": 0, "omega": "source only", "strength": 0.0}


def trial(budget: int, omega: str, strength: float, seed: int) -> dict[str, Any]:
    """Return what one kind and strength of Ω got at one number of labels per class."""
    here = task(seed)
    learn = partial(fine_tune, source_network(here, seed), kind=omega, strength=strength, seed=seed)
    if omega == "source only":
        predict = joint(here, seed, k=0, weight=0.0)
    else:
        predict = regularized(here, seed, k=budget, omega=omega, strength=strength)
    return measured(predict, learn, budget, seed)


def cases() -> list[dict[str, Any]]:
    """Return every kind, strength and number of labels of each seed, after the source alone."""
    choices = [
        {"budget": budget, "omega": omega, "strength": strength}
        for budget in BUDGETS
        for omega, strengths in GRID.items()
        for strength in strengths
    ]
    return [case | {"seed": seed} for seed in SEEDS for case in (SOURCE_ONLY, *choices)]


study = Study(trial, cases)
