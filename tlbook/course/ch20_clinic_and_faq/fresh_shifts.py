"""What is done to the targets of ``zoo_fresh``: selections by regions, mixes, answers, sensors."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tlbook.course.ch20_clinic_and_faq.animals import Rows

Keep = Callable[[np.ndarray], np.ndarray]
Change = Callable[[Rows], Rows]


def _nearest(anchors: np.ndarray, spread: np.ndarray) -> Callable[[np.ndarray], np.ndarray]:
    """Return distances of rows to each anchor, every feature in its standard deviations."""
    return lambda rows: np.linalg.norm((rows[:, None] - anchors) / spread, axis=2)


def by_region(X: np.ndarray, rng: np.random.Generator) -> Keep:
    """Return a selection with a rate of its own in each of four regions."""
    distance = _nearest(X[rng.choice(len(X), 4, replace=False)], X.std(axis=0))
    rates = rng.permutation([0.08, 0.3, 0.6, 1.0])
    return lambda rows: rates[distance(rows).argmin(axis=1)]


def within(X: np.ndarray, rng: np.random.Generator) -> Keep:
    """Return a selection of about one region of nine; one row in forty comes from elsewhere."""
    distance = _nearest(X[rng.choice(len(X), 9, replace=False)], X.std(axis=0))
    sizes = np.bincount(distance(X).argmin(axis=1), minlength=9)
    part = int(np.argsort(sizes)[4])
    return lambda rows: np.where(distance(rows).argmin(axis=1) == part, 1.0, 0.003)


def apart(X: np.ndarray, rng: np.random.Generator) -> tuple[Keep, Keep]:
    """Return selections around two far source rows, with a gap between them."""
    spread = X.std(axis=0)
    first = X[rng.integers(len(X))]
    far = np.linalg.norm((X - first) / spread, axis=1)
    anchors = np.stack([first, X[np.argsort(far)[int(0.85 * len(X))]]])
    distance = _nearest(anchors, spread)
    lead = lambda rows: distance(rows)[:, 0] - distance(rows)[:, 1]  # noqa: E731
    low, high = np.quantile(lead(X), [0.5, 0.65])
    return lambda rows: (lead(rows) < low).astype(float), lambda rows: (lead(rows) > high).astype(
        float
    )


def leaning(shares: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return the mix tilted to some classes, up to eight times as often as others."""
    tilted = shares * rng.permutation(np.geomspace(1, 8, len(shares)))
    return tilted / tilted.sum()


def above(X: np.ndarray, k: int, rng: np.random.Generator) -> Change:
    """Return a change of the answers where one feature is high."""
    feature = int(rng.integers(X.shape[1]))
    edge = np.quantile(X[:, feature], 0.6)
    return lambda rows: (
        rows[0],
        np.where(rows[0][:, feature] > edge, (rows[1] + 1) % k, rows[1]),
    )


def rescaled(X: np.ndarray, rng: np.random.Generator) -> Change:
    """Return other units, up to twice or half, and another zero for most of the features."""
    d, spread = X.shape[1], X.std(axis=0)
    unit = 2 ** rng.uniform(-1, 1, d)
    zero = np.where(rng.random(d) < 0.6, rng.choice([-1, 1], d) * rng.uniform(0.5, 2, d), 0)
    return lambda rows: (rows[0] * unit + zero * spread, rows[1])


def nearly(X: np.ndarray, rng: np.random.Generator) -> Change:
    """Return one of four small faults: compressed, graded, uneven noise, two devices."""
    middle, spread = X.mean(axis=0), X.std(axis=0)
    kind = str(rng.choice(["compressed", "graded", "uneven", "two devices"]))

    def change(rows: Rows) -> Rows:
        unit = (rows[0] - middle) / spread
        if kind == "compressed":
            unit = np.sign(unit) * np.log1p(1.5 * np.abs(unit))
        elif kind == "graded":
            unit = 0.7 * np.round(unit / 0.7) + 0.05 * rng.normal(size=unit.shape)
        elif kind == "uneven":
            unit = unit + 0.4 * np.abs(unit) * rng.normal(size=unit.shape)
        else:
            second = rng.random((len(unit), 1)) < 0.15
            unit = np.where(second, 1.4 * unit + 0.5, unit)
        return unit * spread + middle, rows[1]

    return change
