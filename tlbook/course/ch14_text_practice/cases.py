"""The texts of chapter 14: pseudo-tasks for choosing settings, and sentences nobody has read."""

from __future__ import annotations

from typing import Any

import numpy as np

from tlbook._base.checks import check_choice
from tlbook.data.docstrings.corpus import corpus
from tlbook.domains import Task

PSEUDO = {"NumPy → SciPy": ("NumPy", "SciPy"), "SciPy → NumPy": ("SciPy", "NumPy")}
"""Two libraries of the labeled source; the second one plays the target."""

FEWEST = 5
"""A topic takes part in a pseudo-task if both libraries have this many texts on it."""

Labeled = tuple[np.ndarray, np.ndarray]


class PseudoTask(Task):
    """A task whose target is a stand-in: of a topic with fewer than ``k`` texts it labels all."""

    def label(self, k: int, seed: int = 0) -> Labeled:
        """Return ``k`` labels per topic, or all there are (one look)."""
        self._looks.append(f"label: up to {k} per class, seed {seed}")
        return some_of_each(self._seal.train(), k, seed)


def pseudo_task(pair: str, seed: int) -> PseudoTask:
    """Return the task of a pair in ``PSEUDO``; see :func:`pseudo_parts`.

    Raises
    ------
    ValueError
        If the pair is unknown.
    """
    source, target, test = pseudo_parts(pair, seed)
    return PseudoTask.from_arrays(  # type: ignore[return-value]
        source=source,
        validation=(source[0][:10], source[1][:10]),  # not used: the source stays whole
        target_train=target,
        target_test=test,
        name=pair,
        seed=seed,
    )


def pseudo_parts(pair: str, seed: int) -> tuple[Labeled, Labeled, Labeled]:
    """Return source, stand-in target and its test part, each (texts, topics), without torch.

    Four fifths of the first library's texts are the source; half of the second library's are the
    unlabeled target and half are for scoring, as in ``docstrings``.

    Raises
    ------
    ValueError
        If the pair is unknown.
    """
    first, second = PSEUDO[check_choice(pair, "pair", PSEUDO)]
    texts, topics, libraries, _ = corpus()
    rng = np.random.default_rng([seed, 0x7E58])
    counts = [np.bincount(topics[libraries == name], minlength=6) for name in (first, second)]
    shared = np.flatnonzero(np.minimum(*counts) >= FEWEST)

    def rows(library: str) -> np.ndarray:
        return rng.permutation(np.flatnonzero((libraries == library) & np.isin(topics, shared)))

    a, b = rows(first), rows(second)
    parts: Any = (a[: len(a) * 4 // 5], b[: len(b) // 2], b[len(b) // 2 :])
    return tuple((texts[part], topics[part]) for part in parts)  # type: ignore[return-value]


def some_of_each(labeled: Labeled, k: int, seed: int) -> Labeled:
    """Return ``k`` rows of each topic of a labeled sample, or all it has of a smaller topic."""
    texts, topics = labeled
    rng = np.random.default_rng([seed, 0xFE3])
    rows = [rng.permutation(np.flatnonzero(topics == c))[:k] for c in np.unique(topics)]
    chosen = np.concatenate(rows)
    return texts[chosen], topics[chosen]
