"""Exercises of chapter 02: name the shift, move the classes, move the inputs, notice a concept."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.stats import binom

from tlbook.course.exercises.checkers import Probe, on
from tlbook.course.exercises.core import Exercise
from tlbook.course.exercises.quizzes import matching

# -- q1: which factor changed? --------------------------------------------------------------------

REASONS = {
    ("new camera", "concept"): "The doctors give a lesion the same diagnosis whatever the camera: "
    "P(Y|X) stays. What moved is which inputs occur.",
    ("new camera", "label"): "As many lesions are malignant as before, so P(Y) did not move; the "
    "pixels did.",
    ("new camera", "task"): "The diagnoses to choose from are the same and mean the same.",
    ("flu season", "covariate"): "The inputs do occur in another mix, but because the classes do: "
    "each illness looks as before (P(X|Y) stays). That is the definition of label shift.",
    ("flu season", "concept"): "Each illness looks as before. P(Y|X) moves, but only as Bayes' "
    "rule makes it move with P(Y).",
    ("slang", "covariate"): "The sentences are the same; what people mean by them is not.",
    ("slang", "label"): "Whether praise became more frequent or not, the same sentence now has "
    "another label: P(Y|X) changed.",
    ("letters to digits", "label"): "Label shift changes how often the known classes occur. Here "
    "the set of classes is another one.",
    ("letters to digits", "covariate"): "The pictures changed too, but first of all there are "
    "answers now that the source never had: another label space.",
    ("second half", "covariate"): "The halves hold other photographs, but they are drawn from one "
    "distribution: shuffling saw to that.",
    ("second half", "task"): "Both halves have the same classes.",
    ("second half", "label"): "The halves are random: their class shares differ by chance only.",
    ("second half", "concept"): "A photograph keeps its label, whichever half it falls into.",
    ("", "none"): "Something did change here: compare the inputs, their labels, the classes.",
    ("", "task"): "The classes and what they mean stayed, so the label space is the same.",
    ("", ""): "Ask what stays: P(Y|X), P(X|Y), P(X), or the label space?",
}

q1 = matching(
    "q1",
    "Name for each story what differs between source and target: covariate, label, concept, "
    "task (another label space), or none.",
    {
        "new camera": "covariate",
        "flu season": "label",
        "slang": "concept",
        "letters to digits": "task",
        "second half": "none",
    },
    ("covariate", "label", "concept", "task", "none"),
    REASONS,
    hints=(
        "Ask of every story: would the same input get the same label in both domains?",
        "If yes, ask what caused the change: which inputs are looked at (covariate), or how often "
        "each class occurs while each class looks the same (label)?",
        "Two of the five are no shift between domains at all: in one the label space is new, in "
        "the other there is only one domain.",
    ),
)

# -- q2: the same class densities, another class mix ----------------------------------------------

POSTERIOR = np.random.default_rng(2).dirichlet(np.ones(3), size=5)


def corrected(posterior, p, q):
    """Return Q(y|x) ∝ P(y|x) q(y) / p(y), each row with the sum 1."""
    tilted = posterior * q / p
    return tilted / tilted.sum(axis=1, keepdims=True)


q2 = Exercise(
    "q2",
    "Write corrected(posterior, p, q): source posteriors of shape (n, classes), source and target "
    "class shares p and q of shape (classes,); return the target's posteriors under label shift.",
    corrected,
    mistakes={
        "The ratio is upside down: a class that became more frequent has to "
        "gain.": lambda P, p, q: corrected(P, q, p),
        "The rows do not sum to 1 any more: divide each row by its sum.": lambda P, p, q: P * q / p,
        "You divided the columns by their sums; each row is one input's "
        "distribution.": lambda P, p, q: (P * q / p) / (P * q / p).sum(0),
        "You multiplied by q but left the old prior in: it is part of the posterior, divide by "
        "p.": lambda P, p, q: P * q / (P * q).sum(1, keepdims=True),
        "That is the old posterior: nothing moved.": lambda P, p, q: P,
    },
    probes=[
        Probe(
            "corrected(posterior, p, q)",
            on(POSTERIOR, np.array([0.2, 0.3, 0.5]), np.array([0.6, 0.3, 0.1])),
        )
    ],
    hints=(
        "Bayes: P(y|x) ∝ P(x|y) p(y). Under label shift P(x|y) stays, so Q(y|x) ∝ P(x|y) q(y).",
        "Together: Q(y|x) ∝ P(y|x) · q(y) / p(y). (n, k) times (k,) works column by column.",
        "Divide each row by its sum at the end: `.sum(axis=1, keepdims=True)`.",
    ),
)

# -- q3: covariate shift of a table ---------------------------------------------------------------

JOINT = np.array([[0.30, 0.10], [0.10, 0.20], [0.05, 0.25]])


def move_inputs(joint, new_px):
    """Return Q(x, y) = Q(x) P(y|x) for a table P(x, y) of shape (inputs, classes)."""
    conditional = joint / joint.sum(axis=1, keepdims=True)
    return new_px[:, None] * conditional


q3 = Exercise(
    "q3",
    "Write move_inputs(joint, new_px): a table P(x, y) of shape (inputs, classes) and the new "
    "P(X) of shape (inputs,); return the table after a pure covariate shift.",
    move_inputs,
    mistakes={
        "You multiplied by Q(x) but kept P(x) inside: divide each row by its sum first, that "
        "leaves P(y|x).": lambda J, q: J * q[:, None],
        "You multiplied by Q(x), kept P(x) inside and rescaled the whole table: then P(X) is not "
        "new_px. Divide each row by its own sum instead.": lambda J, q: (
            J * q[:, None] / (J * q[:, None]).sum()
        ),
        "That is Q(x) P(y): you made x and y independent. Keep P(y|x), row by row.": lambda J, q: (
            q[:, None] * J.sum(0)
        ),
        "Those are the conditional probabilities P(y|x): weight each row by Q(x).": lambda J, q: (
            J / J.sum(1, keepdims=True)
        ),
    },
    probes=[Probe("move_inputs(joint, new_px)", on(JOINT, np.array([0.2, 0.3, 0.5])))],
    hints=(
        "Covariate shift keeps P(y|x). What do you get when you divide a row of the table by its "
        "sum?",
        "Q(x, y) = Q(x) · P(x, y) / P(x), with P(x) = joint.sum(axis=1, keepdims=True).",
    ),
)

# -- q4: how many target labels show a new concept? ---------------------------------------------


def labels_to_notice(before, after):
    """Return the smallest n at which some threshold c errs in either world at most 5 times in 100.

    The alarm is raised when fewer than c of the n answers are right.
    """
    for n in range(1, 1000):
        c = np.arange(n + 1)
        false_alarm = binom.cdf(c - 1, n, before)  # fewer than c right, although nothing changed
        miss = 1 - binom.cdf(c - 1, n, after)  # c or more right, although the concept changed
        if np.any((false_alarm <= 0.05) & (miss <= 0.05)):
            return n
    return float("inf")


def _smallest(a: float, b: float, risk: float = 0.05, gap: int = 1, both: bool = True) -> float:
    """Search n in a typical wrong way: another risk, c counted twice, or misses only."""
    for n in range(1, 2000):
        c = np.arange(n + 1)
        alarm, miss = binom.cdf(c - gap, n, a) <= risk, binom.sf(c - 1, n, b) <= risk
        if (alarm & miss if both else miss & (c == n)).any():
            return n
    return np.inf


def _notice(after: float) -> Probe:
    what = f"labels_to_notice(0.9, {after})"

    def otherwise(n: Any, want: int) -> str:
        if isinstance(n, bool) or not isinstance(n, (int, float, np.integer, np.floating)):
            return f"{what} should be one whole number of labels, not {n!r}."
        if n < want:
            return f"{what} is {n:g}; that is too few: no threshold keeps both risks within 0.05."
        return (
            f"{what} is {n:g}; fewer labels are enough: let n grow from 1 and try every "
            "threshold c."
        )

    return Probe(what, on(0.9, after), otherwise=otherwise)


q4 = Exercise(
    "q4",
    "A classifier was right with probability `before`; after a concept shift it would be right "
    "with probability `after`. You buy n target labels and raise the alarm when fewer than c are "
    "answered right. Write labels_to_notice(before, after): the smallest n for which some c keeps "
    "false alarms and misses both at 0.05 or less.",
    labels_to_notice,
    mistakes={
        "You ask only that a changed concept rarely gets every label right. A good classifier "
        "also errs now and then: the false alarms need a limit too.": lambda a, b: _smallest(
            a, b, both=False
        ),
        "The count c falls into both cases: alarm if fewer than c are right, no alarm if c or "
        "more are right.": lambda a, b: _smallest(a, b, gap=0),
        "Each of the two risks may be 0.05; you halved them.": lambda a, b: _smallest(
            a, b, risk=0.025
        ),
    },
    probes=[_notice(0.5), _notice(0.7)],
    hints=(
        "The number of right answers is binomial. `from scipy.stats import binom`: "
        "binom.cdf(k, n, p) is the probability of at most k.",
        "False alarm: binom.cdf(c - 1, n, before). Miss: 1 - binom.cdf(c - 1, n, after).",
        "Loop n = 1, 2, …, and for each n over c = 0 … n; return the first n that works.",
    ),
)
