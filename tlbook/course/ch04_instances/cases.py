"""Two small real cases of chapter 04, as tasks with sealed target labels."""

from __future__ import annotations

from typing import Any

import numpy as np

from tlbook._base.checks import check_positive, check_probability
from tlbook.domains import Domain, Task, label_shift

TEXTURE = (1, 4, 21, 24)
"""Columns of the breast-cell data by which patients came to one clinic or the other."""


def two_clinics(seed: int = 0, exchanged: float = 0.0) -> tuple[Task, np.ndarray]:
    """Return two clinics with breast-cell measurements: selection by inputs, so P(Y|X) is one.

    A patient of the 569 came to the source clinic with probability σ(3 s), s the mean of the
    standardized texture and smoothness, else to the target clinic. Half of the target's rows are
    its test part.

    Parameters
    ----------
    seed : int
        Which patient came where.
    exchanged : float in [0, 1]
        Share of the source's rows that were typed in with the two classes exchanged.

    Returns
    -------
    task : Task
        30 standardized features, classes 0 (malignant) and 1 (benign). Source and validation part
        are the same rows: nothing is held out of so few.
    wrong : bool array, one per source row
        Which rows were exchanged.

    References
    ----------
    Street, Wolberg and Mangasarian, Nuclear feature extraction for breast tumor diagnosis, 1993.
    """
    from sklearn.datasets import load_breast_cancer
    from sklearn.preprocessing import scale

    check_probability(exchanged, "exchanged")
    cells: Any = load_breast_cancer()
    X, y = scale(cells.data), cells.target.astype(np.int64)
    rng = np.random.default_rng([seed, 0xC11])
    first = rng.random(len(X)) < 1 / (1 + np.exp(-3 * X[:, TEXTURE].mean(axis=1)))
    label = y[first]
    wrong = rng.random(len(label)) < exchanged
    label = np.where(wrong, 1 - label, label)
    rest = rng.permutation(np.flatnonzero(~first))
    train, test = rest[: len(rest) // 2], rest[len(rest) // 2 :]
    task = Task.from_arrays(
        source=(X[first], label),
        validation=(X[first], label),
        target_train=(X[train], y[train]),
        target_test=(X[test], y[test]),
        name="two clinics",
        classes=("malignant", "benign"),
        seed=seed,
    )
    return task, wrong


def noisy_handwriting(seed: int = 0, dial: float = 0.9, noise: float = 0.5, n: int = 600) -> Task:
    """Return handwriting through a bad scanner, before and after a pure label shift.

    Both domains are the handwritten digits with Gaussian noise on every pixel; in the target the
    digits 0 to 4 are kept with probability ``1 − dial``. The domains share no image.

    Parameters
    ----------
    seed : int
        Split, noise and selection.
    dial : float in [0, 1]
        As in :func:`tlbook.domains.label_shift`.
    noise : float
        Standard deviation of the noise; ink is 1, paper 0.
    n : int
        Source rows.

    Returns
    -------
    Task
        64 features. Source and validation part are the same rows.
    """
    from tlbook.data.handwriting import handwriting_arrays

    check_positive(noise, "noise", zero_ok=True)
    images, y = handwriting_arrays()
    if check_positive(n, "n", integer=True) > len(y) - 200:
        raise ValueError(f"n: got {n}, want at most {len(y) - 200}: the target needs rows, too")
    rng = np.random.default_rng([seed, 0x5CA])
    X = images.reshape(len(y), -1) + rng.normal(0, noise, (len(y), 64))
    order = rng.permutation(len(y))
    source = X[order[:n]], y[order[:n]]
    shifted = label_shift(Domain("handwriting", X[order[n:]], y[order[n:]]), dial, seed=seed)
    half = len(shifted) // 2
    assert shifted.y is not None
    return Task.from_arrays(
        source=source,
        validation=source,
        target_train=(shifted.X[:half], shifted.y[:half]),
        target_test=(shifted.X[half:], shifted.y[half:]),
        name="noisy handwriting",
        classes=tuple("0123456789"),
        seed=seed,
    )
