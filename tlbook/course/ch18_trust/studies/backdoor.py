"""A backdoor against the depth of fine-tuning: 8 bases with it, 8 without, all arms.

Within a seed both bases see the same letters and start from the same weights, and all transfers
see the same labels.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tlbook.course.ch18_trust.backdoor import (
    ARMS,
    GOAL,
    attack,
    base,
    digits,
    letters,
    marked,
    scan,
    shift,
    transferred,
)
from tlbook.course.studies import Study, grid
from tlbook.training import predict

BUDGETS = (10, 50)
SEEDS = tuple(range(8))
N_SCAN = 40


def trial(seed: int, backdoor: bool) -> list[dict[str, Any]]:
    """Return a row for the base and one for each transfer.

    ``success`` of the base is the share of marked letters, other than A, that are called A.
    ``shift`` is how far the mark moves the features; ``largest`` and ``median`` are taken over a
    square at every place; ``at_mark`` says whether the largest shift is at the mark's place.
    """
    model = base(seed, backdoor)
    X, y = letters(seed)[1]
    rows = y != GOAL
    clean, under = predict(model, X), predict(model, marked(X))
    pool, _ = digits(seed)[0]
    found = scan(model, pool[:N_SCAN])
    first = {
        "arm": "base on letters",
        "k": 0,
        "accuracy": float((clean == y).mean()),
        "marked_accuracy": float((under == y).mean()),
        "success": float((under[rows] == GOAL).mean()),
        "unmarked": float((clean[rows] == GOAL).mean()),
        "shift": shift(model, pool[:200]),
        "largest": float(found.max()),
        "median": float(np.median(found)),
        "at_mark": bool(found.argmax() == found.size - 1),
    }
    measured = [first]
    for k in BUDGETS:
        for arm in ARMS:
            child = transferred(model, arm, k, seed)
            row = {"arm": arm, "k": k, **attack(child, seed), "shift": shift(child, pool[:200])}
            measured.append(row)
    return measured


study = Study(trial, grid(seed=SEEDS, backdoor=(True, False)))
