"""The half of the zoo on which the report is graded: drawn after every rule of the report stood.

Four families (spirals, spectra, questionnaires, irises) under the truths of ``animals.NAMES``,
with changes of their own. No rule was decided on any of these tasks, worlds and changes.
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
from tlbook.course.ch20_clinic_and_faq.fresh_shifts import (
    above,
    apart,
    by_region,
    leaning,
    nearly,
    rescaled,
    within,
)

FAMILIES = ("spirals", "spectra", "questionnaires", "irises")
FIRST_SEED = 140_000


def spirals(rng: np.random.Generator, d: int, k: int, shares: np.ndarray) -> Sample:
    """Return a world of one arm of a spiral for each class, turned into d features."""
    basis = np.linalg.qr(rng.normal(size=(d, d)))[0][:2]
    noise = rng.uniform(0.1, 0.25)

    def sample(n: int, rng: np.random.Generator, other: np.ndarray | None = None) -> Rows:
        y = rng.choice(k, n, p=shares if other is None else other)
        radius = rng.uniform(0.4, 2.0, n)
        angle = 1.2 * radius + 2 * np.pi * y / k
        arm = radius[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1)
        return arm @ basis + noise * rng.normal(size=(n, d)), y

    return sample


def spectra(rng: np.random.Generator, d: int, k: int, shares: np.ndarray) -> Sample:
    """Return a world of spectra: two peaks for each class, of random height, on a slope."""
    at, places = np.arange(d), rng.uniform(0, d, size=(k, 2))
    noise = rng.uniform(0.15, 0.35)

    def sample(n: int, rng: np.random.Generator, other: np.ndarray | None = None) -> Rows:
        y = rng.choice(k, n, p=shares if other is None else other)
        heights = rng.gamma(4.0, 0.25, size=(n, 2))
        peaks = np.exp(-(((at - places[y][:, :, None]) / 1.3) ** 2))
        slope = rng.normal(0, 0.3, size=(n, 1)) * (at / d - 0.5)
        return (heights[:, :, None] * peaks).sum(axis=1) + slope + noise * rng.normal(
            size=(n, d)
        ), y

    return sample


def questionnaires(rng: np.random.Generator, d: int, k: int, shares: np.ndarray) -> Sample:
    """Return a world of d answers from 1 to 7, to which each class and each person leans."""
    leaning_of = rng.normal(0, 0.9, size=(k, d))

    def sample(n: int, rng: np.random.Generator, other: np.ndarray | None = None) -> Rows:
        y = rng.choice(k, n, p=shares if other is None else other)
        person = 0.5 * rng.normal(size=(n, 1))
        felt = 4 + 1.2 * (leaning_of[y] + person) + rng.logistic(0, 0.6, size=(n, d))
        return np.clip(np.round(felt), 1, 7) + 0.1 * rng.normal(size=(n, d)), y

    return sample


@cache
def _flowers() -> Rows:
    from sklearn.datasets import load_iris

    return load_iris(return_X_y=True)


def irises(rng: np.random.Generator, d: int, k: int, shares: np.ndarray) -> Sample:
    """Return a world of real flowers of two or three kinds, each measured with a little error."""
    X, kinds = _flowers()
    chosen, error = rng.permutation(3)[:k], rng.uniform(0.15, 0.35) * X.std(axis=0)

    def sample(n: int, rng: np.random.Generator, other: np.ndarray | None = None) -> Rows:
        y = rng.choice(k, n, p=shares if other is None else other)
        rows = np.array([rng.choice(np.flatnonzero(kinds == chosen[c])) for c in y])
        return X[rows] + error * rng.normal(size=(n, 4)), y

    return sample


WORLDS = {
    "spirals": spirals,
    "spectra": spectra,
    "questionnaires": questionnaires,
    "irises": irises,
}


def animal(family: str, truth: str, seed: int) -> Animal:
    """Return one task; drawn again where a class has fewer than 8 rows."""
    place = FAMILIES.index(family), list(NAMES).index(truth)
    for attempt in range(20):
        rng = np.random.default_rng([FIRST_SEED + seed, *place, attempt])
        d = int(rng.choice([5, 9, 14]))
        k = int(rng.choice([2, 3] if family == "irises" else [2, 3, 5]))
        shares = rng.dirichlet([12] * k) if rng.random() < 0.5 else 0.7 ** np.arange(k)
        world = WORLDS[family](rng, d, k, shares / shares.sum())
        n, m = int(rng.choice([220, 380, 540])), int(rng.choice([160, 300, 460]))
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
    keep = by_region(X, rng)
    selected = lambda size: thinned(plain, keep, size, rng)  # noqa: E731
    if truth == "none":
        return source, plain
    if truth == "covariate":
        return source, selected
    if truth == "strong selection":
        part = within(X, rng)
        return source, lambda size: thinned(plain, part, size, rng)
    if truth == "no overlap":
        here, there = apart(X, rng)
        return thinned(plain, here, n, rng), lambda size: thinned(plain, there, size, rng)
    mix = leaning(np.bincount(y, minlength=k) / n, rng)
    if truth == "label":
        return source, lambda size: world(size, rng, mix)
    renamed = above(X, k, rng)
    if truth == "concept":
        return source, lambda size: renamed(plain(size))
    moved = rescaled(X, rng)
    if truth == "moved":
        return source, lambda size: moved(plain(size))
    if truth == "label and moved":
        return source, lambda size: moved(world(size, rng, mix))
    if truth == "nearly moved":
        almost = nearly(X, rng)
        return source, lambda size: moved(almost(plain(size)))
    return source, lambda size: renamed(selected(size))
