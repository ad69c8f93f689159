"""What a privacy budget costs on rows that were prepared with public rows only."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from tlbook._base.checks import check_choice
from tlbook.course.ch18_trust import cases, encoder
from tlbook.trust import PrivateRidge, rho_of

DIMENSIONS, DELTA = 32, 1e-5
TASKS = ("digits", "signs")
MAPS = ("pixels", "random", "letters")
RIDGE = 4.0
"""λ in units of σ√d. The noise's largest eigenvalue is near 2σ√d, and λ has to exceed it."""


@dataclass(frozen=True, eq=False)
class Prepared:
    """Private and test rows in 32 numbers, scaled by public rows to norms of about 1."""

    X: np.ndarray
    y: np.ndarray
    test_X: np.ndarray
    test_y: np.ndarray


def prepare(public: Any, private: Any, y: Any, test: Any, test_y: Any) -> Prepared:
    """Center, project and scale private rows by the mean, axes and norms of public ones.

    Parameters
    ----------
    public, private, test : arrays of shape (n, d)
        d at least 32.
    y, test_y : arrays
    """
    from sklearn.decomposition import PCA

    axes = PCA(DIMENSIONS, random_state=0).fit(public)
    scale = np.median(np.linalg.norm(axes.transform(public), axis=1))
    return Prepared(axes.transform(private) / scale, y, axes.transform(test) / scale, test_y)


@lru_cache(maxsize=6)
def prepared(task: str, kind: str, seed: int) -> Prepared:
    """Return the rows of "digits" or "signs" as pixels, random features or features of letters.

    Raises
    ------
    ValueError
        If the task or the kind is unknown.
    """
    check_choice(task, "task", TASKS)
    check_choice(kind, "kind", MAPS)
    public, rows = _rows(task, seed)
    look = _look(task, kind, seed)
    return prepare(look(public), look(rows.X), rows.y, look(rows.test_X), rows.test_y)


@lru_cache(maxsize=1)
def _rows(task: str, seed: int) -> tuple[np.ndarray, cases.Digits]:
    if task == "digits":
        return cases.letters(seed)[0], cases.digits(seed)
    return cases.painted(seed)


def _look(task: str, kind: str, seed: int) -> Callable[[Any], np.ndarray]:
    """Return the function from pictures to rows."""
    from tlbook import models
    from tlbook.finetuning import cached_features

    if kind == "pixels":
        return lambda X: X.reshape(len(X), -1)
    if task == "digits":
        net = encoder.letters_network(seed) if kind == "letters" else encoder.network(52, seed)
        return lambda X: encoder.features(net, X)
    weights = "embedded" if kind == "letters" else None
    base = models.create("signnet", weights=weights, seed=seed).eval()
    return lambda X: cached_features(base, X)


def strength(epsilon: float, dimensions: int = DIMENSIONS + 1) -> float | None:
    """Return the λ that exceeds the noise of this budget; None without noise."""
    if epsilon == np.inf:
        return None
    return RIDGE * np.sqrt(dimensions / rho_of(epsilon, DELTA))


def accuracy(rows: Prepared, epsilon: float, seed: int) -> float:
    """Return the test accuracy of ridge with this budget."""
    model = PrivateRidge(epsilon, DELTA, ridge=strength(epsilon), classes=range(10), seed=seed).fit(
        rows.X, rows.y
    )
    return float(model.score(rows.test_X, rows.test_y))
