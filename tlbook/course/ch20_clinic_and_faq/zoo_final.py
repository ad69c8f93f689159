"""A half of the zoo that was final once: other families, other shifts, other seeds.

Four families (waves, counts, trees, wines) under the truths of ``animals.NAMES``. The last rule of
the report, to withhold some advice without labels, was learned here.
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
    by_leaving_out,
    enough,
    thinned,
)
from tlbook.course.ch20_clinic_and_faq.final_shifts import (
    elsewhere,
    inner,
    kept_by_rank,
    near_a_rare_row,
    nearly,
    other_mix,
    warmer,
)

FAMILIES = ("waves", "counts", "trees", "wines")
FIRST_SEED = 90_000


def waves(rng: np.random.Generator, d: int, k: int, shares: np.ndarray) -> Sample:
    """Return a world of short series: each class has its own number of periods."""
    periods = 1 + 0.35 * np.arange(k)
    noise, at = rng.uniform(0.5, 1.0), np.arange(d) / d

    def sample(n: int, rng: np.random.Generator, other: np.ndarray | None = None) -> Rows:
        y = rng.choice(k, n, p=shares if other is None else other)
        phase, height = rng.uniform(-0.6, 0.6, n), rng.uniform(0.6, 1.6, n)
        angle = 2 * np.pi * periods[y][:, None] * at + phase[:, None]
        return height[:, None] * np.sin(angle) + noise * rng.normal(size=(n, d)), y

    return sample


def counts(rng: np.random.Generator, d: int, k: int, shares: np.ndarray) -> Sample:
    """Return a world of texts as word counts: each class mixes d groups of words in its own way."""
    topics = rng.dirichlet(np.full(d, 4.0), size=k)

    def sample(n: int, rng: np.random.Generator, other: np.ndarray | None = None) -> Rows:
        y = rng.choice(k, n, p=shares if other is None else other)
        length = rng.gamma(6.0, 8.0, n)
        return np.log1p(rng.poisson(length[:, None] * topics[y])) + 0.05 * rng.normal(
            size=(n, d)
        ), y

    return sample


def trees(rng: np.random.Generator, d: int, k: int, shares: np.ndarray) -> Sample:
    """Return a world of skewed inputs whose class a random tree of depth 3 decides."""
    features, cuts = rng.integers(min(d, 3), size=7), rng.uniform(0.4, 1.2, 7)
    leaves = np.append(rng.permutation(np.arange(8) % k), 0)

    def draw(n: int, rng: np.random.Generator) -> Rows:
        X, node = rng.gamma(2.0, 0.5, size=(n, d)), np.zeros(n, dtype=int)
        for _ in range(3):
            node = 2 * node + 1 + (X[np.arange(n), features[node]] > cuts[node])
        y = leaves[node - 7]
        return X, np.where(rng.random(n) < 0.05, rng.integers(k, size=n), y)

    return by_leaving_out(draw, k)


@cache
def _bottles() -> Rows:
    from sklearn.datasets import load_wine

    return load_wine(return_X_y=True)


def wines(rng: np.random.Generator, d: int, k: int, shares: np.ndarray) -> Sample:
    """Return a world of real chemical analyses of two or three wines, a little jittered."""
    X, kinds = _bottles()
    chosen, jitter = rng.permutation(3)[:k], rng.uniform(0.4, 0.9) * X.std(axis=0)
    p = shares[:3] / shares[:3].sum()

    def sample(n: int, rng: np.random.Generator, other: np.ndarray | None = None) -> Rows:
        wanted = p if other is None else other[:3] / other[:3].sum()
        y = rng.choice(len(chosen), n, p=wanted)
        rows = np.array([rng.choice(np.flatnonzero(kinds == chosen[c])) for c in y])
        return X[rows] + jitter * rng.normal(size=(n, 13)), y

    return sample


WORLDS = {"waves": waves, "counts": counts, "trees": trees, "wines": wines}


def animal(family: str, truth: str, seed: int) -> Animal:
    """Return one task of this half; drawn again where a class has fewer than 8 rows."""
    place = FAMILIES.index(family), list(NAMES).index(truth)
    for attempt in range(20):
        rng = np.random.default_rng([FIRST_SEED + seed, *place, attempt])
        d = int(rng.choice([6, 10, 16]))
        k = int(rng.choice([2, 3] if family == "wines" else [2, 3, 4]))
        shares = rng.dirichlet([15] * k) if rng.random() < 0.5 else 0.6 ** np.arange(k)
        world = WORLDS[family](rng, d, k, shares / shares.sum())
        n, m = int(rng.choice([200, 320, 560])), int(rng.choice([140, 260, 480]))
        source, target = _domains(truth, world, k, n, rng)
        if enough(source[1]):
            break
    return assemble(truth, source, target, m, with_labels=bool(seed % 2))


def _domains(
    truth: str, world: Sample, k: int, n: int, rng: np.random.Generator
) -> tuple[Rows, Callable[[int], Rows]]:
    """Return the source rows and the function that draws target rows."""
    plain = lambda size: world(size, rng, None)  # noqa: E731
    source = plain(n)
    X, y = source
    feature = int(rng.integers(X.shape[1]))
    selected = lambda size: thinned(plain, kept_by_rank(X, feature), size, rng)  # noqa: E731
    if truth == "none":
        return source, plain
    if truth == "covariate":
        return source, selected
    if truth == "strong selection":
        near = near_a_rare_row(X, rng)
        return source, lambda size: thinned(plain, near, size, rng)
    if truth == "no overlap":
        low, high = np.quantile(X[:, feature], [0.45, 0.6])
        left = thinned(plain, lambda rows: (rows[:, feature] < low).astype(float), n, rng)
        return left, lambda size: thinned(
            plain, lambda rows: (rows[:, feature] > high).astype(float), size, rng
        )
    mix = other_mix(np.bincount(y, minlength=k) / n, rng)
    if truth == "label":
        return source, lambda size: world(size, rng, mix)
    renamed = elsewhere(inner(X), k)
    if truth == "concept":
        return source, lambda size: renamed(plain(size))
    warm = warmer(X, rng)
    if truth == "moved":
        return source, lambda size: warm(plain(size))
    if truth == "label and moved":
        return source, lambda size: warm(world(size, rng, mix))
    if truth == "nearly moved":
        almost = nearly(X, rng)
        return source, lambda size: warm(almost(plain(size)))
    return source, lambda size: renamed(selected(size))
