"""Exercises of chapter 07: profiles, soft targets, similarities, analogy, a verdict."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.special import log_softmax, softmax

from tlbook.course.exercises.checkers import Probe, Wrong, filled, on
from tlbook.course.exercises.core import Exercise
from tlbook.course.exercises.quizzes import choice, subset

# -- q1: profiles ---------------------------------------------------------------------------------


def profiles_of(logits, y, temperature):
    """Return the mean softened answer of each class, shape (classes, known classes)."""
    P = softmax(logits / temperature, axis=1)
    return np.stack([P[y == c].mean(axis=0) for c in range(y.max() + 1)])


def _per_class(y: np.ndarray, mean: Callable[[np.ndarray], Any]) -> np.ndarray:
    return np.stack([mean(y == c) for c in range(y.max() + 1)])


q1 = Exercise(
    "q1",
    "Write profiles_of(logits, y, temperature): logits of shape (n, known classes), labels y of "
    "new classes 0 … K − 1; return the (K, known) matrix of mean softened answers.",
    profiles_of,
    mistakes={
        "You multiplied by the temperature: dividing is what makes the answers "
        "softer.": lambda L, y, T: profiles_of(L, y, 1 / T),
        "The temperature is missing.": lambda L, y, T: profiles_of(L, y, 1.0),
        "You averaged the logits and then took the softmax. Average the probabilities: one very "
        "sure picture should not outvote the others.": lambda L, y, T: _per_class(
            y, lambda mine: softmax(L[mine].mean(0) / T)
        ),
        "You counted the winners. The probabilities of the losers are the knowledge "
        "here.": lambda L, y, T: _per_class(
            y, lambda mine: np.eye(L.shape[1])[L[mine].argmax(1)].mean(0)
        ),
        "The softmax runs over the pictures. Each picture's answers have to sum to 1: "
        "axis=1.": lambda L, y, T: _per_class(y, lambda mine: softmax(L / T, axis=0)[mine].mean(0)),
        "You summed over the pictures of a class: take the mean, so that rows sum to "
        "1.": lambda L, y, T: _per_class(y, lambda mine: softmax(L / T, axis=1)[mine].sum(0)),
    },
    probes=[
        Probe(
            "profiles_of(logits, y, temperature)",
            on(3 * np.random.default_rng(7).normal(size=(12, 5)), np.arange(12) % 3, 2.0),
        )
    ],
    hints=(
        "Three steps: divide by the temperature, softmax over each row, mean over each class.",
        "`scipy.special.softmax(logits / temperature, axis=1)`",
        "`np.stack([P[y == c].mean(axis=0) for c in range(y.max() + 1)])`",
    ),
)

# -- q2: the soft-target loss ---------------------------------------------------------------------


def soft_loss(logits, y, R, epsilon):
    """Return the mean cross-entropy against (1 − ε) one-hot + ε R[y]."""
    T = (1 - epsilon) * np.eye(len(R))[y] + epsilon * R[y]
    return -(T * log_softmax(logits, axis=1)).sum(axis=1).mean()


def _without_log(logits: Any, y: Any, R: Any, epsilon: float) -> Any:
    T = (1 - epsilon) * np.eye(len(R))[y] + epsilon * R[y]
    return -(T * softmax(logits, axis=1)).sum(axis=1).mean()


def _six_pictures() -> tuple[Any, ...]:
    rng = np.random.default_rng(8)
    R = rng.dirichlet(np.ones(4), size=4)
    return rng.normal(size=(6, 4)), np.array([0, 1, 2, 3, 1, 1]), R, 0.3


q2 = Exercise(
    "q2",
    "Write soft_loss(logits, y, R, epsilon): the mean cross-entropy against "
    "(1 − ε)·onehot + ε·R[y], in NumPy.",
    soft_loss,
    mistakes={
        "You took columns of R: row c belongs to label c, so R[y].": lambda L, y, R, e: soft_loss(
            L, y, R.T, e
        ),
        "ε and 1 − ε are swapped: ε is the share of the relation.": lambda L, y, R, e: soft_loss(
            L, y, R, 1 - e
        ),
        "That is the sum over the pictures; take the mean.": lambda L, y, R, e: (
            len(y) * soft_loss(L, y, R, e)
        ),
        "That is the mean over pictures *and* classes: sum over the classes "
        "first.": lambda L, y, R, e: soft_loss(L, y, R, e) / len(R),
        "That is uniform label smoothing: R is not used.": lambda L, y, R, e: soft_loss(
            L, y, np.full_like(R, 1 / len(R)), e
        ),
        "That is the plain cross-entropy: the relation is missing.": lambda L, y, R, e: soft_loss(
            L, y, R, 0.0
        ),
        "The sign is missing: log-probabilities are negative, a loss is not.": lambda L, y, R, e: (
            -soft_loss(L, y, R, e)
        ),
        "You took probabilities where the log-probabilities belong.": _without_log,
    },
    probes=[Probe("soft_loss(logits, y, R, epsilon)", on(*_six_pictures()))],
    hints=(
        "First the targets: a matrix (n, K) whose row i mixes np.eye(K)[y[i]] and R[y[i]].",
        "`scipy.special.log_softmax(logits, axis=1)` gives log-probabilities.",
        "Minus the sum over classes of target times log-probability, then the mean over pictures.",
    ),
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

q3 = subset(
    "q3",
    "The distance loss of relational distillation is 0. To which of these can you subject the "
    "student's embeddings so that it stays 0, whatever they are? Options: "
    + ", ".join(REASONS)
    + ".",
    {"rotate", "mirror", "shift", "scale"},
    REASONS,
    hints=(
        "The loss sees distances between pictures, divided by their mean.",
        "Try it: `rkd_distance(change(z), z)` for a random z.",
        "Four of the eight are similarities: figures that a photocopier could make.",
    ),
)

# -- q4: analogy ----------------------------------------------------------------------------------


def solve(V, a, b, c):
    """Return the row of V that is to c as b is to a by 3CosAdd, inputs excluded."""
    U = V / np.linalg.norm(V, axis=1, keepdims=True)
    score = U @ (U[b] - U[a] + U[c])
    score[[a, b, c]] = -np.inf
    return int(score.argmax())


def _free(V: Any, a: int, b: int, c: int) -> int:
    U = V / np.linalg.norm(V, axis=1, keepdims=True)
    return int((U @ (U[b] - U[a] + U[c])).argmax())


def _nearest(V: Any, a: int, b: int, c: int) -> int:
    score = V @ V[c] / np.linalg.norm(V, axis=1)
    score[[a, b, c]] = -np.inf
    return int(score.argmax())


def _raw(V: Any, a: int, b: int, c: int) -> int:
    score = V @ (V[b] - V[a] + V[c])
    score[[a, b, c]] = -np.inf
    return int(score.argmax())


NO_ROW = "solve should return one row number, not {value}."


def _forty_answers(answer: Any) -> list[int]:
    rng = np.random.default_rng(9)
    V = rng.normal(size=(30, 3)) * rng.uniform(0.3, 3, size=(30, 1))
    given = [answer(V.copy(), *map(int, rng.choice(30, 3, replace=False))) for _ in range(40)]
    if not all(isinstance(g, (int, np.integer)) and not isinstance(g, bool) for g in given):
        raise Wrong(filled(NO_ROW, type(given[0]).__name__))
    return [int(g) for g in given]


q4 = Exercise(
    "q4",
    "Write solve(V, a, b, c): rows a, b, c of V are given; return the number of the row that "
    "maximizes cos(v, b) − cos(v, a) + cos(v, c), the rows a, b and c excluded.",
    solve,
    mistakes={
        "You allow a, b and c as answers. The usual test excludes them (and then the nearest to c "
        "has to be reported beside it).": _free,
        "That is the nearest to c: the control, without any offset.": _nearest,
        "The rows are not normalized: with 3CosAdd every vector has length 1 first.": _raw,
        "The offset is the wrong way round: from a to b, so b − a.": lambda V, a, b, c: solve(
            V, b, a, c
        ),
        NO_ROW: lambda V, a, b, c: V[a],
    },
    probes=[
        Probe(
            "solve",
            _forty_answers,
            otherwise=lambda given, want: (
                f"{np.sum(np.equal(given, want))} of 40 answers agree. The score is cos(v, b) − "
                "cos(v, a) + cos(v, c)."
            ),
        )
    ],
    hints=(
        "Divide each row of V by its length; then cosines are dot products.",
        "`score = U @ (U[b] - U[a] + U[c])`",
        "Set score[[a, b, c]] to −∞ before the argmax.",
    ),
)

# -- q5: a verdict --------------------------------------------------------------------------------

q5 = choice(
    "q5",
    "Five labels per class. A colleague's relation names 16 of the 50 labeled pictures by itself "
    "(a meaningless one 5, p < 0.001). Held-out labels: 33 right with it, 38 without, −0.3 nats "
    'per picture. What do you do? "use it", "leave it out", "permute it", or "more strength"?',
    "leave it out",
    {
        "use it": "The small p says only that the relation knows *something*. The labels know "
        "more, and the held-out ones are named worse with it than without.",
        "permute it": "A permuted relation is a control for an experiment; it knows nothing.",
        "more strength": "What hurts at this strength hurts more at a larger one. The held-out "
        "labels speak against it.",
    },
    hints=(
        "There are two questions: does it know anything, and does it know more than the labels?",
        "Which of the two numbers compares with what you would do otherwise?",
    ),
)
