"""Some topics with labeled texts, some with a description only: generalized zero-shot."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tlbook.fewshot import harmonic_mean

GAMMAS = np.round(np.arange(0.0, 0.31, 0.025), 3)
"""What may be subtracted from the cosines of the seen topics."""


def class_vectors(D: np.ndarray, Z: np.ndarray, y: np.ndarray, seen: Sequence[int]) -> np.ndarray:
    """Return a unit vector for each topic: the mean of its labeled texts, or its description.

    ``D`` has the descriptions (topics, d); ``Z`` (n, d) and ``y`` (n,) the labeled texts.
    """
    V = D.copy()
    for c in seen:
        V[c] = Z[y == c].mean(axis=0)
    return V / np.linalg.norm(V, axis=1, keepdims=True)


def found(E: np.ndarray, y: np.ndarray, V: np.ndarray, seen: Sequence[int], gamma: float) -> tuple:
    """Return the mean recall of seen and of unseen topics; γ handicaps the seen ones."""
    handicap = np.isin(np.arange(len(V)), seen) * gamma  # (topics,)
    said = (E @ V.T - handicap).argmax(axis=1)
    recall = {c: (said[y == c] == c).mean() for c in np.unique(y).tolist()}
    unseen = [c for c in recall if c not in seen]
    return np.mean([recall[c] for c in seen]), np.mean([recall[c] for c in unseen])


def choose_gamma(D: np.ndarray, Z: np.ndarray, y: np.ndarray, seen: Sequence[int]) -> float:
    """Return the γ with the best harmonic mean when each seen topic in turn plays the unseen one.

    Labeled texts of seen topics are all that is used. A text is a part of its own topic's mean,
    which would make it look too near, so it is compared with the mean of the others.
    """
    scores = np.zeros(len(GAMMAS))
    rows = np.flatnonzero(np.isin(y, seen))
    for hidden in seen:
        others = [c for c in seen if c != hidden]
        cosines = np.array([_without_itself(D, Z, y, i, others, hidden) for i in rows.tolist()])
        topics = np.array([*others, hidden])
        for j, gamma in enumerate(GAMMAS):
            handicap = gamma * np.array([1.0] * len(others) + [0.0])
            right = topics[(cosines - handicap).argmax(axis=1)] == y[rows]
            own = y[rows] == hidden
            scores[j] += harmonic_mean(right[~own].mean(), right[own].mean())
    return float(GAMMAS[scores.argmax()])


def _without_itself(
    D: np.ndarray, Z: np.ndarray, y: np.ndarray, i: int, others: Sequence[int], hidden: int
) -> np.ndarray:
    """Return the cosines of row i to the means of the other rows and to the hidden description."""
    rest = np.arange(len(y)) != i
    means = np.stack([*(Z[rest & (y == c)].mean(axis=0) for c in others), D[hidden]])
    return (Z[i] @ means.T) / np.linalg.norm(means, axis=1)
