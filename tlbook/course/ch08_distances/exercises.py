"""Exercises of chapter 08: KL by hand, the unbiased MMD, a p-value, which ruler sees what."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tlbook.course.exercises.checkers import number, subsets
from tlbook.course.exercises.core import Exercise, Wrong

# -- q1: KL divergence with zeros -----------------------------------------------------------------

P = np.array([0.6, 0.3, 0.1, 0.0])
Q = np.array([0.2, 0.3, 0.1, 0.4])


def kl(p: np.ndarray, q: np.ndarray) -> float:
    """Return KL(p || q) in nats; a term with p = 0 is zero, one with only q = 0 infinite."""
    seen = p > 0
    if (q[seen] == 0).any():
        return float("inf")
    return float(np.sum(p[seen] * np.log(p[seen] / q[seen])))


def _careless(p: np.ndarray, q: np.ndarray) -> float:
    with np.errstate(all="ignore"):
        return float(np.sum(p * np.log(p / q)))


def _without_outcomes(p: np.ndarray, q: np.ndarray) -> float:
    seen = (p > 0) & (q > 0)
    return float(np.sum(p[seen] * np.log(p[seen] / q[seen])))


def _check_kl(answer: Any) -> None:
    with np.errstate(all="ignore"):
        full = np.array([0.5, 0.25, 0.25]), np.array([0.2, 0.2, 0.6])
        right = kl(*full)
        number(
            answer(*full),
            right,
            what="kl",
            mistakes={
                "That is KL(q || p). The first distribution is the one that the sum averages "
                "over, and KL is not symmetric.": kl(*full[::-1]),
                "That is in bits. Use the natural logarithm: np.log, not np.log2.": right
                / np.log(2),
                "You forgot to weight the log ratios by p: a rare outcome must count less.": float(
                    np.sum(np.log(full[0] / full[1]))
                ),
            },
        )
        if np.isnan(float(answer(P, Q))):
            raise Wrong(
                "An outcome with p = 0 gave NaN. 0·log 0 counts as 0: sum only where p > 0."
            )
        number(answer(P, Q), kl(P, Q), what="kl with a zero in p")
        back = float(answer(Q, P))
        if not np.isinf(back):
            raise Wrong(
                "q rules out an outcome that p allows (q = 0, p > 0): the answer is infinite, but "
                f"you return {back:.3g}. Do not leave such an outcome out."
            )


q1 = Exercise(
    name="q1",
    question="Write kl(p, q), in nats, right also where p or q have zeros.",
    check=_check_kl,
    hints=(
        "Σ p log(p/q). Which outcomes can be left out of the sum without changing it?",
        "Keep only the outcomes with p > 0; among these, a q of zero makes the answer infinite.",
        "seen = p > 0, then np.sum(p[seen] * np.log(p[seen] / q[seen])): NumPy turns the "
        "division by zero into inf by itself, with a warning.",
    ),
    solution="""
    def answer(p, q):
        seen = p > 0
        if (q[seen] == 0).any():
            return np.inf
        return np.sum(p[seen] * np.log(p[seen] / q[seen]))
    """,
    reference=kl,
    wrong_answers={
        "reversed": (lambda p, q: kl(q, p), "KL(q || p)"),
        "bits": (lambda p, q: kl(p, q) / np.log(2), "in bits"),
        "not weighted": (
            lambda p, q: np.sum(np.log(p[p > 0] / q[p > 0])),
            "forgot to weight",
        ),
        "zero in p": (_careless, "0·log 0 counts as 0"),
        "zero in q left out": (_without_outcomes, "the answer is infinite"),
    },
    given=lambda: {"np": np},
)

# -- q2: the unbiased squared MMD -----------------------------------------------------------------


def _gram(X: np.ndarray, Y: np.ndarray, sigma: float) -> np.ndarray:
    return np.exp(-((X[:, None] - Y[None]) ** 2).sum(-1) / (2 * sigma**2))


def mmd2(X: np.ndarray, Y: np.ndarray, sigma: float, gram: Callable[..., Any] = _gram) -> float:
    """Return the unbiased squared MMD."""
    n, m = len(X), len(Y)
    xx, yy, xy = gram(X, X, sigma), gram(Y, Y, sigma), gram(X, Y, sigma)
    within_x = (xx.sum() - np.trace(xx)) / (n * (n - 1))
    within_y = (yy.sum() - np.trace(yy)) / (m * (m - 1))
    return float(within_x + within_y - 2 * xy.mean())


def _biased(X: np.ndarray, Y: np.ndarray, sigma: float) -> float:
    xx, yy, xy = _gram(X, X, sigma), _gram(Y, Y, sigma), _gram(X, Y, sigma)
    return float(xx.mean() + yy.mean() - 2 * xy.mean())


def _half_way(X: np.ndarray, Y: np.ndarray, sigma: float) -> float:
    n, m = len(X), len(Y)
    xx, yy, xy = _gram(X, X, sigma), _gram(Y, Y, sigma), _gram(X, Y, sigma)
    within_x = (xx.sum() - np.trace(xx)) / n**2
    within_y = (yy.sum() - np.trace(yy)) / m**2
    return float(within_x + within_y - 2 * xy.mean())


def _one_cross(X: np.ndarray, Y: np.ndarray, sigma: float) -> float:
    return mmd2(X, Y, sigma) + float(_gram(X, Y, sigma).mean())


def _without_two(X: np.ndarray, Y: np.ndarray, sigma: float) -> np.ndarray:
    return _gram(X, Y, sigma / np.sqrt(2))


def _as_gamma(X: np.ndarray, Y: np.ndarray, sigma: float) -> np.ndarray:
    return _gram(X, Y, np.sqrt(0.5 / sigma))


def _not_squared(X: np.ndarray, Y: np.ndarray, sigma: float) -> np.ndarray:
    return np.exp(-np.sqrt(((X[:, None] - Y[None]) ** 2).sum(-1)) / (2 * sigma**2))


def _root(X: np.ndarray, Y: np.ndarray, sigma: float) -> float:
    return float(np.sqrt(max(0.0, mmd2(X, Y, sigma))))


def _check_mmd2(answer: Any) -> None:
    rng = np.random.default_rng(8)
    X, Y, sigma = rng.normal(size=(12, 3)), rng.normal(1.0, 1.5, size=(9, 3)), 1.7
    number(
        answer(X, Y, sigma),
        mmd2(X, Y, sigma),
        tolerance=1e-8,
        what="mmd2",
        mistakes={
            "The diagonals are still in: each point is compared with itself, k(x, x) = 1. That is "
            "the biased estimate.": _biased(X, Y, sigma),
            "You dropped the diagonals but still divide by n² and m². Without them only n(n-1) "
            "and m(m-1) pairs are left.": _half_way(X, Y, sigma),
            "The cross term counts twice: - 2 · mean of k(x, y).": _one_cross(X, Y, sigma),
            "Your kernel is exp(-d²/σ²). The course's σ is that of the Gaussian: "
            "exp(-d²/(2σ²)).": mmd2(X, Y, sigma, _without_two),
            "You used the bandwidth as γ, exp(-σ d²). A larger σ must make the kernel wider: "
            "γ = 1/(2σ²).": mmd2(X, Y, sigma, _as_gamma),
            "Your kernel uses the distance, not its square.": mmd2(X, Y, sigma, _not_squared),
            "That is the MMD, the root. The squared MMD is asked for: its estimate can be "
            "negative, and then there is no root.": _root(X, Y, sigma),
        },
    )


q2 = Exercise(
    name="q2",
    question="Write mmd2(X, Y, sigma): the unbiased squared MMD with the Gaussian kernel.",
    check=_check_mmd2,
    hints=(
        "Three averages of kernel values: within X, within Y, across. Which pairs count?",
        "All squared distances at once: ((X[:, None] - Y[None]) ** 2).sum(-1).",
        "Within X: (K.sum() - np.trace(K)) / (n * (n - 1)). Across: plain mean. Add, add, and "
        "subtract twice.",
    ),
    solution="""
    def answer(X, Y, sigma):
        def k(A, B):
            return np.exp(-((A[:, None] - B[None]) ** 2).sum(-1) / (2 * sigma**2))

        def within(K):
            n = len(K)
            return (K.sum() - np.trace(K)) / (n * (n - 1))

        return within(k(X, X)) + within(k(Y, Y)) - 2 * k(X, Y).mean()
    """,
    reference=mmd2,
    wrong_answers={
        "biased": (_biased, "the biased estimate"),
        "divides by n²": (_half_way, "still divide by n²"),
        "cross term once": (_one_cross, "counts twice"),
        "no factor two": (lambda X, Y, s: mmd2(X, Y, s, _without_two), "exp(-d²/(2σ²))"),
        "sigma as gamma": (lambda X, Y, s: mmd2(X, Y, s, _as_gamma), "as γ"),
        "distance not squared": (lambda X, Y, s: mmd2(X, Y, s, _not_squared), "not its square"),
        "root": (_root, "the root"),
    },
    given=lambda: {"np": np},
)

# -- q3: the permutation p-value ------------------------------------------------------------------


def p_value(observed: float, null: np.ndarray) -> float:
    """Return (1 + number of permuted values >= observed) / (1 + number of permutations)."""
    return float((1 + np.sum(null >= observed)) / (1 + len(null)))


def _check_p_value(answer: Any) -> None:
    rng = np.random.default_rng(3)
    null = np.round(rng.normal(size=199), 1)
    observed = 1.2
    right = p_value(observed, null)
    share = float(np.mean(null >= observed))
    number(
        answer(observed, null),
        right,
        tolerance=1e-9,
        what="the p-value",
        mistakes={
            "You left out the observed labeling itself. It is one of the relabelings: add 1 above "
            "and below, or p can be zero, which no finite experiment supports.": share,
            "Ties count: a permuted value equal to the observed one is at least as large "
            "(>=, not >).": float((1 + np.sum(null > observed)) / (1 + len(null))),
            "That is the share of smaller values. A small p must mean: hardly any relabeling "
            "reaches what was observed.": float((1 + np.sum(null <= observed)) / (1 + len(null))),
            "You took absolute values. The MMD is one-sided: only large values speak against "
            "P = Q, negative ones are noise.": float(
                (1 + np.sum(np.abs(null) >= abs(observed))) / (1 + len(null))
            ),
            "Add 1 below the line too: there are B + 1 labelings in all.": float(
                (1 + np.sum(null >= observed)) / len(null)
            ),
        },
    )
    number(answer(9.0, null), 1 / 200, tolerance=1e-9, what="the p-value of an extreme statistic")


q3 = Exercise(
    name="q3",
    question="Write p_value(observed, null) for a permutation test; null holds B permuted values.",
    check=_check_p_value,
    hints=(
        "If P = Q, the observed labeling is just one of B + 1 equally likely ones.",
        "Count how many of these B + 1 have a statistic at least as large as the observed one.",
        "(1 + np.sum(null >= observed)) / (1 + len(null))",
    ),
    solution="""
    def answer(observed, null):
        return (1 + np.sum(null >= observed)) / (1 + len(null))
    """,
    reference=p_value,
    wrong_answers={
        "plain share": (lambda o, null: np.mean(null >= o), "left out the observed"),
        "no ties": (lambda o, null: (1 + np.sum(null > o)) / (1 + len(null)), "Ties count"),
        "wrong side": (
            lambda o, null: (1 + np.sum(null <= o)) / (1 + len(null)),
            "share of smaller",
        ),
        "two-sided": (
            lambda o, null: (1 + np.sum(np.abs(null) >= abs(o))) / (1 + len(null)),
            "absolute values",
        ),
        "one only above": (
            lambda o, null: (1 + np.sum(null >= o)) / len(null),
            "below the line too",
        ),
    },
    given=lambda: {"np": np},
)

# -- q4: which ruler notices which change ---------------------------------------------------------

RULERS = {"mean-only", "gaussian", "coral", "a-linear"}
NOTICED: dict[str, set[str]] = {
    "mean moves": {"mean-only", "gaussian", "a-linear"},
    "spread doubles": {"gaussian", "coral"},
    "two bumps": {"gaussian"},
    "labels flip": set(),
}
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
        sorted(RULERS),
        "no ruler here looks at labels. P(X) is the same, so every distance between inputs is "
        "zero.",
    ),
}


def _check_noticed(answer: Any) -> None:
    subsets(answer, NOTICED, REASONS)


q4 = Exercise(
    name="q4",
    question="For each change: which rulers notice it, with endless data?",
    check=_check_noticed,
    hints=(
        "Write down what each ruler computes: means, all kernels, covariances, a plane.",
        "Three of the four are blind to something. Find for each the change that leaves its "
        "ingredients as they are; the widget shows three of the changes.",
        "None of the four ever looks at y.",
    ),
    solution="""
    answer = {
        "mean moves": {"mean-only", "gaussian", "a-linear"},
        "spread doubles": {"gaussian", "coral"},
        "two bumps": {"gaussian"},
        "labels flip": set(),
    }
    """,
    reference=NOTICED,
    wrong_answers={
        "mean-only sees spread": (
            NOTICED | {"spread doubles": {"mean-only", "gaussian", "coral"}},
            "spread doubles: mean-only does not belong",
        ),
        "coral sees a shift": (
            NOTICED | {"mean moves": {"coral", *NOTICED["mean moves"]}},
            "mean moves: coral does not belong",
        ),
        "coral sees everything": (
            NOTICED | {"two bumps": {"gaussian", "coral"}},
            "two bumps: coral does not belong",
        ),
        "linear classifier sees spread": (
            NOTICED | {"spread doubles": {"gaussian", "coral", "a-linear"}},
            "spread doubles: a-linear does not belong",
        ),
        "gaussian sees labels": (
            NOTICED | {"labels flip": {"gaussian"}},
            "labels flip: gaussian does not belong",
        ),
        "classifier forgotten": (
            NOTICED | {"mean moves": {"mean-only", "gaussian"}},
            "Look again at a-linear",
        ),
        "a key missing": ({"mean moves": set()}, "The keys should be"),
    },
)
