"""A linear probe on frozen features with few labels per class; its strength chosen elsewhere."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from tlbook.course.ch17_few_and_zero_shot.episodes_cases import domain, letters
from tlbook.course.ch17_few_and_zero_shot.episodes_networks import glyph_net
from tlbook.course.ch17_few_and_zero_shot.self_supervised import SPLIT, features, shipped

LABELS = (1, 2, 5, 10, 20)
STRENGTHS = (0.003, 0.03, 0.3, 3.0, 30.0)
NAMES = ("SimCLR", "VICReg", "supervised", "random weights", "pixels")
PLACES = ("new letters", "handwriting")
TEST = 20
"""Rows of each class that are kept for the test, the same in number everywhere."""


def network(name: str, seed: int) -> Any:
    """Return the network of a name: shipped, of random weights by the seed, or None for pixels."""
    if name == "random weights":
        return glyph_net(seed).eval()
    return None if name == "pixels" else shipped(name)


@lru_cache(maxsize=8)
def rows(place: str) -> tuple[np.ndarray, np.ndarray]:
    """Return pictures and labels of a place; "choosing" has ten letters that are in no test."""
    here = letters(SPLIT, 16).choosing if place == "choosing" else domain(place, SPLIT, 16)
    return here.X, here.y  # type: ignore[return-value]


def split(y: np.ndarray, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return 20 rows of each class to be labeled, nested by rank, and 20 others for the test."""
    rng = np.random.default_rng([17, seed])
    drawn = [rng.permutation(np.flatnonzero(y == c))[: 2 * TEST] for c in np.unique(y)]
    return np.array([d[:TEST] for d in drawn]), np.concatenate([d[TEST:] for d in drawn])


def accuracy(Z: np.ndarray, y: np.ndarray, labels: int, strength: float, seed: int) -> float:
    """Return the test accuracy of a probe with so many labels per class."""
    first, test = split(y, seed)
    train = first[:, :labels].ravel()
    probe = make_pipeline(StandardScaler(), LogisticRegression(C=strength, max_iter=300))
    return float(probe.fit(Z[train], y[train]).score(Z[test], y[test]))


def strength(Z: np.ndarray, y: np.ndarray, labels: int) -> float:
    """Return the C that is best on the letters to choose by, over two draws."""
    tried = [np.mean([accuracy(Z, y, labels, C, 900 + s) for s in (0, 1)]) for C in STRENGTHS]
    return STRENGTHS[int(np.argmax(tried))]


def curve(name: str, seed: int) -> list[dict[str, Any]]:
    """Return the accuracies of a network's probe for each place and number of labels."""
    model = network(name, seed)
    X, y = rows("choosing")
    Z = features(model, X)
    chosen = {k: strength(Z, y, k) for k in LABELS}
    found = []
    for place in PLACES:
        X, y = rows(place)
        Z = features(model, X)
        for k, C in chosen.items():
            value = accuracy(Z, y, k, C, seed)
            found.append({"place": place, "labels": k, "C": C, "accuracy": round(value, 5)})
    return found
