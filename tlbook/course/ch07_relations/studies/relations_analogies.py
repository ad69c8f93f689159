"""Analogies in the features of ``signnet``: three kinds, four ways to answer, 8 seeds."""

from __future__ import annotations

from tlbook.course.ch07_relations.analogies import KINDS, embeddings, questions
from tlbook.course.studies import Study
from tlbook.relations import analogy_accuracy

SEEDS = tuple(range(8))
METHODS = ("offset", "3CosAdd", "3CosMul", "only c")


def trial(kind: str, method: str, seed: int) -> dict[str, float]:
    """Return the shares of right answers: free, excluded, chance."""
    found = analogy_accuracy(embeddings(seed), questions(kind), method=method)
    return {"free": found.free, "excluded": found.excluded, "chance": found.chance}


study = Study(
    trial,
    cases=[
        {"kind": kind, "method": method, "seed": seed}
        for seed in SEEDS
        for kind in KINDS
        for method in METHODS
    ],
)
