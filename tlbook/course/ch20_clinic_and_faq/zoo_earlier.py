"""A former final half of the zoo. It has been looked at, so it serves the development now.

Four families (rings, factors, rules, handwritten digits) under the truths of ``animals.NAMES``.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np

from tlbook.course.ch20_clinic_and_faq.animals import (
    NAMES,
    Animal,
    Rows,
    Sample,
    assemble,
    enough,
    thinned,
)
from tlbook.course.ch20_clinic_and_faq.near_shifts import nearly_moved, strongly_selected

FAMILIES = ("rings", "factors", "rules", "digits")
FIRST_SEED = 50_000


def rings(rng: np.random.Generator, d: int, k: int, shares: np.ndarray) -> Sample:
    """Return a world of one ring for each class, with d − 2 heavy-tailed features of noise."""
    width = rng.uniform(0.15, 0.35)

    def sample(n: int, rng: np.random.Generator, other: np.ndarray | None = None) -> Rows:
        y = rng.choice(k, n, p=shares if other is None else other)
        radius, angle = 1 + y + width * rng.normal(size=n), rng.uniform(0, 2 * np.pi, n)
        ring = np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)
        return np.hstack([ring, rng.standard_t(5, size=(n, d - 2))]), y

    return sample


def factors(rng: np.random.Generator, d: int, k: int, shares: np.ndarray) -> Sample:
    """Return a world of three hidden factors, seen through d bent sensors with Laplace noise."""
    centers = 1.5 * rng.normal(size=(k, 3))
    mixing = rng.normal(size=(3, d))

    def sample(n: int, rng: np.random.Generator, other: np.ndarray | None = None) -> Rows:
        y = rng.choice(k, n, p=shares if other is None else other)
        hidden = centers[y] + rng.normal(size=(n, 3))
        return np.tanh(hidden @ mixing / 2) + 0.2 * rng.laplace(size=(n, d)), y

    return sample


def rules(rng: np.random.Generator, d: int, k: int, shares: np.ndarray) -> Sample:
    """Return a world of uniform inputs whose class follows thresholds, one row in ten at random."""
    cuts = np.quantile(rng.random(4000) + rng.random(4000), np.cumsum(shares)[:-1])

    def draw(n: int, rng: np.random.Generator) -> Rows:
        X = rng.random((n, d))
        y = np.searchsorted(cuts, X[:, 0] + X[:, 1])
        return X, np.where(rng.random(n) < 0.1, rng.integers(k, size=n), y)

    def sample(n: int, rng: np.random.Generator, other: np.ndarray | None = None) -> Rows:
        if other is None:
            return draw(n, rng)
        X, y = draw(40 * n, rng)
        wanted = np.bincount(rng.choice(k, n, p=other), minlength=k)
        rows = [np.flatnonzero(y == c)[: wanted[c]] for c in range(k)]
        chosen = rng.permutation(np.concatenate(rows))
        return X[chosen], y[chosen]

    return sample


@cache
def _pictures() -> Rows:
    from sklearn.datasets import load_digits

    return load_digits(return_X_y=True)


def digits(rng: np.random.Generator, d: int, k: int, shares: np.ndarray) -> Sample:
    """Return a world of real handwritten digits of k kinds, 64 pixels, each a little jittered."""
    pixels, kinds = _pictures()
    chosen = rng.permutation(10)[:k]

    def sample(n: int, rng: np.random.Generator, other: np.ndarray | None = None) -> Rows:
        y = rng.choice(k, n, p=shares if other is None else other)
        rows = np.array([rng.choice(np.flatnonzero(kinds == chosen[c])) for c in y])
        return pixels[rows] + 3 * rng.normal(size=(n, 64)), y

    return sample


WORLDS = {"rings": rings, "factors": factors, "rules": rules, "digits": digits}


def animal(family: str, truth: str, seed: int) -> Animal:
    """Return one task; drawn again where a class has fewer than 8 rows."""
    place = FAMILIES.index(family), list(NAMES).index(truth)
    for attempt in range(20):
        rng = np.random.default_rng([FIRST_SEED + seed, *place, attempt])
        d, k = int(rng.choice([4, 8, 15])), int(rng.choice([2, 3, 4]))
        shares = np.full(k, 1 / k) if rng.random() < 0.5 else np.linspace(1, 3, k) / (2 * k)
        world = WORLDS[family](rng, d, k, shares)
        n, m = int(rng.choice([180, 350, 650])), int(rng.choice([120, 280, 450]))
        source, target = _domains(truth, world, k, shares, n, rng)
        if enough(source[1]):
            break
    return assemble(truth, source, target, m, with_labels=bool(seed % 2))


def _domains(
    truth: str, world: Sample, k: int, shares: np.ndarray, n: int, rng: np.random.Generator
) -> tuple[Rows, Callable[[int], Rows]]:
    """Return the source rows and the function that draws target rows."""
    plain = lambda size: world(size, rng, None)  # noqa: E731
    source = plain(n)
    if truth == "none":
        return source, plain
    far = _distance(source[0], rng)
    typical = np.quantile(far(source[0]), [0.25, 0.5])
    reach = rng.uniform(0.3, 0.8) * source[0].shape[1] ** 0.5

    def selected(size: int) -> Rows:
        near = lambda X: np.exp(-(far(X) - typical[0]).clip(0) / reach * 2)  # noqa: E731
        return thinned(plain, near, size, rng)

    if truth == "covariate":
        return source, selected
    if truth == "strong selection":
        return source, strongly_selected(source[0], plain, rng)
    if truth == "nearly moved":
        change = nearly_moved(source[0], rng)
        return source, lambda size: change(plain(size))
    if truth == "no overlap":
        outer = thinned(plain, lambda X: (far(X) > typical[1]).astype(float), n, rng)
        return outer, lambda size: thinned(
            plain, lambda X: (far(X) < typical[0]).astype(float), size, rng
        )
    other = _other(shares, rng)
    if truth == "label":
        return source, lambda size: world(size, rng, other)
    turn = _half_space(source[0], k, rng)
    if truth == "concept":
        return source, lambda size: turn(plain(size))
    drift = _drift(source[0], rng)
    if truth == "moved":
        return source, lambda size: drift(plain(size))
    if truth == "label and moved":
        return source, lambda size: drift(world(size, rng, other))
    return source, lambda size: turn(selected(size))


def _distance(X: np.ndarray, rng: np.random.Generator) -> Callable[[np.ndarray], np.ndarray]:
    """Return the distance to a random source row, every feature in its standard deviations."""
    spread, center = X.std(axis=0), X[rng.integers(len(X))]
    return lambda rows: np.linalg.norm((rows - center) / spread, axis=1)


def _other(shares: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return class shares that differ from the source's by a quarter or more in all."""
    while True:
        drawn = 0.9 * rng.dirichlet(np.ones(len(shares))) + 0.1 / len(shares)
        if np.abs(drawn - shares).sum() / 2 >= 0.25:
            return drawn


def _half_space(X: np.ndarray, k: int, rng: np.random.Generator) -> Callable[[Rows], Rows]:
    """Return a change of the answers on one side of a plane through the source's middle."""
    direction, middle = rng.normal(size=X.shape[1]) / X.std(axis=0), X.mean(axis=0)

    def turned(rows: Rows) -> Rows:
        inside = (rows[0] - middle) @ direction > 0
        return rows[0], np.where(inside, (rows[1] + 1) % k, rows[1])

    return turned


def _drift(X: np.ndarray, rng: np.random.Generator) -> Callable[[Rows], Rows]:
    """Return another gain of half of the sensors and another zero of half of them."""
    d, spread = X.shape[1], X.std(axis=0)
    gain = np.where(rng.random(d) < 0.5, np.exp(rng.choice([-0.6, 0.6], d)), 1.0)
    zero = np.where(rng.random(d) < 0.5, rng.choice([-1.5, 1.5], d) * spread, 0.0)
    return lambda rows: (rows[0] * gain + zero, rows[1])
