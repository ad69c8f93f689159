"""MMD, rounds of self-training after it, and rounds with the MMD left on: one weight for all.

``adaptation_table`` compares an MMD of weight 3 with rounds after an MMD of weight 1, since each
method had its own choice. Here all three have the weight 3, on tasks that no other
study has. The rounds start from the very network of the row "MMD".
"""

from __future__ import annotations

from typing import Any

from tlbook.alignment import MMD, self_train
from tlbook.course.ch11_alignment.cases import task
from tlbook.course.ch11_alignment.methods import ROUND, mmd
from tlbook.course.ch11_alignment.training import fit_options
from tlbook.course.studies import Study, grid

SEEDS = tuple(range(16, 24))
WEIGHT = 3.0


def trial(seed: int) -> list[dict[str, Any]]:
    """Return the accuracy of the three on one task."""
    here = task(seed)
    start = mmd(here, 1000 * seed, weight=WEIGHT, device="cpu")
    given = fit_options(1000 * seed, {"device": "cpu"})
    given["steps"] = round(ROUND * given["steps"])
    arms: dict[str, Any] = {"MMD": start}
    for name, terms in {"rounds": (), "rounds, MMD kept": (MMD(WEIGHT),)}.items():
        arms[name] = self_train(start.model, here, terms=terms, **given)
    return [{"method": name, "accuracy": here.score(arm)} for name, arm in arms.items()]


study = Study(trial, grid(seed=SEEDS))
