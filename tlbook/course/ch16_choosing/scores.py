"""What may be known of a source before it is used: scores of features, of answers, of inputs."""

from __future__ import annotations

import numpy as np
from torch import nn

from tlbook import distances, sources
from tlbook.course.ch16_choosing import networks
from tlbook.course.ch16_choosing.cases import Rows

SCORES: tuple[str, ...] = (
    "LogME", "LEEP", "NLEEP", "H-score", "TransRate", "nearest neighbor", "5-fold probe",
    "source accuracy", "log(rows × classes)",
)  # fmt: skip
"""Larger is better; the last two never look at the target."""
DISTANCES: tuple[str, ...] = ("A-distance", "MMD²", "OTDD")
"""Smaller is nearer; of the pictures, whatever a network makes of them."""
NEAR = 200
"""Rows of each side that are compared by a distance."""


def feature_scores(net: nn.Sequential, source: Rows, target: Rows) -> dict[str, float]:
    """Return ``SCORES`` of one source network on the labeled target rows."""
    found = {
        name: float(score(networks.features(net, target.X), target.y))
        for name, score in sources.SCORES.items()
    }
    return found | {
        "LEEP": sources.leep(networks.probabilities(net, target.X), target.y),
        "source accuracy": networks.accuracy(net, source.X_held_out, source.y_held_out),
        "log(rows × classes)": float(np.log(len(source.X) * source.classes)),
    }


def input_distances(source: Rows, target: Rows) -> dict[str, float]:
    """Return ``DISTANCES`` between the pictures of a source and those of the target."""
    X, y = source.X[:NEAR], source.y[:NEAR]
    paired = np.bincount(y)[y] > 1  # OTDD needs the scatter of each class
    return {
        "A-distance": distances.proxy_a_distance(X, target.X_held_out[:NEAR]),
        "MMD²": float(distances.mmd2(X, target.X_held_out[:NEAR])),
        "OTDD": sources.otdd(X[paired], y[paired], target.X, target.y),
    }
