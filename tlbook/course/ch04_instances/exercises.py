"""Exercises of chapter 04: effective rows, a weighted line, a projection, BBSE, when to weight."""

from __future__ import annotations

import numpy as np

from tlbook.course.exercises.checkers import Probe, on
from tlbook.course.exercises.core import Exercise
from tlbook.course.exercises.quizzes import matching

# -- q1: effective sample size ------------------------------------------------------------------


def ess(weights):
    """Return (Σ w)² / Σ w²."""
    return weights.sum() ** 2 / (weights**2).sum()


q1 = Exercise(
    "q1",
    "Write ess(weights): the effective sample size of an array of weights of any mean.",
    ess,
    mistakes={
        "That is Σw² / (Σw)²: the fraction is upside down.": lambda w: 1 / ess(w),
        "You forgot the square on the sum: (Σw)² / Σw².": lambda w: w.sum() / (w**2).sum(),
        "You divided by (Σw)², which always gives 1. Square each weight before the "
        "sum.": lambda w: 1.0,
        "That counts the rows whose weight is not zero; a tiny weight counts "
        "little.": np.count_nonzero,
        "That is the number of rows.": len,
        "That is n / (1 + var(w)) with the variance of the raw weights: it holds only if their "
        "mean is 1.": lambda w: len(w) / (1 + w.var()),
    },
    probes=[
        Probe(f"ess({weights})", on(np.array(weights)))
        for weights in ([3.0, 1.0, 1.0, 0.0, 0.5], [0.2, 0.2, 0.2, 5.0])
    ],
    hints=(
        "Equal weights on n rows have to give n, all the weight on one row has to give 1.",
        "Divide the square of the sum by the sum of the squares.",
    ),
)

# -- q2: a weighted line ------------------------------------------------------------------------


def weighted_line(x, y, w):
    """Return slope and offset that minimize Σ w (a x + b − y)²."""
    A = np.stack([x, np.ones_like(x)], axis=1)
    return np.linalg.solve(A.T @ (w[:, None] * A), A.T @ (w * y))


def _points() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(4)
    x = rng.normal(1, 1, 30)
    return x, x**2 + rng.normal(size=30), rng.gamma(1, size=30)


q2 = Exercise(
    "q2",
    "Write weighted_line(x, y, w): slope and offset of the line that minimizes Σ w (a x + b − y)².",
    weighted_line,
    mistakes={
        "The order is the other way round: slope first, then offset.": lambda x, y, w: (
            weighted_line(x, y, w)[::-1]
        ),
        "These are the unweighted coefficients: w was not used.": lambda x, y, w: weighted_line(
            x, y, np.ones_like(w)
        ),
        "The weights came in squared: np.polyfit, and lstsq on rows times w, square what they are "
        "given. Use the root of w there.": lambda x, y, w: weighted_line(x, y, w**2),
        "You multiplied the data themselves by the weights: that moves the points. A weight says "
        "how often a point counts.": lambda x, y, w: weighted_line(w * x, w * y, np.ones_like(w)),
        "The line is forced through 0: the column of ones is missing.": lambda x, y, w: (
            (w * x) @ y / ((w * x) @ x),
            0.0,
        ),
    },
    probes=[Probe("weighted_line(x, y, w)", on(*_points()))],
    hints=(
        "Setting the derivative to zero gives (Aᵀ W A) θ = Aᵀ W y with the columns x and 1 in A.",
        "`w[:, None] * A` multiplies every row by its weight. np.linalg.solve does the rest.",
        "np.polyfit(x, y, 1, w=...) works too, but it squares the weights it is given.",
    ),
)

# -- q3: the projection of KMM ------------------------------------------------------------------


def project(v, upper):
    """Return the nearest w with 0 ≤ w ≤ upper and mean 1: v − t, clipped, for the right t."""
    low, high = v.min() - upper, v.max()  # with the first t the mean is upper, with the last 0
    for _ in range(60):
        t = (low + high) / 2
        if np.clip(v - t, 0, upper).mean() > 1:
            low = t
        else:
            high = t
    return np.clip(v - t, 0, upper)


q3 = Exercise(
    "q3",
    "Write project(v, upper): the vector nearest to v with all entries in [0, upper] and mean 1 "
    "(to 1e-4).",
    project,
    mistakes={
        "Clipping alone does not give a mean of 1.": lambda v, upper: np.clip(v, 0, upper),
        "Dividing by the mean after clipping breaks the bound again, or is not the nearest point: "
        "subtract a number before clipping instead.": lambda v, upper: (
            np.clip(v, 0, upper) / np.clip(v, 0, upper).mean()
        ),
        "You subtracted first and clipped then, once: clipping changes the mean again. Search for "
        "the number t for which the clipped vector has mean 1.": lambda v, upper: np.clip(
            v - v.mean() + 1, 0, upper
        ),
        "Every vector went to all ones. That is in the set, but seldom nearest.": lambda v, _: (
            np.ones_like(v)
        ),
    },
    probes=[
        Probe(f"project({v}, {upper})", on(np.array(v), upper), tolerance=1e-4)
        for v, upper in (([3.0, -1.0, 0.4, 0.2, 0.1], 2.0), ([-2.0, 5.0, 1.0, 1.5], 1.8))
    ],
    hints=(
        "The answer has the form np.clip(v - t, 0, upper) for one number t.",
        "The mean of np.clip(v - t, 0, upper) falls as t grows: find t by bisection.",
        "Start with low = v.min() - upper (mean is upper) and high = v.max() (mean is 0); halve "
        "60 times.",
    ),
)

# -- q4: the class mix from answers -----------------------------------------------------------

CONFUSION = np.array([[0.8, 0.2, 0.1], [0.15, 0.7, 0.2], [0.05, 0.1, 0.7]])


def class_mix(confusion, answers):
    """Return q with confusion @ q = answers; confusion[i, j] = P(answer i | class j)."""
    return np.linalg.solve(confusion, answers)


q4 = Exercise(
    "q4",
    "Write class_mix(confusion, answers): confusion[i, j] = P(answer = i | y = j) on held-out "
    "source rows, answers[i] the share of target rows answered i. Return the target's class mix.",
    class_mix,
    mistakes={
        "That is how often each answer is given. It counts the mistakes in: undo them with the "
        "confusion matrix.": lambda C, mu: mu,
        "You multiplied by the confusion matrix: that mixes the mistakes in once more. Solve "
        "instead.": lambda C, mu: C @ mu,
        "You used the transposed matrix. Column j holds the answers to class j.": lambda C, mu: (
            np.linalg.solve(C.T, mu)
        ),
        "You multiplied by the transposed matrix, as if it were the inverse. Solve the linear "
        "system.": lambda C, mu: C.T @ mu,
    },
    probes=[
        Probe(
            "class_mix(confusion, answers)",
            on(CONFUSION, CONFUSION @ np.array([0.1, 0.3, 0.6])),
        )
    ],
    hints=(
        "Under label shift P(answer | y) is the same in both domains. So "
        "answers[i] = Σ_j confusion[i, j] q[j].",
        "That is a linear system for q: np.linalg.solve.",
    ),
)

# -- q5: when does weighting work? --------------------------------------------------------------

REASONS = {
    ("older patients", "class weights"): "The patients were selected by age, an input, not by "
    "their diagnosis: P(Y|X) stays and P(X) moves.",
    ("older patients", "not needed"): "The straight line is too simple for the whole range, so it "
    "matters where it is fitted.",
    ("older patients", "no cure here"): "The source has patients of every age the target has: "
    "there is overlap, so weights can work.",
    ("rare disease", "weight"): "Each class looks as before and its share moved: label shift. "
    "Weights by inputs keep the source's P(Y|X), which is wrong now.",
    ("rare disease", "not needed"): "Even the best classifier has to move its threshold when the "
    "class shares change.",
    ("rare disease", "no cure here"): "P(X|Y) stayed, so the new shares can be estimated from "
    "unlabeled rows: EM or BBSE.",
    ("flexible model", "weight"): "The model has the right form and learns P(Y|X) itself: weights "
    "would only throw effective rows away.",
    ("flexible model", "class weights"): "Nothing happened to the class shares given the inputs.",
    ("flexible model", "no cure here"): "The model is right wherever the source has rows, and "
    "source and target overlap: all is well as it is.",
    ("other continent", "weight"): "No source row lies where the target is: whatever you multiply "
    "by, nothing there gains weight.",
    ("other continent", "class weights"): "The inputs do not overlap; no class mix repairs that.",
    ("other continent", "not needed"): "Its line was fitted far from the target: there is a "
    "problem, only weights do not solve it.",
    ("new meaning", "weight"): "P(Y|X) itself changed. Weights move P(X); the labels of the rows "
    "stay as wrong as they are.",
    ("new meaning", "class weights"): "The classes mean something else now; this is concept shift.",
    ("new meaning", "not needed"): "Every model trained on the old meaning is wrong now.",
}

q5 = matching(
    "q5",
    'Decide for each story: "weight" (importance weights by inputs), "class weights" (label-shift '
    'correction), "not needed", or "no cure here" (neither can work).',
    {
        "older patients": "weight",
        "rare disease": "class weights",
        "flexible model": "not needed",
        "other continent": "no cure here",
        "new meaning": "no cure here",
    },
    ("weight", "class weights", "not needed", "no cure here"),
    REASONS,
    hints=(
        "Ask three questions: did P(Y|X) stay? Do source and target overlap? Is the model too "
        "simple for the whole range?",
        "Weights by inputs want three times yes. Where P(X|Y) stayed and P(Y) moved, it is label "
        "shift.",
    ),
    says="{key}: not '{option}'. {reason}",
)
