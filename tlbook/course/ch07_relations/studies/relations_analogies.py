"""Analogies in the features of ``signnet``: three kinds, four ways to answer, 8 seeds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from tlbook.course.ch07_relations.analogies import KINDS, embeddings, questions
from tlbook.relations import analogy_accuracy

COMMAND = "tlbook results relations_analogies"

SEEDS = tuple(range(8))
METHODS = ("offset", "3CosAdd", "3CosMul", "only c")


def rows_of(seed: int) -> list[dict[str, Any]]:
    """Return the rows of one seed."""
    V, out = embeddings(seed), []
    for kind in KINDS:
        for method in METHODS:
            found = analogy_accuracy(V, questions(kind), method=method)
            out.append(
                {"kind": kind, "method": method, "seed": seed, "free": found.free,
                 "excluded": found.excluded, "chance": found.chance}
            )  # fmt: skip
    return out


def run(jobs: int = 1, seeds: Sequence[int] = SEEDS) -> pd.DataFrame:
    """Return kind, method, seed, and the shares of right answers: free, excluded, chance."""
    return pd.DataFrame([row for seed in seeds for row in rows_of(seed)])
