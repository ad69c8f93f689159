"""Exercises of chapter 08: KL by hand, the unbiased MMD, a p-value, which ruler sees what."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tlbook.course.exercises.checkers import Probe, on
from tlbook.course.exercises.core import Exercise
from tlbook.course.exercises.quizzes import subsets

# -- q1: KL divergence with zeros -----------------------------------------------------------------

P = np.array([0.6, 0.3, 0.1, 0.0])
Q = np.array([0.2, 0.3, 0.1, 0.4])


def kl(p, q):
    """Return KL(p || q) in nats."""
    seen = p > 0  # an outcome with p = 0 adds 0 · log 0, which counts as 0
    if (q[seen] == 0).any():
        return np.inf
    return np.sum(p[seen] * np.log(p[seen] / q[seen]))


def _without_outcomes(p: np.ndarray, q: np.ndarray) -> float:
    seen = (p > 0) & (q > 0)
    return float(np.sum(p[seen] * np.log(p[seen] / q[seen])))


INFINITE = (
    "q rules out an outcome that p allows (q = 0, p > 0): the answer is infinite, but you return "
    "{value}. Do not leave such an outcome out."
)

q1 = Exercise(
    "q1",
    "Write kl(p, q), in nats, right also where p or q have zeros.",
    kl,
    mistakes={
        "That is KL(q || p). The first distribution is the one that the sum averages over, and KL "
        "is not symmetric.": lambda p, q: kl(q, p),
        "That is in bits. Use the natural logarithm: np.log, not np.log2.": lambda p, q: (
            kl(p, q) / np.log(2)
        ),
        "You forgot to weight the log ratios by p: a rare outcome must count less.": lambda p, q: (
            np.sum(np.log(p[p > 0] / q[p > 0]))
        ),
        "An outcome with p = 0 gave NaN. 0·log 0 counts as 0: sum only where p > 0.": lambda p, q: (
            np.sum(p * np.log(p / q))
        ),
        INFINITE: _without_outcomes,
    },
    probes=[
        Probe("kl", on(np.array([0.5, 0.25, 0.25]), np.array([0.2, 0.2, 0.6]))),
        Probe("kl with a zero in p", on(P, Q)),
        Probe("kl with a zero in q", on(Q, P), otherwise=INFINITE),
    ],
    hints=(
        "Σ p log(p/q). Which outcomes can be left out of the sum without changing it?",
        "Keep only the outcomes with p > 0; among these, a q of zero makes the answer infinite.",
        "seen = p > 0, then np.sum(p[seen] * np.log(p[seen] / q[seen])): NumPy turns the "
        "division by zero into inf by itself, with a warning.",
    ),
)

# -- q2: the unbiased squared MMD -----------------------------------------------------------------


def mmd2(X, Y, sigma):
    """Return the unbiased squared MMD."""

    def k(A, B):
        return np.exp(-((A[:, None] - B[None]) ** 2).sum(-1) / (2 * sigma**2))

    def within(K):
        n = len(K)
        return (K.sum() - np.trace(K)) / (n * (n - 1))  # no point is compared with itself

    return within(k(X, X)) + within(k(Y, Y)) - 2 * k(X, Y).mean()


def _gram(X: np.ndarray, Y: np.ndarray, sigma: float) -> np.ndarray:
    return np.exp(-((X[:, None] - Y[None]) ** 2).sum(-1) / (2 * sigma**2))


def _not_squared(X: np.ndarray, Y: np.ndarray, sigma: float) -> np.ndarray:
    return np.exp(-np.sqrt(((X[:, None] - Y[None]) ** 2).sum(-1)) / (2 * sigma**2))


def _mmd(
    within: Callable[[np.ndarray], Any], kernel: Callable[..., np.ndarray] = _gram
) -> Callable[..., Any]:
    return lambda X, Y, sigma: (
        within(kernel(X, X, sigma)) + within(kernel(Y, Y, sigma)) - 2 * kernel(X, Y, sigma).mean()
    )


def _two_samples() -> tuple[Any, ...]:
    rng = np.random.default_rng(8)
    return rng.normal(size=(12, 3)), rng.normal(1.0, 1.5, size=(9, 3)), 1.7


q2 = Exercise(
    "q2",
    "Write mmd2(X, Y, sigma): the unbiased squared MMD with the Gaussian kernel.",
    mmd2,
    mistakes={
        "The diagonals are still in: each point is compared with itself, k(x, x) = 1. That is the "
        "biased estimate.": _mmd(np.mean),
        "You dropped the diagonals but still divide by n² and m². Without them only n(n-1) and "
        "m(m-1) pairs are left.": _mmd(lambda K: (K.sum() - np.trace(K)) / K.size),
        "The cross term counts twice: - 2 · mean of k(x, y).": lambda X, Y, sigma: (
            mmd2(X, Y, sigma) + _gram(X, Y, sigma).mean()
        ),
        "Your kernel is exp(-d²/σ²). The course's σ is that of the Gaussian: "
        "exp(-d²/(2σ²)).": lambda X, Y, sigma: mmd2(X, Y, sigma / np.sqrt(2)),
        "You used the bandwidth as γ, exp(-σ d²). A larger σ must make the kernel wider: γ = "
        "1/(2σ²).": lambda X, Y, sigma: mmd2(X, Y, np.sqrt(0.5 / sigma)),
        "Your kernel uses the distance, not its square.": _mmd(
            lambda K: (K.sum() - np.trace(K)) / (len(K) * (len(K) - 1)), _not_squared
        ),
        "That is the MMD, the root. The squared MMD is asked for: its estimate can be negative, "
        "and then there is no root.": lambda X, Y, sigma: np.sqrt(max(0.0, mmd2(X, Y, sigma))),
    },
    probes=[Probe("mmd2", on(*_two_samples()), tolerance=1e-8)],
    hints=(
        "Three averages of kernel values: within X, within Y, across. Which pairs count?",
        "All squared distances at once: ((X[:, None] - Y[None]) ** 2).sum(-1).",
        "Within X: (K.sum() - np.trace(K)) / (n * (n - 1)). Across: plain mean. Add, add, and "
        "subtract twice.",
    ),
)

# -- q3: the permutation p-value ------------------------------------------------------------------

NULL = np.round(np.random.default_rng(3).normal(size=199), 1)


def p_value(observed, null):
    """Return the share of all labelings, the observed one included, that reach the observed."""
    return (1 + np.sum(null >= observed)) / (1 + len(null))


q3 = Exercise(
    "q3",
    "Write p_value(observed, null) for a permutation test; null holds B permuted values.",
    p_value,
    mistakes={
        "You left out the observed labeling itself. It is one of the relabelings: add 1 above and "
        "below, or p can be zero, which no finite experiment "
        "supports.": lambda o, null: np.mean(null >= o),
        "Ties count: a permuted value equal to the observed one is at least as large (>=, not "
        ">).": lambda o, null: (1 + np.sum(null > o)) / (1 + len(null)),
        "That is the share of smaller values. A small p must mean: hardly any relabeling reaches "
        "what was observed.": lambda o, null: (1 + np.sum(null <= o)) / (1 + len(null)),
        "You took absolute values. The MMD is one-sided: only large values speak against P = Q, "
        "negative ones are noise.": lambda o, null: p_value(abs(o), np.abs(null)),
        "Add 1 below the line too: there are B + 1 labelings in all.": lambda o, null: (
            (1 + np.sum(null >= o)) / len(null)
        ),
    },
    probes=[
        Probe("the p-value", on(1.2, NULL), tolerance=1e-9),
        Probe("the p-value of an extreme statistic", on(9.0, NULL), tolerance=1e-9),
    ],
    hints=(
        "If P = Q, the observed labeling is just one of B + 1 equally likely ones.",
        "Count how many of these B + 1 have a statistic at least as large as the observed one.",
        "(1 + np.sum(null >= observed)) / (1 + len(null))",
    ),
)

# -- q4: which ruler notices which change ---------------------------------------------------------

RULERS = ("mean-only", "gaussian", "coral", "a-linear")
REASONS: dict[str, dict[str, str]] = {
    "mean moves": {
        "mean-only": "the distance of the means is all it looks at, and the means moved.",
        "gaussian": "a Gaussian kernel notices every change of the distribution.",
        "coral": "CORAL compares covariances, and a pure shift leaves them as they are.",
        "a-linear": "a plane between two shifted clouds does better than a coin.",
    },
    "spread doubles": {
        "mean-only": "both means are where they were.",
        "gaussian": "a Gaussian kernel notices every change of the distribution.",
        "coral": "the covariance is four times as large.",
        "a-linear": "the means agree, and then the best weights of a logistic regression are zero.",
    },
    "two bumps": {
        "mean-only": "both means are where they were.",
        "gaussian": "a Gaussian kernel notices every change, given enough data and a fitting "
        "bandwidth.",
        "coral": "the covariance was kept: CORAL sees second moments only.",
        "a-linear": "the means agree, so the best weights of a logistic regression are zero.",
    },
    "labels flip": dict.fromkeys(
        RULERS,
        "no ruler here looks at labels. P(X) is the same, so every distance between inputs is "
        "zero.",
    ),
}


q4 = subsets(
    "q4",
    "For each change: which rulers notice it, with endless data?",
    {
        "mean moves": {"mean-only", "gaussian", "a-linear"},
        "spread doubles": {"gaussian", "coral"},
        "two bumps": {"gaussian"},
        "labels flip": set(),
    },
    REASONS,
    hints=(
        "Write down what each ruler computes: means, all kernels, covariances, a plane.",
        "Three of the four are blind to something. Find for each the change that leaves its "
        "ingredients as they are; the widget shows three of the changes.",
        "None of the four ever looks at y.",
    ),
)
