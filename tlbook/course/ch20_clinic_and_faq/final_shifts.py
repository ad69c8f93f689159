"""What is done to the targets of ``zoo_final``: selections, other mixes, answers and sensors."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tlbook.course.ch20_clinic_and_faq.animals import Rows

Keep = Callable[[np.ndarray], np.ndarray]
Change = Callable[[Rows], Rows]


def kept_by_rank(X: np.ndarray, feature: int) -> Keep:
    """Return a selection that keeps a row sooner the higher one feature ranks in the source."""
    ordered = np.sort(X[:, feature])
    rank = lambda rows: np.searchsorted(ordered, rows[:, feature]) / len(ordered)  # noqa: E731
    return lambda rows: 0.05 + 0.95 * rank(rows) ** 3


def near_a_rare_row(X: np.ndarray, rng: np.random.Generator) -> Keep:
    """Return a selection around a source row far from the middle, one row in ten wide."""
    spread = X.std(axis=0)
    far = np.linalg.norm((X - X.mean(axis=0)) / spread, axis=1)
    rare = X[np.argsort(far)[int(rng.uniform(0.75, 0.95) * len(X))]]
    distance = lambda rows: np.linalg.norm((rows - rare) / spread, axis=1)  # noqa: E731
    edge = np.quantile(distance(X), 0.1)
    return lambda rows: np.exp(-4 * (distance(rows) / edge - 1).clip(0))


def other_mix(shares: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return a mix in which one class makes up most, a fifth or more away from the source's."""
    for _ in range(1000):
        drawn = np.full(len(shares), 0.3 / (len(shares) - 1))
        drawn[rng.integers(len(shares))] = 0.7
        if np.abs(drawn - shares).sum() / 2 >= 0.2:
            return drawn
    return shares[::-1]


def inner(X: np.ndarray) -> Callable[[np.ndarray], np.ndarray]:
    """Return whether a row lies in the inner half of the source."""
    middle, spread = np.median(X, axis=0), X.std(axis=0)
    distance = lambda rows: np.linalg.norm((rows - middle) / spread, axis=1)  # noqa: E731
    edge = np.median(distance(X))
    return lambda rows: distance(rows) < edge


def elsewhere(inside: Callable[[np.ndarray], np.ndarray], k: int) -> Change:
    """Return a change of the answers for the rows inside."""
    return lambda rows: (rows[0], np.where(inside(rows[0]), (rows[1] + 1) % k, rows[1]))


def warmer(X: np.ndarray, rng: np.random.Generator) -> Change:
    """Return a drift of all sensors to one side, each by its own amount, and other gains."""
    d, spread = X.shape[1], X.std(axis=0)
    gain = np.exp(rng.uniform(-0.5, 0.5, d))
    zero = rng.choice([-1, 1]) * rng.uniform(0.3, 1.8, d) * spread
    return lambda rows: (rows[0] * gain + zero, rows[1])


def nearly(X: np.ndarray, rng: np.random.Generator) -> Change:
    """Return one of four small faults of the sensors.

    Saturation, crosstalk between neighbors, an exposure of its own for each row, broken readings.
    """
    middle, spread = X.mean(axis=0), X.std(axis=0)
    low, high = np.quantile(X, [0.12, 0.88], axis=0)
    kind = str(rng.choice(["saturated", "crosstalk", "exposure", "broken"]))

    def change(rows: Rows) -> Rows:
        Z = rows[0]
        if kind == "saturated":
            Z = np.clip(Z, low, high)
        elif kind == "crosstalk":
            Z = Z + 0.3 * spread * np.roll((Z - middle) / spread, 1, axis=1)
        elif kind == "exposure":
            Z = Z + 0.3 * spread * rng.normal(size=(len(Z), 1))
        else:
            Z = np.where(rng.random(Z.shape) < 0.08, middle - 2 * spread, Z)
        return Z, rows[1]

    return change
