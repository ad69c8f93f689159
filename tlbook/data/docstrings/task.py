"""docstrings: what a paragraph is about, learned on NumPy and SciPy, asked about torch."""

from __future__ import annotations

from typing import Any

import numpy as np

from tlbook._base.checks import check_choice
from tlbook.data.catalogue import load_again
from tlbook.data.docstrings.corpus import corpus
from tlbook.data.docstrings.places import TOPICS
from tlbook.data.random import check_seed, generator
from tlbook.domains.task import Domain, Task


def load_docstrings(seed: int = 0, *, leakage: str = "removed") -> Task:
    """Return the topics of docstrings: NumPy and SciPy → torch. The course's text case.

    A text is the first paragraphs of a docstring of the *installed* libraries, its label one of
    six topics. Inputs are arrays of str of shape (n,); they depend on the versions of the three
    libraries. Four fifths of the NumPy and SciPy texts are the source and one fifth is the
    validation part; half of the torch texts are the target's training part and half its test
    part, all with the same share of each topic. The target is small: the standard error of an
    accuracy is 3 to 4 points, so compare methods by paired tests over seeds.

    Where texts say nearly the same (Jaccard similarity of their words of 0.6 or more) one of them
    is kept, within a library and across: no test text has a near-twin in the source.

    Parameters
    ----------
    seed : int
        Seed of the splits.
    leakage : {"removed", "kept"}
        ``"removed"`` takes out what gives the label away: dotted names, snake_case and CamelCase
        names, calls, the item's own name, words of the class names, and names of libraries.
        ``"kept"`` leaves the same texts as they were written, to show what that is worth.

    Raises
    ------
    ValueError
        If ``leakage`` or ``seed`` is unfit.
    RuntimeError
        If Python runs without docstrings (``python -OO``).

    Notes
    -----
    The sentence encoder of :mod:`tlbook.text` has seen code documentation in its training
    (CodeSearchNet, Stack Exchange), perhaps some of these very sentences. Say so wherever the
    two are used together.
    """
    check_seed(seed)
    check_choice(leakage, "leakage", ("removed", "kept"))
    name = "docstrings"

    def part(target: bool, which: int) -> Any:
        def arrays() -> tuple[np.ndarray, np.ndarray]:
            texts, topics, libraries, _ = corpus(leakage)
            rows = np.flatnonzero((libraries == "torch") == target)
            first = len(rows) // 2 if target else len(rows) * 4 // 5
            rng = generator(f"split of {name}, {'target' if target else 'source'}", seed)
            split = rows[proportional_order(topics[rows], rng)]
            chosen = rng.permutation(split[:first]), rng.permutation(split[first:])
            return texts[chosen[which]], topics[chosen[which]]

        return arrays

    return Task(
        name,
        seed=seed,
        options={"leakage": leakage},
        source=Domain.lazy("NumPy and SciPy", part(False, 0), TOPICS),
        validation=Domain.lazy("NumPy and SciPy, validation", part(False, 1), TOPICS),
        target_train=part(True, 0),
        target_test=part(True, 1),
        classes=TOPICS,
        recipe=load_again,
    )


def proportional_order(y: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return a random order of the rows such that every beginning has its share of each class.

    Row number r of a class of n rows is placed at (r + u) / n with one u in [0, 1) for the class,
    so the first k rows contain k n / N rows of it, give or take one.
    """
    place = np.empty(len(y))
    for c in np.unique(y):
        rows = rng.permutation(np.flatnonzero(y == c))
        place[rows] = (np.arange(len(rows)) + rng.random()) / len(rows)
    return np.argsort(place, kind="stable")
