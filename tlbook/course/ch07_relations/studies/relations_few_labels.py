"""Class relations on ``signs`` at 1 to 50 labels per class: where they help and where not; 8 seeds.

Within a seed all arms see the same labels. Settings come from ``relations_tuning``. Besides the
accuracy each row has what :func:`~tlbook.relations.check_relation` says about its relation from
the labels alone. The second task, ``signs-letters``, is there for the relation that is true among
the known letters and false among the new ones (a small letter looks like its capital).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from tlbook.course.ch07_relations.cases import (
    CASE_PAIRS,
    TOLD_DIGITS,
    TOLD_LETTERS,
    cached_task,
    known,
    learned,
    told,
)
from tlbook.course.ch07_relations.methods import fitted
from tlbook.course.ch07_relations.settings import SETTINGS
from tlbook.data.fonts import DIGITS
from tlbook.data.signs import HELD_OUT
from tlbook.relations import check_relation, permuted, relation_probe

COMMAND = "tlbook results relations_few_labels"

BUDGETS = (1, 2, 5, 10, 20, 50)
SEEDS = tuple(range(8))


def relations_of(name: str, seed: int) -> dict[str, tuple[str, np.ndarray]]:
    """Return for each arm with a relation the settings that it uses and its profiles."""
    if name == "signs-letters":
        return {
            "told": ("told", told(TOLD_LETTERS)),
            "capital and small": ("told", told(CASE_PAIRS)),
        }
    digits = learned(DIGITS, SETTINGS["learned"]["temperature"])
    return {
        "told": ("told", told(TOLD_DIGITS)),
        "learned": ("learned", digits),
        "permuted": ("learned", permuted(digits, seed)),
        "uniform": ("learned", np.full_like(digits, 1 / digits.shape[1])),
    }


def rows_of(name: str, seed: int, budgets: Sequence[int]) -> list[dict[str, Any]]:
    """Return the rows of one seed."""
    task, letters = cached_task(name, seed), known()
    characters = DIGITS if name == "signs" else HELD_OUT
    relations = relations_of(name, seed)
    bare = next(iter(relations.values()))[1]
    out: list[dict[str, Any]] = []

    def row(
        arm: str, budget: int, accuracy: float, p: float = np.nan, gain: float = np.nan
    ) -> None:
        out.append(
            {"task": name, "arm": arm, "budget": budget, "seed": seed, "accuracy": accuracy,
             "p_value": p, "gain": gain}
        )  # fmt: skip

    for arm, (kind, S) in relations.items():
        alone = relation_probe(
            np.empty((0, 128)), [], S, letters.prototypes, C=SETTINGS[kind]["C"],
            strength=SETTINGS[kind]["strength"], scale=letters.scale,
        )  # fmt: skip
        row(arm, 0, task.score(alone))
    for budget in budgets:
        Z, y = task.label(budget, seed=seed)
        others = ["plain"] if name != "signs" else [a for a in SETTINGS if a not in relations]
        for arm in others:
            S = relations["learned"][1] if arm == "smoothing, relations" else bare
            row(arm, budget, task.score(fitted(arm, characters, Z, y, S, **SETTINGS[arm])))
        for arm, (kind, S) in relations.items():
            settings = {k: SETTINGS[kind][k] for k in ("C", "strength")}
            found = check_relation(
                Z, y, S, letters.prototypes, scale=letters.scale, seed=seed, **settings
            )
            answer = fitted(kind, characters, Z, y, S, **SETTINGS[kind])
            row(arm, budget, task.score(answer), found.p_value, found.gain)
    return out


def run(
    jobs: int = 1, seeds: Sequence[int] = SEEDS, budgets: Sequence[int] = BUDGETS
) -> pd.DataFrame:
    """Return task, arm, budget, seed, accuracy, and p_value and gain of the check."""
    rows = [
        row
        for seed in seeds
        for name in ("signs", "signs-letters")
        for row in rows_of(name, seed, budgets if name == "signs" else budgets[:4])
    ]
    return pd.DataFrame(rows)
