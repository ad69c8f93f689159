"""The shifts of the earlier chapters as tasks for the report: chosen before the report saw one.

Not among them: tasks whose target has other classes (signs, named pictures) and tasks without
classes (roads). The report asks for one label space.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from tlbook import data
from tlbook.course.ch05_features.cases import Represented, flat, texts_case
from tlbook.course.ch11_alignment.cases import scanner_task
from tlbook.data.handwriting import handwriting_arrays
from tlbook.domains import Domain, Task
from tlbook.domains.shifts import covariate_shift, label_shift

N_OWN = 600
"""Handwritten digits in the source, where the target is handwriting too."""

RARE = (0, 1, 2, 3, 4)

CLINICS: dict[str, tuple[float, float | None, float]] = {
    "two clinics, no bias": (0.0, None, 1.0),
    "two clinics, selection": (1.5, None, 1.0),
    "two clinics, prevalence": (0.0, 0.1, 1.0),
    "two clinics, scale": (0.0, None, 1.2),
    "two clinics, prevalence and scale": (0.0, 0.1, 1.2),
}
"""Selection, prevalence and scale of ``cytology``, as in chapter 19."""

UNKNOWN = ""
"""The right name where nobody knows what has changed."""

NEARLY = "moved inputs / nearly moved inputs"
"""The scanner has another zero and unit, and noise besides."""

RIGHT: dict[str, tuple[str, str]] = {
    "printed → handwritten digits": (UNKNOWN, UNKNOWN),
    "handwriting, other digit mix": ("label shift", "label shift"),
    "handwriting, much ink": ("covariate shift", "covariate shift"),
    "handwriting, other code": ("no shift", "concept shift"),
    "handwriting, other scanner": (NEARLY, NEARLY),
    "two clinics, no bias": ("no shift", "no shift"),
    "two clinics, selection": ("covariate shift", "covariate shift"),
    "two clinics, prevalence": ("label shift", "label shift"),
    "two clinics, scale": ("moved inputs", "moved inputs"),
    "two clinics, prevalence and scale": ("unexplained shift", "unexplained shift"),
    "vowels, men → women": (UNKNOWN, UNKNOWN),
    "vowels, men → children": (UNKNOWN, UNKNOWN),
    "texts, NumPy → torch": (UNKNOWN, UNKNOWN),
    "moons, turned by 40°": ("unexplained shift", "unexplained shift"),
    "two blobs, moved": ("moved inputs", "moved inputs"),
}
"""The right name without labeled target rows, and with them; empty where it is not known."""


def task(name: str, seed: int) -> Task | Represented:
    """Return one of ``RIGHT``: a task whose inputs are rows of numbers."""
    if name in CLINICS:
        selection, prevalence, scale = CLINICS[name]
        return data.load(
            "cytology", seed=seed, selection=selection, prevalence=prevalence, scale=scale
        )
    return OTHERS[name](seed)


def printed(seed: int) -> Represented:
    """Return fonts → handwriting, 64 pixels a row."""
    return Represented(data.load("fonts-to-handwriting", seed=seed), flat)


def handwriting(seed: int, change: Callable[[Domain, int], Domain]) -> Represented:
    """Return handwriting → other handwriting, changed; no picture is in both."""
    images, labels = handwriting_arrays()
    order = np.random.default_rng([seed, 0x0DD]).permutation(len(labels))
    source, rest = np.split(order, [N_OWN])
    target = change(Domain("handwriting", images[rest], labels[rest]), seed)
    rows = np.random.default_rng([seed, 0x0DE]).permutation(len(target))
    assert target.y is not None
    parts = [(target.X[half], target.y[half]) for half in np.array_split(rows, 2)]
    whole = Task.from_arrays(
        source=(images[source], labels[source]),
        validation=(images[source[:10]], labels[source[:10]]),  # not used: the source stays whole
        target_train=parts[0],
        target_test=parts[1],
        name="handwriting",
        seed=seed,
    )
    return Represented(whole, flat)


def other_code(domain: Domain, seed: int) -> Domain:
    """Return the same pictures under the code of chapter 08: 9 − y for the digit y."""
    assert domain.y is not None
    return Domain("other code", domain.X, 9 - domain.y)


def vowels(seed: int, target: str) -> Represented:
    """Return men → women or children: logarithms of F1, F2, F3."""
    return Represented(
        data.load("vowels", seed=seed, target=target), lambda X: np.log(np.asarray(X)[:, 1:4])
    )


OTHERS: dict[str, Callable[[int], Task | Represented]] = {
    "printed → handwritten digits": printed,
    "handwriting, other digit mix": partial(
        handwriting, change=lambda domain, seed: label_shift(domain, 0.9, RARE, seed=seed)
    ),
    "handwriting, much ink": partial(
        handwriting, change=lambda domain, seed: covariate_shift(domain, 0.3, seed=seed)
    ),
    "handwriting, other code": partial(handwriting, change=other_code),
    "handwriting, other scanner": lambda seed: Represented(scanner_task(seed), flat),
    "vowels, men → women": partial(vowels, target="women"),
    "vowels, men → children": partial(vowels, target="children"),
    "texts, NumPy → torch": partial(texts_case, vectors="MiniLM"),
    "moons, turned by 40°": lambda seed: data.load(
        "toy", seed=seed, kind="moons", n=400, angle=40.0
    ),
    "two blobs, moved": lambda seed: data.load("toy", seed=seed, kind="gaussians", n=400),
}
