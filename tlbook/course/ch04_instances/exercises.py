"""Exercises of chapter 04: effective rows, a weighted line, a projection, BBSE, when to weight."""

from __future__ import annotations

from typing import Any

import numpy as np

from tlbook.course.exercises.checkers import array, number
from tlbook.course.exercises.core import Exercise, Wrong

# -- q1: effective sample size ------------------------------------------------------------------


def ess(weights: Any) -> float:
    """Return (Σ w)² / Σ w²."""
    w = np.asarray(weights, dtype=float)
    return float(w.sum() ** 2 / (w**2).sum())


def _check_ess(answer: Any) -> None:
    for w in (np.array([3.0, 1.0, 1.0, 0.0, 0.5]), np.array([0.2, 0.2, 0.2, 5.0])):
        number(
            answer(w),
            ess(w),
            what=f"ess({w.tolist()})",
            mistakes={
                "That is Σw² / (Σw)²: the fraction is upside down.": 1 / ess(w),
                "You forgot the square on the sum: (Σw)² / Σw².": w.sum() / (w**2).sum(),
                "You divided by (Σw)², which always gives 1. Square each weight before the sum.": 1,
                "That counts the rows whose weight is not zero; a tiny weight counts little.": (
                    float((w > 0).sum())
                ),
                "That is the number of rows.": float(len(w)),
                "That is n / (1 + var(w)) with the variance of the raw weights: it holds only if "
                "their mean is 1.": len(w) / (1 + w.var()),
            },
        )


q1 = Exercise(
    "q1",
    "Write ess(weights): the effective sample size of an array of weights of any mean.",
    _check_ess,
    hints=(
        "Equal weights on n rows have to give n, all the weight on one row has to give 1.",
        "Divide the square of the sum by the sum of the squares.",
    ),
    solution="""
    def answer(weights):
        return weights.sum() ** 2 / (weights**2).sum()
    """,
    reference=ess,
    wrong_answers={
        "upside down": (lambda w: (w**2).sum() / w.sum() ** 2, "upside down"),
        "no square": (lambda w: w.sum() / (w**2).sum(), "forgot the square"),
        "always one": (lambda w: 1.0, "always gives 1"),
        "counts": (lambda w: np.count_nonzero(w), "counts the rows"),
        "all rows": (lambda w: len(w), "That is the number of rows"),
        "mean not one": (lambda w: len(w) / (1 + w.var()), "only if"),
    },
)

# -- q2: a weighted line ------------------------------------------------------------------------


def weighted_line(x: Any, y: Any, w: Any) -> tuple[float, float]:
    """Return slope and offset that minimize Σ w (a x + b − y)²."""
    x, y, w = (np.asarray(v, dtype=float) for v in (x, y, w))
    A = np.stack([x, np.ones_like(x)], axis=1)
    slope, offset = np.linalg.solve(A.T @ (w[:, None] * A), A.T @ (w * y))
    return float(slope), float(offset)


def _squared_line(x: Any, y: Any, w: Any) -> Any:
    return weighted_line(x, y, np.asarray(w) ** 2)


def _scaled_line(x: Any, y: Any, w: Any) -> Any:
    """Multiply the data by the weights, intercept included in the wrong way."""
    return weighted_line(np.asarray(w) * x, np.asarray(w) * y, np.ones_like(w))


def _through_zero(x: Any, y: Any, w: Any) -> Any:
    return float((w * x) @ y / ((w * x) @ x)), 0.0


def _check_line(answer: Any) -> None:
    rng = np.random.default_rng(4)
    x = rng.normal(1, 1, 30)
    y, w = x**2 + rng.normal(size=30), rng.gamma(1, size=30)
    found = np.atleast_1d(np.asarray(answer(x, y, w), dtype=float))
    want = weighted_line(x, y, w)
    array(
        found,
        want,
        tolerance=1e-6,
        what="weighted_line(x, y, w)",
        mistakes={
            "The order is the other way round: slope first, then offset.": want[::-1],
            "These are the unweighted coefficients: w was not used.": weighted_line(
                x, y, np.ones(30)
            ),
            "The weights came in squared: np.polyfit, and lstsq on rows times w, square what they "
            "are given. Use the root of w there.": _squared_line(x, y, w),
            "You multiplied the data themselves by the weights: that moves the points. A weight "
            "says how often a point counts.": _scaled_line(x, y, w),
            "The line is forced through 0: the column of ones is missing.": _through_zero(x, y, w),
        },
    )


q2 = Exercise(
    "q2",
    "Write weighted_line(x, y, w): slope and offset of the line that minimizes Σ w (a x + b − y)².",
    _check_line,
    hints=(
        "Setting the derivative to zero gives (Aᵀ W A) θ = Aᵀ W y with the columns x and 1 in A.",
        "`w[:, None] * A` multiplies every row by its weight. np.linalg.solve does the rest.",
        "np.polyfit(x, y, 1, w=...) works too, but it squares the weights it is given.",
    ),
    solution="""
    import numpy as np

    def answer(x, y, w):
        A = np.stack([x, np.ones_like(x)], axis=1)
        return np.linalg.solve(A.T @ (w[:, None] * A), A.T @ (w * y))
    """,
    reference=weighted_line,
    wrong_answers={
        "other order": (lambda x, y, w: weighted_line(x, y, w)[::-1], "slope first"),
        "unweighted": (lambda x, y, w: weighted_line(x, y, np.ones_like(w)), "unweighted"),
        "squared": (_squared_line, "came in squared"),
        "data moved": (_scaled_line, "moves the points"),
        "through zero": (_through_zero, "column of ones"),
    },
)

# -- q3: the projection of KMM ------------------------------------------------------------------


def project(v: Any, upper: float) -> np.ndarray:
    """Return the nearest w with 0 ≤ w ≤ upper and mean 1."""
    from tlbook.instances._box_slab import project_box_slab

    v = np.asarray(v, dtype=float)
    return project_box_slab(v, upper, float(len(v)), float(len(v)))


def _clip_only(v: Any, upper: float) -> Any:
    return np.clip(v, 0, upper)


def _clip_and_scale(v: Any, upper: float) -> Any:
    w = np.clip(v, 0, upper)
    return w / w.mean()


def _shift_and_clip(v: Any, upper: float) -> Any:
    return np.clip(v - np.mean(v) + 1, 0, upper)


def _check_project(answer: Any) -> None:
    for v, upper in (
        (np.array([3.0, -1.0, 0.4, 0.2, 0.1]), 2.0),
        (np.array([-2.0, 5.0, 1.0, 1.5]), 1.8),
    ):
        w = np.asarray(answer(v.copy(), upper), dtype=float)
        array(
            w,
            project(v, upper),
            tolerance=1e-4,
            what=f"project({v.tolist()}, {upper})",
            mistakes={
                "Clipping alone does not give a mean of 1.": _clip_only(v, upper),
                "Dividing by the mean after clipping breaks the bound again, or is not the nearest "
                "point: subtract a number before clipping instead.": _clip_and_scale(v, upper),
                "You subtracted first and clipped then, once: clipping changes the mean again. "
                "Search for the number t for which the clipped vector has mean 1.": (
                    _shift_and_clip(v, upper)
                ),
                "Every vector went to all ones. That is in the set, but seldom nearest.": (
                    np.ones_like(v)
                ),
            },
        )


q3 = Exercise(
    "q3",
    "Write project(v, upper): the vector nearest to v with all entries in [0, upper] and mean 1 "
    "(to 1e-4).",
    _check_project,
    hints=(
        "The answer has the form np.clip(v - t, 0, upper) for one number t.",
        "The mean of np.clip(v - t, 0, upper) falls as t grows: find t by bisection.",
        "Start with low = v.min() - upper (mean is upper) and high = v.max() (mean is 0); halve "
        "60 times.",
    ),
    solution="""
    import numpy as np

    def answer(v, upper):
        low, high = v.min() - upper, v.max()
        for _ in range(60):
            t = (low + high) / 2
            if np.clip(v - t, 0, upper).mean() > 1:
                low = t
            else:
                high = t
        return np.clip(v - t, 0, upper)
    """,
    reference=project,
    wrong_answers={
        "clip": (_clip_only, "Clipping alone"),
        "clip and scale": (_clip_and_scale, "Dividing by the mean"),
        "shift once": (_shift_and_clip, "clipping changes the mean again"),
        "ones": (lambda v, upper: np.ones_like(v), "all ones"),
    },
)

# -- q4: the class mix from answers -----------------------------------------------------------


def class_mix(confusion: Any, answers: Any) -> np.ndarray:
    """Return q with ``confusion @ q = answers``; confusion[i, j] = P(answer i | class j)."""
    return np.linalg.solve(np.asarray(confusion, dtype=float), np.asarray(answers, dtype=float))


def _check_mix(answer: Any) -> None:
    C = np.array([[0.8, 0.2, 0.1], [0.15, 0.7, 0.2], [0.05, 0.1, 0.7]])
    q = np.array([0.1, 0.3, 0.6])
    mu = C @ q
    array(
        answer(C, mu),
        q,
        what="class_mix(confusion, answers)",
        mistakes={
            "That is how often each answer is given. It counts the mistakes in: undo them with the "
            "confusion matrix.": mu,
            "You multiplied by the confusion matrix: that mixes the mistakes in once more. Solve "
            "instead.": C @ mu,
            "You used the transposed matrix. Column j holds the answers to class j.": (
                np.linalg.solve(C.T, mu)
            ),
            "You multiplied by the transposed matrix, as if it were the inverse. Solve the linear "
            "system.": C.T @ mu,
        },
    )


q4 = Exercise(
    "q4",
    "Write class_mix(confusion, answers): confusion[i, j] = P(answer = i | y = j) on held-out "
    "source rows, answers[i] the share of target rows answered i. Return the target's class mix.",
    _check_mix,
    hints=(
        "Under label shift P(answer | y) is the same in both domains. So "
        "answers[i] = Σ_j confusion[i, j] q[j].",
        "That is a linear system for q: np.linalg.solve.",
    ),
    solution="""
    import numpy as np

    def answer(confusion, answers):
        return np.linalg.solve(confusion, answers)
    """,
    reference=class_mix,
    wrong_answers={
        "answers": (lambda C, mu: mu, "how often each answer"),
        "multiplied": (lambda C, mu: C @ mu, "once more"),
        "transposed": (lambda C, mu: np.linalg.solve(C.T, mu), "used the transposed"),
        "inverse": (lambda C, mu: C.T @ mu, "as if it were the inverse"),
    },
)

# -- q5: when does weighting work? --------------------------------------------------------------

OPTIONS = ("weight", "class weights", "not needed", "no cure here")
RIGHT = {
    "older patients": "weight",
    "rare disease": "class weights",
    "flexible model": "not needed",
    "other continent": "no cure here",
    "new meaning": "no cure here",
}
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


def _check_cases(answer: Any) -> None:
    if not isinstance(answer, dict) or set(answer) != set(RIGHT):
        raise Wrong(f"Answer with a dict that has these keys: {', '.join(map(repr, RIGHT))}.")
    for story, right in RIGHT.items():
        given = str(answer[story]).strip().lower()
        if given not in OPTIONS:
            raise Wrong(f"{answer[story]!r} is none of the options {', '.join(OPTIONS)}.")
        if given != right:
            raise Wrong(f"{story}: not {given!r}. {REASONS[(story, given)]}")


q5 = Exercise(
    "q5",
    'Decide for each story: "weight" (importance weights by inputs), "class weights" (label-shift '
    'correction), "not needed", or "no cure here" (neither can work).',
    _check_cases,
    hints=(
        "Ask three questions: did P(Y|X) stay? Do source and target overlap? Is the model too "
        "simple for the whole range?",
        "Weights by inputs want three times yes. Where P(X|Y) stayed and P(Y) moved, it is label "
        "shift.",
    ),
    solution=f"answer = {RIGHT!r}",
    reference=RIGHT,
    wrong_answers={
        "weights cure label shift": (RIGHT | {"rare disease": "weight"}, "keep the source's"),
        "weights always": (RIGHT | {"flexible model": "weight"}, "throw effective rows away"),
        "weights reach anywhere": (RIGHT | {"other continent": "weight"}, "gains weight"),
        "weights change labels": (RIGHT | {"new meaning": "weight"}, "stay as wrong"),
        "age is a class": (RIGHT | {"older patients": "class weights"}, "selected by age"),
        "a key is missing": ({"rare disease": "weight"}, "has these keys"),
    },
)
