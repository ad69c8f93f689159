"""Does the source help or hurt? One learner with and without it, on digits, tuned alike.

The learner is ridge regression of the ten indicators on random Fourier features of the pixels: the
objective with squared losses, so that λ and Ω are searched exactly and in seconds. The printed
source may be coded otherwise: for the first pairs of (0, 9), (1, 8), (2, 7), (3, 6), (4, 5) the two
labels are exchanged. Its images stay the same; only P(Y given X) moves away from the target's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from tlbook._base.checks import check_array, check_choice, check_labels, check_positive
from tlbook.course.ch09_objective.exact import SquaredLoss, minimize
from tlbook.domains import Task

N_CLASSES = 10
GAMMA, N_FEATURES = 0.05, 300  # by accuracy on the source's validation part
WEIGHTS = (0.01, 0.1, 1.0, 10.0, 100.0)
OMEGAS = (1e-5, 1e-4, 1e-3, 1e-2, 1e-1)
ARMS = (
    "target alone",
    "source alone",
    "all rows alike",
    "λ by held-out rows",
    "source or not by held-out rows",
)


@dataclass(frozen=True)
class Setting:
    """λ (0: source alone, inf: target alone) and the strength of Ω per unit of loss."""

    weight: float
    omega: float


@lru_cache(maxsize=1)
def _sampler() -> Any:
    from sklearn.kernel_approximation import RBFSampler

    return RBFSampler(gamma=GAMMA, n_components=N_FEATURES, random_state=0).fit(np.zeros((1, 64)))


def features(X: Any) -> np.ndarray:
    """Return random Fourier features and a constant of 8 × 8 pictures, (n, 301).

    Raises
    ------
    ValueError
        If the pictures do not have 64 pixels, or a value is NaN.
    """
    X = check_array(X, "X")
    flat = X.reshape(len(X), -1)
    if flat.shape[1] != 64:
        raise ValueError(f"X: got {flat.shape[1]} numbers per row, want 64 pixels")
    return np.hstack([_sampler().transform(flat), np.ones((len(X), 1))])


def loss(X: Any, y: Any) -> SquaredLoss:
    """Return the squared loss of the ten indicators on labeled pictures."""
    return SquaredLoss.from_rows(features(X), np.eye(N_CLASSES)[check_labels(y, len(X))])


def recode(y: Any, pairs: int) -> np.ndarray:
    """Return the labels with the first ``pairs`` of (0, 9), (1, 8), … exchanged.

    Raises
    ------
    ValueError
        If ``pairs`` is not an integer from 0 to 5.
    """
    check_choice(pairs, "pairs", range(6))
    y = np.asarray(y)
    return np.where((y < pairs) | (y > 9 - pairs), 9 - y, y)


def solve(L_S: SquaredLoss, L_T: SquaredLoss, setting: Setting) -> np.ndarray:
    r"""Return the minimizer of the objective with an Ω that grows with λ.

    .. math:: L_S + \lambda L_T + (1 + \lambda)\,\omega\lVert\theta\rVert^2

    The factor 1 + λ keeps what Ω does apart from what λ does: without it a large λ would also
    switch Ω off.
    """
    if np.isinf(setting.weight):
        return minimize(None, L_T, 1.0, setting.omega)
    return minimize(L_S, L_T, setting.weight, setting.omega * (1 + setting.weight))


def predict(theta: np.ndarray, X: Any) -> np.ndarray:
    """Return the class with the largest output for each picture."""
    return (features(X) @ theta).argmax(axis=1)


def candidates(arm: str, n_source: int, n_target: int) -> list[Setting]:
    """Return the settings among which an arm may choose.

    Raises
    ------
    ValueError
        If the arm is unknown.
    """
    check_choice(arm, "arm", ARMS)
    weights: dict[str, Sequence[float]] = {
        "target alone": (np.inf,),
        "source alone": (0.0,),
        "all rows alike": (n_target / n_source,),
        "λ by held-out rows": WEIGHTS,
        "source or not by held-out rows": (*WEIGHTS, np.inf),
    }
    return [Setting(w, omega) for w in weights[arm] for omega in OMEGAS]


def held_out(
    L_S: SquaredLoss, X: Any, y: Any, settings: Sequence[Setting], seed: int, folds: int = 5
) -> list[tuple[float, float]]:
    """Return accuracy and squared error on held-out labeled target rows for each setting.

    Parameters
    ----------
    L_S : SquaredLoss
        Of the source.
    X, y : arrays of n rows
        The labeled target rows.
    settings : sequence of Setting
    seed : int
        Of the folds.
    folds : int
        At most; as many as the smallest class has rows.

    Raises
    ------
    ValueError
        If a class has fewer than two rows: nothing can be held out.
    """
    from sklearn.model_selection import StratifiedKFold

    check_positive(folds, "folds", integer=True)
    y = check_labels(y, len(X))
    smallest = int(np.unique(y, return_counts=True)[1].min())
    if min(folds, smallest) < 2:
        raise ValueError(f"y: got a class with {smallest} row(s), want at least 2 to hold one out")
    A, wanted = features(X), np.eye(N_CLASSES)[y]
    splits = StratifiedKFold(min(folds, smallest), shuffle=True, random_state=seed).split(A, y)
    right, squares = np.zeros(len(settings)), np.zeros(len(settings))
    for train, test in splits:
        L_T = SquaredLoss.from_rows(A[train], wanted[train])
        for i, setting in enumerate(settings):
            outputs = A[test] @ solve(L_S, L_T, setting)
            right[i] += np.sum(outputs.argmax(axis=1) == y[test])
            squares[i] += np.sum((outputs - wanted[test]) ** 2)
    return [(float(r / len(y)), float(s / len(y))) for r, s in zip(right, squares, strict=True)]


def choose(
    arm: str, L_S: SquaredLoss, X: Any, y: Any, seed: int
) -> tuple[Setting, tuple[float, float]]:
    """Return the setting with the highest accuracy on held-out target rows, and what it had there.

    Of several equally accurate ones it is the one with the smallest squared error.
    """
    settings = candidates(arm, L_S.n, len(X))
    found = held_out(L_S, X, y, settings, seed)
    best = max(range(len(settings)), key=lambda i: (found[i][0], -found[i][1]))
    return settings[best], found[best]


def source_loss(task: Task, pairs: int = 0) -> SquaredLoss:
    """Return the loss of the task's printed digits, with so many pairs of labels exchanged."""
    return loss(task.source.X, recode(task.source.y, pairs))
