"""The arms of chapter 07: ways to use a few labels, with or without relations."""

from __future__ import annotations

from typing import Any

import numpy as np

from tlbook.course.ch07_relations.cases import known, prints
from tlbook.relations import (
    SoftProbe,
    profile_similarity,
    relation_probe,
    smoothed_targets,
    soft_probe,
)


def fitted(
    arm: str, characters: str, Z: np.ndarray, y: np.ndarray, profiles: np.ndarray, **settings: Any
) -> SoftProbe:
    """Return the classifier of an arm with given settings and profiles.

    "plain" sees the labels only; "told" and "learned" also the related letters; "prints" the
    printed pictures that the learned profiles came from; the two kinds of smoothing change the
    targets of the labels.
    """
    letters, C = known(), settings["C"]
    if arm == "prints":  # the pictures themselves, not the relation that they gave
        P, labels = prints(characters)
        weights = np.full(len(P), settings["strength"] * len(profiles) / len(P))
        return soft_probe(
            np.concatenate([Z, P]),
            np.eye(len(profiles))[np.concatenate([y, labels])],
            weights=np.concatenate([np.ones(len(Z)), weights]),
            C=C,
            scale=letters.scale,
        )
    if arm == "plain":
        scale = letters.scale if settings["scale"] == "letters" else None
        return soft_probe(Z, np.eye(len(profiles))[y], C=C, scale=scale)
    if arm.startswith("smoothing"):
        n = len(profiles)
        R = np.full((n, n), 1 / n) if arm.endswith("uniform") else profile_similarity(profiles)
        T = smoothed_targets(y, R, settings["epsilon"])
        return soft_probe(Z, T, C=C, scale=letters.scale)
    return relation_probe(
        Z, y, profiles, letters.prototypes, strength=settings["strength"], C=C, scale=letters.scale
    )
