"""Exercises of chapter 18: q1 to q4 on maps, attacks and a backdoor; privacy, clinics, coverage."""

from __future__ import annotations

import numpy as np

from tlbook.course.ch18_trust.attack_exercises import q1, q2, q3, q4
from tlbook.course.exercises.checkers import Probe, Wrong, number
from tlbook.course.exercises.core import Exercise

__all__ = ["q1", "q2", "q3", "q4", "q5", "q6"]

# -- q5: repair this script: a private release ----------------------------------------------------


def noisy_sums(X, Y, rho, bound, rng):
    """Return XᵀX and XᵀY with noise that costs ρ/2 each; rows are shortened to the norm bound."""
    norms = np.linalg.norm(X, axis=1, keepdims=True)
    X = X * np.minimum(1, bound / norms)
    d, k = X.shape[1], Y.shape[1]
    upper = np.triu(rng.normal(0, bound**2 / np.sqrt(rho), (d, d)))
    gram = X.T @ X + upper + np.triu(upper, 1).T
    return gram, X.T @ Y + rng.normal(0, bound / np.sqrt(rho), (d, k))


def _sums(X, Y, rho, bound, rng, *, shorten=True, power=2, budget=0.5, symmetric=True, second=True):
    if shorten:
        X = X * np.minimum(1, bound / np.linalg.norm(X, axis=1, keepdims=True))
    d, k = X.shape[1], Y.shape[1]
    spread = 1 / np.sqrt(2 * budget * rho)
    E = rng.normal(0, spread * bound**power, (d, d))
    if symmetric:
        E = np.triu(E) + np.triu(E, 1).T
    F = rng.normal(0, spread * bound, (d, k)) if second else 0.0
    return X.T @ X + E, X.T @ Y + F


class Known:
    """In place of a generator: its normal draws are known, so that a release can be compared."""

    def normal(self, loc=0.0, scale=1.0, size=None):
        """Return loc + scale times a fixed pattern of this size."""
        shape = (1,) if size is None else tuple(np.atleast_1d(size))
        pattern = np.sin(1 + np.arange(int(np.prod(shape)))).reshape(shape)
        return loc + scale * (pattern if size is not None else pattern[0])


def _release_case() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(18)
    X = 3 * rng.normal(size=(12, 4))
    X[::3] *= 0.1  # a few rows are short enough as they are
    return X, np.eye(3)[np.arange(12) % 3]


RELEASE = _release_case()


def _flat(answer):
    """Return both sums of an answer in one row."""
    return np.concatenate([np.ravel(m) for m in answer(*RELEASE, 0.5, 2.0, Known())])


q5 = Exercise(
    "q5",
    "Repair noisy_sums(X, Y, rho, bound, rng): rows shortened to the norm bound, and Gaussian "
    "noise on both sums that costs rho / 2 for each.",
    noisy_sums,
    mistakes={
        "These are the lines as they were: nothing is shortened, each sum spends the whole ρ, the "
        "noise of XᵀX has the scale of XᵀY, and it is not symmetric.": lambda X, Y, rho, b, rng: (
            _sums(X, Y, rho, b, rng, shorten=False, power=1, budget=1.0, symmetric=False)
        ),
        "The rows are not shortened. One long row moves the sums by more than the noise was made "
        "for.": lambda X, Y, rho, b, rng: _sums(X, Y, rho, b, rng, shorten=False),
        "Each sum spends the whole ρ, so the release costs 2ρ. With ρ/2 the spread is R²/√ρ and "
        "R/√ρ.": lambda X, Y, rho, b, rng: _sums(X, Y, rho, b, rng, budget=1.0),
        "One row moves XᵀX by up to R², not R. Its noise needs R².": lambda X, Y, rho, b, rng: (
            _sums(X, Y, rho, b, rng, power=1)
        ),
        "XᵀX is symmetric, and its noise should be: draw the upper triangle and mirror it. Two "
        "independent halves average to less noise.": lambda X, Y, rho, b, rng: _sums(
            X, Y, rho, b, rng, symmetric=False
        ),
        "XᵀY leaves without noise.": lambda X, Y, rho, b, rng: _sums(
            X, Y, rho, b, rng, second=False
        ),
    },
    probes=[
        Probe(
            "the pair of noisy sums",
            lambda answer: np.concatenate(
                [np.ravel(m) for m in answer(*RELEASE, 0.5, 2.0, Known())]
            ),
            tolerance=1e-9,
        )
    ],
    hints=(
        "Four things: how long may a row be, how far does it move each sum, what does each sum "
        "cost, and is the noisy XᵀX still symmetric?",
        "A release with sensitivity Δ and noise σ costs Δ²/(2σ²). Set this to ρ/2 for Δ = R² and "
        "for Δ = R.",
        "upper = np.triu(rng.normal(0, bound**2 / np.sqrt(rho), (d, d))), then add its mirror "
        "image without the diagonal.",
    ),
)

# -- q6: change the experiment: how many rows until few sets are infinite -------------------------

ENOUGH = 640.0
WRONG_ROWS: dict[str, float] = {
    "The study has 400 rows. Its table says how many sets were infinite at a shift of 1.5.": 400.0,
    "With so few rows far more sets are infinite. Compute np.isinf(thresholds).mean().": 100.0,
    "You asked for no infinite set at all. The rule allows 2 %.": 3200.0,
}


def _near_enough(answer: object) -> None:
    """Raise :class:`Wrong` unless the answer lies within a factor of 1.4 of the smallest n."""
    try:
        value = float(answer)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        value = np.nan
    if value > 0 and abs(np.log(value / ENOUGH)) <= np.log(1.4):
        return
    for message, wrong in WRONG_ROWS.items():
        if value > 0 and abs(np.log(value / wrong)) <= np.log(1.2):
            raise Wrong(message)
    number(answer, ENOUGH, what="the number of rows")


q6 = Exercise(
    "q6",
    "At a shift of 1.5, how many labeled source rows do you need so that at most 2 % of the "
    "weighted sets are infinite? Any value within a factor of 1.4 counts.",
    ENOUGH,
    mistakes=dict(WRONG_ROWS),
    hints=(
        "The rule needs inputs and weights only. Target labels decide nothing.",
        "from tlbook.trust import weighted_thresholds. Average np.isinf(weighted_thresholds("
        "scores, ratio(x), ratio(new_x))).mean() over 50 draws for n = 200, 400, 600, 800, 1600.",
        "Take the first n of these whose mean is at most 0.02.",
    ),
    check=_near_enough,
)
