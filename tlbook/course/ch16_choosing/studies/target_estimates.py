"""The accuracy on a shifted target, estimated without its labels, beside the true one.

Six networks learn printed digits, with different numbers of rows and steps. The best one on
held-out print is judged; the line of the agreements uses all six.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tlbook.course.ch16_choosing import networks
from tlbook.course.ch16_choosing.cases import Rows, source
from tlbook.course.ch16_choosing.shifts import SHIFTS, shifted
from tlbook.course.studies import Study, grid
from tlbook.selection import agreement_on_the_line, confidence_drop, thresholded_confidence

SEEDS = tuple(range(8))
MODELS = ((3000, 200), (3000, 100), (3000, 30), (300, 200), (300, 100), (60, 200))
"""Rows and steps of the training."""


def trial(seed: int) -> list[dict[str, Any]]:
    """Return a row for each shift: the true accuracy of the best network, and four estimates."""
    whole = source("digits", seed)
    X, y = whole.X_held_out, whole.y_held_out
    nets = [
        networks.trained(Rows(whole.X[:rows], whole.y[:rows], X, y), seed + i, steps)
        for i, (rows, steps) in enumerate(MODELS)
    ]
    own = [networks.probabilities(net, X) for net in nets]
    best = int(np.argmax([(P.argmax(axis=1) == y).mean() for P in own]))
    answers = [P.argmax(axis=1) for P in own]
    found = []
    for name in SHIFTS:
        rows, truth = shifted(name, seed)
        there = [networks.probabilities(net, rows) for net in nets]
        line = agreement_on_the_line(answers, y, [P.argmax(axis=1) for P in there])
        found.append(
            {
                "shift": name,
                "accuracy": (there[best].argmax(axis=1) == truth).mean(),
                "source accuracy": (answers[best] == y).mean(),
                "ATC": thresholded_confidence(own[best], y, there[best]),
                "DoC": confidence_drop(own[best], y, there[best]),
                "line": line.accuracies[best],
                "line fits": line.r_squared,
            }
        )
    return found


study = Study(trial, grid(seed=SEEDS))
