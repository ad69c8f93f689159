"""Two classes in the plane, and a target that differs from the source by one dial."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tlbook._base.checks import check_choice, check_positive, check_probability
from tlbook.course.ch20_clinic_and_faq.animals import Animal, Rows

CENTERS = np.array([[-1.1, -0.3], [1.1, 0.3]])
OFFSET, STRETCH = np.array([2.5, -1.0]), np.array([1.4, 0.7])
TURN = 70.0
"""Degrees at size 1."""


def plain(n: int, rng: np.random.Generator) -> Rows:
    """Return n rows of the source: two round classes, half of the rows each."""
    y = rng.integers(0, 2, n)
    return CENTERS[y] + 0.8 * rng.normal(size=(n, 2)), y


def unchanged(n: int, size: float, rng: np.random.Generator) -> Rows:
    """Return rows of the source."""
    return plain(n, rng)


def selected(n: int, size: float, rng: np.random.Generator) -> Rows:
    """Return rows that were kept sooner where x₁ + x₂ is large: covariate shift."""
    X, y = plain(40 * n, rng)
    keep = np.exp(np.minimum(1.5 * size * (X.sum(axis=1) - 3), 0))
    rows = rng.choice(len(X), n, replace=False, p=keep / keep.sum())
    return X[rows], y[rows]


def mixed(n: int, size: float, rng: np.random.Generator) -> Rows:
    """Return rows of which class 1 makes up (1 + 0.9 size) / 2: label shift."""
    y = (rng.random(n) < 0.5 + 0.45 * size).astype(int)
    return CENTERS[y] + 0.8 * rng.normal(size=(n, 2)), y


def moved(n: int, size: float, rng: np.random.Generator) -> Rows:
    """Return rows whose features have another zero and another unit."""
    X, y = plain(n, rng)
    return X * STRETCH**size + size * OFFSET, y


def turned(n: int, size: float, rng: np.random.Generator) -> Rows:
    """Return rows that were turned around the origin."""
    X, y = plain(n, rng)
    angle = np.deg2rad(TURN * size)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    return X @ turn.T, y


def relabeled(n: int, size: float, rng: np.random.Generator) -> Rows:
    """Return rows of which the upper half has the other label with probability ``size``."""
    X, y = plain(n, rng)
    other = (X[:, 1] > 0) & (rng.random(n) < size)
    return X, np.where(other, 1 - y, y)


SHIFTS: dict[str, tuple[str, Callable[[int, float, np.random.Generator], Rows]]] = {
    "nothing": ("none", unchanged),
    "which inputs are frequent": ("covariate", selected),
    "the class mix": ("label", mixed),
    "zero and unit of the inputs": ("moved", moved),
    "the direction of the inputs": ("moved", turned),
    "the answers": ("concept", relabeled),
}
"""What changes in the target: the zoo's word for it, and what draws rows."""


def toy_shift(kind: str, size: float, n: int = 250, labeled: int = 0, seed: int = 0) -> Animal:
    """Return a toy task.

    Parameters
    ----------
    kind : str
        A key of ``SHIFTS``.
    size : float in [0, 1]
        0: nothing has changed.
    n : int
        Rows of the source, and unlabeled rows of the target.
    labeled : int
        Further target rows with labels.
    seed : int

    Raises
    ------
    ValueError
        If an argument is out of range.
    """
    truth, draw = SHIFTS[check_choice(kind, "kind", SHIFTS)]
    check_probability(size, "size")
    check_positive(n, "n", integer=True)
    check_positive(labeled, "labeled", zero_ok=True, integer=True)
    rng = np.random.default_rng([seed, 20])
    source = plain(n, rng)
    target = draw(n, size, rng)[0]
    test = draw(2000, size, np.random.default_rng([seed, 21]))
    extra = draw(labeled, size, np.random.default_rng([seed, 22])) if labeled else None
    return Animal(truth, source, target, extra, test)
