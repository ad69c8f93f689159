"""The half of the zoo on which the rules of the report were decided.

Three families (clusters, a plane, two moons) under eight truths, three tasks of each.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.special import expit

from tlbook.course.ch20_clinic_and_faq.animals import (
    NAMES,
    Animal,
    Rows,
    Sample,
    assemble,
    by_leaving_out,
    enough,
    thinned,
)
from tlbook.course.ch20_clinic_and_faq.near_shifts import nearly_moved, strongly_selected

FAMILIES = ("clusters", "plane", "moons")
FIRST_SEED = 1000


def clusters(rng: np.random.Generator, d: int, k: int, shares: np.ndarray) -> Sample:
    """Return a world of one Gaussian cluster for each class."""
    centers = rng.normal(size=(k, d))
    centers *= rng.uniform(2.0, 3.5) / np.sqrt(2 * d)

    def sample(n: int, rng: np.random.Generator, other: np.ndarray | None = None) -> Rows:
        y = rng.choice(k, n, p=shares if other is None else other)
        return centers[y] + rng.normal(size=(n, d)), y

    return sample


def plane(rng: np.random.Generator, d: int, k: int, shares: np.ndarray) -> Sample:
    """Return a world of Gaussian inputs whose class depends on linear scores."""
    slopes = rng.normal(size=(d, k)) * 3 / np.sqrt(d)

    def draw(n: int, rng: np.random.Generator) -> Rows:
        X = rng.normal(size=(n, d))
        scores = X @ slopes + np.log(shares)
        return X, (scores + rng.gumbel(size=scores.shape)).argmax(axis=1)

    return by_leaving_out(draw, k)


def moons(rng: np.random.Generator, d: int, k: int, shares: np.ndarray) -> Sample:
    """Return a world of two half circles, with d − 2 features of noise."""
    noise = rng.uniform(0.1, 0.3)

    def sample(n: int, rng: np.random.Generator, other: np.ndarray | None = None) -> Rows:
        p = shares[:2] / shares[:2].sum() if other is None else other[:2] / other[:2].sum()
        y = rng.choice(2, n, p=p)
        angle = rng.uniform(0, np.pi, n)
        arc = np.stack([np.cos(angle), np.sin(angle)], axis=1)
        arc[y == 1] = [1, 0.5] - arc[y == 1]
        return np.hstack([arc + noise * rng.normal(size=(n, 2)), rng.normal(size=(n, d - 2))]), y

    return sample


WORLDS = {"clusters": clusters, "plane": plane, "moons": moons}


def animal(family: str, truth: str, seed: int) -> Animal:
    """Return one task of the development half; drawn again where a class has fewer than 8 rows."""
    place = FAMILIES.index(family), list(NAMES).index(truth)
    for attempt in range(20):
        rng = np.random.default_rng([FIRST_SEED + seed, *place, attempt])
        d, k = int(rng.choice([2, 5, 20])), 2 if family == "moons" else int(rng.choice([2, 3, 5]))
        shares = rng.dirichlet([20] * k) if rng.random() < 0.5 else _uneven(k)
        world = WORLDS[family](rng, d, k, shares)
        n, m = int(rng.choice([200, 400, 600])), int(rng.choice([150, 300, 500]))
        source, target = _domains(truth, world, d, k, shares, n, rng)
        if enough(source[1]):
            break
    return assemble(truth, source, target, m, with_labels=bool(seed % 2))


def _uneven(k: int) -> np.ndarray:
    shares = 0.5 ** np.arange(k)
    return shares / shares.sum()


def _domains(
    truth: str, world: Sample, d: int, k: int, shares: np.ndarray, n: int, rng: np.random.Generator
) -> tuple[Rows, Callable[[int], Rows]]:
    """Return the source rows and the function that draws target rows."""
    plain = lambda size: world(size, rng, None)  # noqa: E731
    source = plain(n)
    if truth == "none":
        return source, plain
    direction = rng.normal(size=d)
    along = lambda X: X @ direction / (source[0] @ direction).std()  # noqa: E731
    middle = float(along(source[0]).mean())
    strength = rng.uniform(1.5, 3)

    def selected(size: int) -> Rows:
        return thinned(plain, lambda X: expit(strength * (along(X) - middle - 0.5)), size, rng)

    if truth == "covariate":
        return source, selected
    if truth == "strong selection":
        return source, strongly_selected(source[0], plain, rng)
    if truth == "nearly moved":
        change = nearly_moved(source[0], rng)
        return source, lambda size: change(plain(size))
    if truth == "no overlap":
        left = thinned(plain, lambda X: (along(X) < middle).astype(float), n, rng)
        return left, lambda size: thinned(
            plain, lambda X: (along(X) > middle + 0.5).astype(float), size, rng
        )
    if truth == "label":
        return source, lambda size: world(size, rng, _other(shares))
    if truth == "concept":
        return source, lambda size: _relabeled(plain(size), k, 0.4, rng)
    offset = rng.normal(size=d) * source[0].std(axis=0) * 1.2
    factor = np.exp(0.4 * rng.normal(size=d))
    if truth == "moved":
        return source, lambda size: _moved(plain(size), factor, offset)
    if truth == "label and moved":
        return source, lambda size: _moved(world(size, rng, _other(shares)), factor, offset)
    return source, lambda size: _relabeled(selected(size), k, 0.4, rng)


def _other(shares: np.ndarray) -> np.ndarray:
    """Return class shares in which the last class is frequent."""
    tilted = shares * np.geomspace(1, 6, len(shares))
    return tilted / tilted.sum()


def _moved(rows: Rows, factor: np.ndarray, offset: np.ndarray) -> Rows:
    return rows[0] * factor + offset, rows[1]


def _relabeled(rows: Rows, k: int, share: float, rng: np.random.Generator) -> Rows:
    X, y = rows
    return X, np.where(rng.random(len(y)) < share, (y + 1) % k, y)
