"""Fonts → handwriting, as it is, under label shift and with missing classes; another scanner.

A shift is made here, by dropping rows of some classes, so here the target's class mix is known;
a method gets only the task, whose labels are sealed.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from tlbook import data
from tlbook.data.handwriting import TARGET_TRAIN, handwriting_arrays, stratified_split
from tlbook.domains import Domain, Task, label_shift

NAME = "fonts-to-handwriting"
RARE = (0, 1, 2, 3, 4)
DIAL = 0.9
"""Nine of ten rows of the rare classes are dropped."""


@lru_cache(maxsize=2)
def task(seed: int) -> Task:
    """Return fonts → handwriting with this seed."""
    return data.load(NAME, seed=seed)


def label_shift_task(seed: int, shifted: bool) -> Task:
    """Return fonts → handwriting with the digits 0–4 cut to a tenth, or as many rows of all.

    Source and validation part are those of the whole task. Of the target's 1,000 unlabeled and 797
    test rows the shifted arm keeps about 550 and 435; the matched arm keeps the same numbers,
    drawn without a look at the labels. Test rows come from the same class mix as unlabeled rows.

    Parameters
    ----------
    seed : int
        Of the task; the dropping follows from it.
    shifted : bool
    """
    whole = data.load(NAME, seed=seed)
    train, test = _arms(seed)[bool(shifted)]
    return Task.from_arrays(
        source=(whole.source.X, whole.source.y),
        validation=(whole.validation.X, whole.validation.y),
        target_train=(train.X, train.y),
        target_test=(test.X, test.y),
        name=f"{NAME}, {'label shift' if shifted else 'matched'}",
        classes=whole.classes,
        seed=seed,
    )


def true_mix(seed: int, shifted: bool = True) -> np.ndarray:
    """Return the true class shares of the unlabeled target rows, shape (10,).

    For the one method that is given them; outside a simulation they are unknown.
    """
    train, _ = _arms(seed)[bool(shifted)]
    assert train.y is not None
    return np.bincount(train.y, minlength=10) / len(train)


def partial_task(seed: int) -> Task:
    """Return fonts → handwriting of which the target has no 0–4 at all; the source has all digits.

    Of the target's 1,000 unlabeled and 797 test rows the digits 5–9 are kept.
    """
    whole, (images, labels) = data.load(NAME, seed=seed), handwriting_arrays()
    parts = [
        (images[rows], labels[rows])
        for both in stratified_split(labels, TARGET_TRAIN, NAME, seed)
        for rows in [both[~np.isin(labels[both], RARE)]]
    ]
    return Task.from_arrays(
        source=(whole.source.X, whole.source.y),
        validation=(whole.validation.X, whole.validation.y),
        target_train=parts[0],
        target_test=parts[1],
        name=f"{NAME}, partial",
        classes=whole.classes,
        seed=seed,
    )


def scanner_task(seed: int, by_digit: bool = False) -> Task:
    """Return handwriting → handwriting from another scanner: pale, gray and noisy.

    A pixel x in [0, 1] becomes 0.4 + 0.3 x + 0.05 ε, ε standard normal, cut to [0, 1]. No row of
    the source is in the target. With ``by_digit`` the test rows come sorted: all 0s, all 1s …
    """
    images, labels = handwriting_arrays()
    first, last = stratified_split(labels, TARGET_TRAIN, "scanner", seed)
    rng = np.random.default_rng([seed, 11])
    order = rng.permutation(first)
    source, validation, unlabeled = np.split(order, [500, 600])

    def scanned(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        noise = rng.standard_normal(images[rows].shape)
        pale = np.clip(0.4 + 0.3 * images[rows] + 0.05 * noise, 0, 1)
        return pale.astype(np.float32), labels[rows]

    target_train, test = scanned(unlabeled), scanned(last)
    if by_digit:
        arrival = np.argsort(test[1], kind="stable")
        test = test[0][arrival], test[1][arrival]
    return Task.from_arrays(
        source=(images[source], labels[source]),
        validation=(images[validation], labels[validation]),
        target_train=target_train,
        target_test=test,
        name="another scanner",
        seed=seed,
    )


@lru_cache(maxsize=4)
def _arms(seed: int) -> dict[bool, tuple[Domain, Domain]]:
    """Return {shifted: (training part, test part)} of the target of the task with this seed."""
    images, labels = handwriting_arrays()
    parts = [
        Domain("handwriting", images[rows], labels[rows])
        for rows in stratified_split(labels, TARGET_TRAIN, NAME, seed)
    ]
    cut = [label_shift(part, DIAL, RARE, seed=seed) for part in parts]
    full = [
        label_shift(part, 0.0, RARE, n=len(few), seed=seed)
        for part, few in zip(parts, cut, strict=True)
    ]
    return {True: (cut[0], cut[1]), False: (full[0], full[1])}
