"""Exercises of chapter 07: profiles, soft targets, similarities, analogy, a verdict."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.special import log_softmax, softmax

from tlbook.course.exercises.checkers import array, choice, number, subset
from tlbook.course.exercises.core import Exercise, Wrong

# -- q1: profiles ---------------------------------------------------------------------------------


def profiles(logits: Any, y: Any, temperature: float) -> np.ndarray:
    """Return the mean softened answer of each class, shape (classes, known classes)."""
    P = softmax(np.asarray(logits) / temperature, axis=1)
    return np.stack([P[np.asarray(y) == c].mean(axis=0) for c in range(int(np.max(y)) + 1)])


def _check_profiles(answer: Any) -> None:
    rng = np.random.default_rng(7)
    L, y, T = 3 * rng.normal(size=(12, 5)), np.arange(12) % 3, 2.0
    groups = [L[y == c] for c in range(3)]
    votes = np.stack([np.eye(5)[g.argmax(1)].mean(0) for g in groups])
    array(
        answer(L, y, T),
        profiles(L, y, T),
        what="profiles(logits, y, temperature)",
        mistakes={
            "You multiplied by the temperature: dividing is what makes the answers softer.": (
                profiles(L * T * T, y, T)
            ),
            "The temperature is missing.": profiles(L, y, 1.0),
            "You averaged the logits and then took the softmax. Average the probabilities: one "
            "very sure picture should not outvote the others.": (
                np.stack([softmax(g.mean(0) / T) for g in groups])
            ),
            "You counted the winners. The probabilities of the losers are the knowledge here.": (
                votes
            ),
            "The softmax runs over the pictures. Each picture's answers have to sum to 1: "
            "axis=1.": (np.stack([softmax(L / T, axis=0)[y == c].mean(0) for c in range(3)])),
            "You summed over the pictures of a class: take the mean, so that rows sum to 1.": (
                4 * profiles(L, y, T)
            ),
        },
    )


q1 = Exercise(
    "q1",
    "Write profiles(logits, y, temperature): logits of shape (n, known classes), labels y of new "
    "classes 0 … K − 1; return the (K, known) matrix of mean softened answers.",
    _check_profiles,
    hints=(
        "Three steps: divide by the temperature, softmax over each row, mean over each class.",
        "`scipy.special.softmax(logits / temperature, axis=1)`",
        "`np.stack([P[y == c].mean(axis=0) for c in range(y.max() + 1)])`",
    ),
    solution="""
    from scipy.special import softmax

    def answer(logits, y, temperature):
        P = softmax(logits / temperature, axis=1)
        return np.stack([P[y == c].mean(axis=0) for c in range(y.max() + 1)])
    """,
    reference=profiles,
    wrong_answers={
        "multiplied": (lambda L, y, T: profiles(L * T * T, y, T), "makes the answers softer"),
        "no temperature": (lambda L, y, T: profiles(L, y, 1.0), "temperature is missing"),
        "mean of logits": (
            lambda L, y, T: np.stack([softmax(L[y == c].mean(0) / T) for c in range(3)]),
            "averaged the logits",
        ),
        "votes": (
            lambda L, y, T: np.stack([np.eye(5)[L[y == c].argmax(1)].mean(0) for c in range(3)]),
            "counted the winners",
        ),
        "axis": (
            lambda L, y, T: np.stack([softmax(L / T, axis=0)[y == c].mean(0) for c in range(3)]),
            "over the pictures",
        ),
        "sum": (lambda L, y, T: 4 * profiles(L, y, T), "take the mean"),
        "transposed": (lambda L, y, T: profiles(L, y, T).T, "transposed"),
    },
    given=lambda: {"np": np},
)

# -- q2: the soft-target loss ---------------------------------------------------------------------


def soft_loss(logits: Any, y: Any, R: Any, epsilon: float) -> float:
    """Return the mean cross-entropy against (1 − ε) one-hot + ε R[y]."""
    T = (1 - epsilon) * np.eye(len(R))[y] + epsilon * np.asarray(R)[y]
    return float(-(T * log_softmax(logits, axis=1)).sum(axis=1).mean())


def _check_soft_loss(answer: Any) -> None:
    rng = np.random.default_rng(8)
    R = rng.dirichlet(np.ones(4), size=4)
    L, y, e = rng.normal(size=(6, 4)), np.array([0, 1, 2, 3, 1, 1]), 0.3
    uniform = np.full((4, 4), 0.25)
    T = (1 - e) * np.eye(4)[y] + e * R[y]
    number(
        answer(L, y, R, e),
        soft_loss(L, y, R, e),
        what="soft_loss(logits, y, R, epsilon)",
        mistakes={
            "You took columns of R: row c belongs to label c, so R[y].": soft_loss(L, y, R.T, e),
            "ε and 1 − ε are swapped: ε is the share of the relation.": soft_loss(L, y, R, 1 - e),
            "That is the sum over the pictures; take the mean.": 6 * soft_loss(L, y, R, e),
            "That is the mean over pictures *and* classes: sum over the classes first.": (
                soft_loss(L, y, R, e) / 4
            ),
            "That is uniform label smoothing: R is not used.": soft_loss(L, y, uniform, e),
            "That is the plain cross-entropy: the relation is missing.": soft_loss(L, y, R, 0.0),
            "The sign is missing: log-probabilities are negative, a loss is not.": (
                -soft_loss(L, y, R, e)
            ),
            "You took probabilities where the log-probabilities belong.": float(
                -(T * softmax(L, axis=1)).sum(1).mean()
            ),
        },
    )


q2 = Exercise(
    "q2",
    "Write soft_loss(logits, y, R, epsilon): the mean cross-entropy against "
    "(1 − ε)·onehot + ε·R[y], in NumPy.",
    _check_soft_loss,
    hints=(
        "First the targets: a matrix (n, K) whose row i mixes np.eye(K)[y[i]] and R[y[i]].",
        "`scipy.special.log_softmax(logits, axis=1)` gives log-probabilities.",
        "Minus the sum over classes of target times log-probability, then the mean over pictures.",
    ),
    solution="""
    from scipy.special import log_softmax

    def answer(logits, y, R, epsilon):
        T = (1 - epsilon) * np.eye(len(R))[y] + epsilon * R[y]
        return -(T * log_softmax(logits, axis=1)).sum(axis=1).mean()
    """,
    reference=soft_loss,
    wrong_answers={
        "columns": (lambda L, y, R, e: soft_loss(L, y, R.T, e), "columns of R"),
        "swapped": (lambda L, y, R, e: soft_loss(L, y, R, 1 - e), "are swapped"),
        "sum": (lambda L, y, R, e: len(y) * soft_loss(L, y, R, e), "take the mean"),
        "mean of all": (lambda L, y, R, e: soft_loss(L, y, R, e) / 4, "sum over the classes"),
        "uniform": (lambda L, y, R, e: soft_loss(L, y, np.full((4, 4), 0.25), e), "uniform"),
        "plain": (lambda L, y, R, e: soft_loss(L, y, R, 0.0), "plain cross-entropy"),
        "sign": (lambda L, y, R, e: -soft_loss(L, y, R, e), "sign is missing"),
        "no log": (
            lambda L, y, R, e: float(
                -(((1 - e) * np.eye(4)[y] + e * R[y]) * softmax(L, axis=1)).sum(1).mean()
            ),
            "log-probabilities belong",
        ),
    },
    given=lambda: {"np": np},
)

# -- q3: what relational distillation does not see ------------------------------------------------

REASONS = {
    "rotate": "a rotation keeps every distance.",
    "mirror": "a reflection keeps every distance, too.",
    "shift": "all points move together; differences stay.",
    "scale": "all distances grow by one factor, and the loss divides by their mean.",
    "stretch one axis": "pairs that differ along this axis move apart, others do not: ratios "
    "change.",
    "add noise": "every distance changes in its own way.",
    "swap two pictures": "the set of distances is the same, but they belong to other pairs.",
    "apply a relu": "coordinates below 0 collapse, distances along them vanish.",
}
INVARIANT = {"rotate", "mirror", "shift", "scale"}


def _check_invariant(answer: Any) -> None:
    subset(answer, INVARIANT, REASONS)


q3 = Exercise(
    "q3",
    "The distance loss of relational distillation is 0. To which of these can you subject the "
    "student's embeddings so that it stays 0, whatever they are? Options: "
    + ", ".join(REASONS)
    + ".",
    _check_invariant,
    hints=(
        "The loss sees distances between pictures, divided by their mean.",
        "Try it: `rkd_distance(change(z), z)` for a random z.",
        "Four of the eight are similarities: figures that a photocopier could make.",
    ),
    solution="""
    answer = {"rotate", "mirror", "shift", "scale"}
    """,
    reference=INVARIANT,
    wrong_answers={
        "no scale": (INVARIANT - {"scale"}, "divides by their mean"),
        "no mirror": (INVARIANT - {"mirror"}, "reflection keeps"),
        "stretch": (INVARIANT | {"stretch one axis"}, "ratios change"),
        "swap": (INVARIANT | {"swap two pictures"}, "belong to other pairs"),
        "relu": (INVARIANT | {"apply a relu"}, "collapse"),
        "text": ("rotate", "set such as"),
    },
)

# -- q4: analogy ----------------------------------------------------------------------------------


def solve(V: Any, a: int, b: int, c: int) -> int:
    """Return the row of V that is to c as b is to a by 3CosAdd, inputs excluded."""
    U = np.asarray(V) / np.linalg.norm(V, axis=1, keepdims=True)
    score = U @ (U[b] - U[a] + U[c])
    score[[a, b, c]] = -np.inf
    return int(score.argmax())


def _free(V: Any, a: int, b: int, c: int) -> int:
    U = np.asarray(V) / np.linalg.norm(V, axis=1, keepdims=True)
    return int((U @ (U[b] - U[a] + U[c])).argmax())


def _nearest(V: Any, a: int, b: int, c: int) -> int:
    U = np.asarray(V) / np.linalg.norm(V, axis=1, keepdims=True)
    score = U @ U[c]
    score[[a, b, c]] = -np.inf
    return int(score.argmax())


def _raw(V: Any, a: int, b: int, c: int) -> int:
    V = np.asarray(V)
    score = V @ (V[b] - V[a] + V[c])
    score[[a, b, c]] = -np.inf
    return int(score.argmax())


def _check_solve(answer: Any) -> None:
    rng = np.random.default_rng(9)
    V = rng.normal(size=(30, 3)) * rng.uniform(0.3, 3, size=(30, 1))
    asked = [tuple(int(i) for i in rng.choice(30, 3, replace=False)) for _ in range(40)]
    given = [answer(V.copy(), *q) for q in asked]
    if not all(isinstance(g, (int, np.integer)) and not isinstance(g, bool) for g in given):
        raise Wrong(f"solve should return one row number, not {type(given[0]).__name__}.")
    if [int(g) for g in given] == [solve(V, *q) for q in asked]:
        return
    for function, message in (
        (_free, "You allow a, b and c as answers. The usual test excludes them (and then the "
         "nearest to c has to be reported beside it)."),
        (_nearest, "That is the nearest to c: the control, without any offset."),
        (_raw, "The rows are not normalized: with 3CosAdd every vector has length 1 first."),
        (lambda V, a, b, c: solve(V, b, a, c), "The offset is the wrong way round: from a to b, "
         "so b − a."),
    ):  # fmt: skip
        if [int(g) for g in given] == [function(V, *q) for q in asked]:
            raise Wrong(message)
    right = sum(int(g) == solve(V, *q) for g, q in zip(given, asked, strict=True))
    raise Wrong(f"{right} of 40 answers agree. The score is cos(v, b) − cos(v, a) + cos(v, c).")


q4 = Exercise(
    "q4",
    "Write solve(V, a, b, c): rows a, b, c of V are given; return the number of the row that "
    "maximizes cos(v, b) − cos(v, a) + cos(v, c), the rows a, b and c excluded.",
    _check_solve,
    hints=(
        "Divide each row of V by its length; then cosines are dot products.",
        "`score = U @ (U[b] - U[a] + U[c])`",
        "Set score[[a, b, c]] to −∞ before the argmax.",
    ),
    solution="""
    def answer(V, a, b, c):
        U = V / np.linalg.norm(V, axis=1, keepdims=True)
        score = U @ (U[b] - U[a] + U[c])
        score[[a, b, c]] = -np.inf
        return int(score.argmax())
    """,
    reference=solve,
    wrong_answers={
        "inputs allowed": (_free, "allow a, b and c"),
        "nearest": (_nearest, "the control"),
        "not normalized": (_raw, "not normalized"),
        "wrong way": (lambda V, a, b, c: solve(V, b, a, c), "wrong way round"),
        "random": (lambda V, a, b, c: 0, "answers agree"),
        "a vector": (lambda V, a, b, c: V[a], "one row number"),
    },
    given=lambda: {"np": np},
)

# -- q5: a verdict --------------------------------------------------------------------------------

q5 = Exercise(
    "q5",
    "Five labels per class. A colleague's relation names 16 of the 50 labeled pictures by itself "
    "(a meaningless one 5, p < 0.001). Held-out labels: 33 right with it, 38 without, −0.3 nats "
    'per picture. What do you do? "use it", "leave it out", "permute it", or "more strength"?',
    lambda answer: choice(
        answer,
        "leave it out",
        {
            "use it": "The small p says only that the relation knows *something*. The labels know "
            "more, and the held-out ones are named worse with it than without.",
            "permute it": "A permuted relation is a control for an experiment; it knows nothing.",
            "more strength": "What hurts at this strength hurts more at a larger one. The held-out "
            "labels speak against it.",
        },
    ),
    hints=(
        "There are two questions: does it know anything, and does it know more than the labels?",
        "Which of the two numbers compares with what you would do otherwise?",
    ),
    solution="""
    answer = "leave it out"
    """,
    reference="leave it out",
    wrong_answers={
        "use": ("use it", "knows *something*"),
        "permute": ("permute it", "control for an experiment"),
        "more": ("more strength", "hurts more"),
        "number": (3, "in quotes"),
    },
)
