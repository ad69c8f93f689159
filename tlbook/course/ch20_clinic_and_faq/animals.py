"""What a task of the shift zoo is, and which name its shift deserves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

Rows = tuple[np.ndarray, np.ndarray]
Sample = Callable[[int, np.random.Generator, np.ndarray | None], Rows]
"""``sample(n, rng, shares)`` draws n labeled rows of a world, with other class shares if given."""


@dataclass(frozen=True, eq=False)
class Animal:
    """One task: a source, an unlabeled target, fresh target rows to grade on.

    Attributes
    ----------
    truth : str
        What was done to the target; a key of ``NAMES``.
    source, test : (X, y)
    target : array of shape (m, d)
    labeled : (X, y) or None
        Target rows with labels, or None.
    """

    truth: str
    source: Rows
    target: np.ndarray
    labeled: Rows | None
    test: Rows

    @property
    def name(self) -> str:
        """What a report that makes no mistake calls the shift, given what it may see."""
        return NAMES[self.truth][self.labeled is not None]


APART = "unexplained shift / moved or selected inputs"
SELECTED = "covariate shift / moved or selected inputs"

NAMES = {
    "none": ("no shift", "no shift"),
    "covariate": ("covariate shift", "covariate shift"),
    "no overlap": (APART, APART),
    "label": ("label shift", "label shift"),
    "concept": ("no shift", "concept shift"),
    "moved": ("moved inputs", "moved inputs"),
    "label and moved": ("unexplained shift", "unexplained shift"),
    "covariate and concept": ("covariate shift", "shift of inputs and concept"),
    "nearly moved": ("nearly moved inputs / moved inputs", "nearly moved inputs / moved inputs"),
    "strong selection": (SELECTED, SELECTED),
}
"""The right name without labeled target rows, and with them. Changed answers alone are invisible
without labels: there "no shift" is all that can be seen. Several names are right where a sample
may show one of them only, or where the honest answer is that two cannot be told apart."""

LABELED = 60


def assemble(
    truth: str,
    source: Rows,
    target_rows: Callable[[int], Rows],
    n_target: int,
    with_labels: bool,
    n_test: int = 1500,
) -> Animal:
    """Return the task whose target rows are drawn by ``target_rows(n)``, in one draw."""
    X, y = target_rows(n_target + LABELED + n_test)
    first, second = n_target, n_target + LABELED
    labeled = (X[first:second], y[first:second]) if with_labels else None
    return Animal(truth, source, X[:first], labeled, (X[second:], y[second:]))


def enough(y: np.ndarray, least: int = 8) -> bool:
    """Return whether every class has some rows."""
    return int(np.unique(y, return_counts=True)[1].min()) >= least


def thinned(
    draw: Callable[[int], Rows],
    keep: Callable[[np.ndarray], np.ndarray],
    n: int,
    rng: np.random.Generator,
) -> Rows:
    """Return n rows that were kept with the probability ``keep(X)``: selection by inputs alone."""
    parts: list[Rows] = []
    for _ in range(200):
        X, y = draw(2 * n)
        stay = rng.random(len(X)) < keep(X)
        parts.append((X[stay], y[stay]))
        if sum(len(labels) for _, labels in parts) >= n:
            break
    X, y = (np.concatenate(each) for each in zip(*parts, strict=True))
    if len(y) < n:
        raise ValueError(f"keep: got {len(y)} rows of 200 draws, want {n}")
    return X[:n], y[:n]


def by_leaving_out(draw: Callable[[int, np.random.Generator], Rows], k: int) -> Sample:
    """Return ``draw`` with a choice of class shares, made by leaving rows out."""

    def sample(n: int, rng: np.random.Generator, other: np.ndarray | None = None) -> Rows:
        if other is None:
            return draw(n, rng)
        X, y = draw(30 * n, rng)
        wanted = rng.choice(k, n, p=other)
        rows = [np.flatnonzero(y == c)[: int((wanted == c).sum())] for c in range(k)]
        chosen = rng.permutation(np.concatenate(rows))
        return X[chosen], y[chosen]

    return sample
