"""MMD, rounds of self-training after it, and rounds with the MMD left on: equal weights in all.

``adaptation_table`` compares an MMD of weight 3 with rounds after an MMD of weight 1, since each
method had its own choice. Here the three stand at the same weight, on tasks that no other study
has. The rounds start from the very network of the row "MMD".
"""

from __future__ import annotations

from typing import Any

from tlbook.alignment import MMD, self_train
from tlbook.course.ch11_alignment.cases import task
from tlbook.course.ch11_alignment.methods import ROUND, mmd
from tlbook.course.ch11_alignment.training import fit_options
from tlbook.course.studies import Study, grid

SEEDS = tuple(range(16, 24))
WEIGHTS = (1.0, 3.0)


def trial(weight: float, seed: int) -> list[dict[str, Any]]:
    """Return the accuracy of the three on one task."""
    here = task(seed)
    start = mmd(here, 1000 * seed, weight=weight, device="cpu")
    given = fit_options(1000 * seed, {"device": "cpu"})
    given["steps"] = round(ROUND * given["steps"])
    arms: dict[str, Any] = {"MMD": start}
    for name, terms in {"rounds": (), "rounds, MMD kept": (MMD(weight),)}.items():
        arms[name] = self_train(start.model, here, terms=terms, **given)
    return [{"method": name, "accuracy": here.score(arm)} for name, arm in arms.items()]


study = Study(trial, grid(seed=SEEDS, weight=WEIGHTS))
