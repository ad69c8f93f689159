"""Attribution against the known mask, and the cascading randomization: 8 draws of pictures.

The network is the shipped ``signnet`` in every draw; its answers are explained only where they are
right. What is drawn anew are the pictures and the random weights.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tlbook.course.ch18_trust.attribution import (
    GRAY,
    METHODS,
    cascade,
    letters_with_masks,
    rank_correlation,
)
from tlbook.course.pretraining.networks import signnet
from tlbook.course.studies import Study, grid
from tlbook.training import predict
from tlbook.trust import completeness_error, integrated_gradients, mass_inside

N = 48
SEEDS = tuple(range(8))


def trial(seed: int) -> list[dict[str, Any]]:
    """Return a row for each method and each number of layers that are drawn again.

    ``inside`` is the mean share of a map's mass on the glyph, ``area`` the glyph's share of the
    picture, ``correlation`` the mean rank correlation with the trained network's map, ``empty`` the
    share of maps that are 0 everywhere.
    """
    X, y, mask, _ = letters_with_masks(N, seed)
    right = predict(signnet(), X) == y
    X, y, mask = X[right], y[right], mask[right]
    rows, learned = [], {}  # type: ignore[var-annotated]
    for redrawn, network in cascade(signnet(), seed).items():
        for name, method in METHODS.items():
            found = method(network, X, y)
            learned.setdefault(name, found)
            rows.append(
                {
                    "method": name,
                    "redrawn": redrawn,
                    "inside": mass_inside(found, mask).mean(),
                    "area": mask.mean(),
                    "correlation": rank_correlation(learned[name], found).mean(),
                    "empty": float((found.reshape(len(found), -1).max(axis=1) == 0).mean()),
                    "pictures": len(X),
                }
            )
    return rows


def complete(seed: int, steps: int) -> dict[str, Any]:
    """Return the largest and the mean absolute error of completeness, in logits (16 pictures)."""
    X, y, _, _ = letters_with_masks(16, seed)
    found = integrated_gradients(signnet(), X, y, GRAY, steps)
    error = abs(completeness_error(signnet(), X, y, found, GRAY))
    return {"method": "completeness", "error": error.mean(), "largest": np.max(error)}


study = Study(trial, grid(seed=SEEDS)) + Study(complete, grid(seed=SEEDS, steps=(8, 32, 128)))
