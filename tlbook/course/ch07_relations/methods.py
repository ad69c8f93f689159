"""The methods of chapter 07: ways to use k labels per class, with or without class relations.

Each is ``method(task, seed, k, **settings) -> predict`` on a
:class:`~tlbook.course.ch07_relations.cases.CachedTask`: it buys features of k pictures of each new
class. The settings that stand as defaults are those that ``relations_tuning`` chose.
"""

from __future__ import annotations

import numpy as np

from tlbook._base.checks import check_choice
from tlbook.course.ch07_relations.cases import (
    DIGIT_LOOK_ALIKES,
    LETTER_LOOK_ALIKES,
    CachedTask,
    learned_profiles,
    look_alike_profiles,
    printed_features,
    source_letters,
)
from tlbook.data.fonts import DIGITS
from tlbook.evaluation.compare import Method
from tlbook.relations import (
    SoftProbe,
    profile_similarity,
    relation_probe,
    smoothed_targets,
    soft_probe,
)

SCALES = ("letters", "own")


def labels_only(
    task: CachedTask, seed: int, k: int, *, C: float = 0.1, scale: str = "letters"
) -> SoftProbe:
    """Probe on the labels; features are scaled as the letters' are, or by their own spread."""
    Z, y = task.label(k, seed)
    standard = source_letters().scale if check_choice(scale, "scale", SCALES) == "letters" else None
    return soft_probe(Z, np.eye(len(task.characters))[y], C=C, scale=standard)


def related(
    task: CachedTask,
    seed: int,
    k: int,
    *,
    profiles: np.ndarray,
    C: float = 10.0,
    strength: float = 0.3,
) -> SoftProbe:
    """Probe on the labels and on the letters that the new classes resemble.

    Parameters
    ----------
    task : CachedTask
        Its features are ``signnet``'s.
    seed, k : int
        Of the labels that are bought, and how many per class; without any (k = 0) the relation
        classifies alone.
    profiles : array of shape (classes, 71)
        Which letters each new class resembles.
    C, strength : float
        As in :func:`tlbook.relations.relation_probe`.
    """
    letters = source_letters()
    return relation_probe(
        *task.label(k, seed),
        profiles,
        letters.prototypes,
        strength=strength,
        C=C,
        scale=letters.scale,
    )


def with_look_alikes(
    task: CachedTask, seed: int, k: int, *, C: float = 10.0, strength: float = 0.1
) -> SoftProbe:
    """Use the labels and what a person's table tells of look-alikes."""
    table = DIGIT_LOOK_ALIKES if task.characters == DIGITS else LETTER_LOOK_ALIKES
    return related(task, seed, k, profiles=look_alike_profiles(table), C=C, strength=strength)


def with_learned_profiles(
    task: CachedTask,
    seed: int,
    k: int,
    *,
    C: float = 10.0,
    strength: float = 0.3,
    temperature: float = 1.0,
) -> SoftProbe:
    """Use the labels and the profiles that ``signnet`` gives to printed pictures."""
    S = learned_profiles(task.characters, temperature)
    return related(task, seed, k, profiles=S, C=C, strength=strength)


def with_printed_pictures(
    task: CachedTask, seed: int, k: int, *, C: float = 0.1, strength: float = 0.3
) -> SoftProbe:
    """Train on the printed pictures themselves, not on the relation that they gave."""
    Z, y = task.label(k, seed)
    P, printed = printed_features(task.characters)
    n = len(task.characters)
    weights = np.concatenate([np.ones(len(Z)), np.full(len(P), strength * n / len(P))])
    return soft_probe(
        np.concatenate([Z, P]),
        np.eye(n)[np.concatenate([y, printed])],
        weights=weights,
        C=C,
        scale=source_letters().scale,
    )


def uniform_smoothing(
    task: CachedTask, seed: int, k: int, *, C: float = 0.1, epsilon: float = 0.1
) -> SoftProbe:
    """Give a share ε of every label to all classes alike."""
    n = len(task.characters)
    return _smoothed(task, seed, k, np.full((n, n), 1 / n), C, epsilon)


def relational_smoothing(
    task: CachedTask,
    seed: int,
    k: int,
    *,
    C: float = 0.1,
    epsilon: float = 0.1,
    temperature: float = 1.0,
) -> SoftProbe:
    """Give a share ε of every label to the classes with a similar learned profile."""
    R = profile_similarity(learned_profiles(task.characters, temperature))
    return _smoothed(task, seed, k, R, C, epsilon)


def _smoothed(
    task: CachedTask, seed: int, k: int, relations: np.ndarray, C: float, epsilon: float
) -> SoftProbe:
    Z, y = task.label(k, seed)
    targets = smoothed_targets(y, relations, epsilon)
    return soft_probe(Z, targets, C=C, scale=source_letters().scale)


METHODS: dict[str, Method] = {
    "plain": labels_only,
    "told": with_look_alikes,
    "learned": with_learned_profiles,
    "prints": with_printed_pictures,
    "smoothing, uniform": uniform_smoothing,
    "smoothing, relations": relational_smoothing,
}
