"""Exercises of chapter 02: name the shift, move the classes, move the inputs, notice a concept."""

from __future__ import annotations

from typing import Any

import numpy as np

from tlbook.course.exercises.checkers import array
from tlbook.course.exercises.core import Exercise, Wrong

# -- q1: which factor changed? --------------------------------------------------------------------

FACTORS = ("covariate", "label", "concept", "task", "none")
RIGHT = {
    "new camera": "covariate",
    "flu season": "label",
    "slang": "concept",
    "letters to digits": "task",
    "cats and dogs": "none",
}
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
    ("cats and dogs", "covariate"): "Photographs of cats and of dogs differ, but by their label y. "
    "They are the two classes of one domain.",
    ("cats and dogs", "task"): "One task, one label space {cat, dog}: the photographs differ in y.",
}


def _check_factors(answer: Any) -> None:
    if not isinstance(answer, dict) or set(answer) != set(RIGHT):
        raise Wrong(f"Answer with a dict that has these keys: {', '.join(map(repr, RIGHT))}.")
    for story, right in RIGHT.items():
        given = str(answer[story]).strip().lower()
        if given not in FACTORS:
            raise Wrong(f"{answer[story]!r} is none of the options {', '.join(FACTORS)}.")
        if given != right:
            general = {
                "none": "Something did change here: compare the inputs, their labels, the classes.",
                "task": "The classes and what they mean stayed, so the label space is the same.",
            }.get(given, "Ask what stays: P(Y|X), P(X|Y), P(X), or the label space?")
            raise Wrong(f"{story}: not {given}. {REASONS.get((story, given), general)}")


q1 = Exercise(
    "q1",
    "Name for each story what differs between source and target: covariate, label, concept, "
    "task (another label space), or none.",
    _check_factors,
    hints=(
        "Ask of every story: would the same input get the same label in both domains?",
        "If yes, ask what caused the change: which inputs are looked at (covariate), or how often "
        "each class occurs while each class looks the same (label)?",
        "Two of the five are no shift between domains at all: in one the label space is new, in "
        "the other there is only one domain.",
    ),
    solution="""
    answer = {
        "new camera": "covariate",
        "flu season": "label",
        "slang": "concept",
        "letters to digits": "task",
        "cats and dogs": "none",
    }
    """,
    reference=RIGHT,
    wrong_answers={
        "cats are a domain": (RIGHT | {"cats and dogs": "covariate"}, "two classes of one domain"),
        "season moves the inputs": (RIGHT | {"flu season": "covariate"}, "definition of label"),
        "slang moves the inputs": (RIGHT | {"slang": "covariate"}, "what people mean by them"),
        "camera moves the meaning": (RIGHT | {"new camera": "concept"}, "whatever the camera"),
        "digits are a label shift": (RIGHT | {"letters to digits": "label"}, "set of classes"),
        "a key is missing": ({"slang": "concept"}, "has these keys"),
    },
)

# -- q2: the same class densities, another class mix ----------------------------------------------


def corrected(posterior: Any, p: Any, q: Any) -> np.ndarray:
    """Return ``Q(y|x) ∝ P(y|x) q(y) / p(y)`` for posteriors of shape (n, classes)."""
    tilted = np.asarray(posterior) * np.asarray(q) / np.asarray(p)
    return tilted / tilted.sum(axis=1, keepdims=True)


def _check_corrected(answer: Any) -> None:
    rng = np.random.default_rng(2)
    P = rng.dirichlet(np.ones(3), size=5)
    p, q = np.array([0.2, 0.3, 0.5]), np.array([0.6, 0.3, 0.1])
    tilted = P * q / p
    inverse, ignored = P * p / q, P * q
    array(
        answer(P, p, q),
        corrected(P, p, q),
        what="corrected(posterior, p, q)",
        mistakes={
            "The ratio is upside down: a class that became more frequent has to gain.": (
                inverse / inverse.sum(1, keepdims=True)
            ),
            "The rows do not sum to 1 any more: divide each row by its sum.": tilted,
            "You divided the columns by their sums; each row is one input's distribution.": (
                tilted / tilted.sum(0, keepdims=True)
            ),
            "You multiplied by q but left the old prior in: it is part of the posterior, divide "
            "by p.": ignored / ignored.sum(1, keepdims=True),
            "That is the old posterior: nothing moved.": P,
        },
    )


q2 = Exercise(
    "q2",
    "Write corrected(posterior, p, q): source posteriors of shape (n, classes), source and target "
    "class shares p and q of shape (classes,); return the target's posteriors under label shift.",
    _check_corrected,
    hints=(
        "Bayes: P(y|x) ∝ P(x|y) p(y). Under label shift P(x|y) stays, so Q(y|x) ∝ P(x|y) q(y).",
        "Together: Q(y|x) ∝ P(y|x) · q(y) / p(y). (n, k) times (k,) works column by column.",
        "Divide each row by its sum at the end: `.sum(axis=1, keepdims=True)`.",
    ),
    solution="""
    def answer(posterior, p, q):
        tilted = posterior * q / p
        return tilted / tilted.sum(axis=1, keepdims=True)
    """,
    reference=corrected,
    wrong_answers={
        "upside down": (lambda P, p, q: corrected(P, q, p), "upside down"),
        "not normalized": (lambda P, p, q: P * q / p, "do not sum to 1"),
        "wrong axis": (lambda P, p, q: (P * q / p) / (P * q / p).sum(0), "columns"),
        "prior left in": (
            lambda P, p, q: P * q / (P * q).sum(1, keepdims=True),
            "left the old prior in",
        ),
        "nothing": (lambda P, p, q: P, "nothing moved"),
    },
)

# -- q3: covariate shift of a table ---------------------------------------------------------------


def move_inputs(joint: Any, new_px: Any) -> np.ndarray:
    """Return ``Q(x, y) = Q(x) P(y|x)`` for a table P(x, y) of shape (inputs, classes)."""
    joint = np.asarray(joint, dtype=float)
    return np.asarray(new_px)[:, None] * joint / joint.sum(axis=1, keepdims=True)


def _check_move_inputs(answer: Any) -> None:
    joint = np.array([[0.30, 0.10], [0.10, 0.20], [0.05, 0.25]])
    new = np.array([0.2, 0.3, 0.5])
    plain = joint * new[:, None]
    mixed = new[:, None] * joint.sum(axis=0)
    array(
        answer(joint, new),
        move_inputs(joint, new),
        what="move_inputs(joint, new_px)",
        mistakes={
            "You multiplied by Q(x) but kept P(x) inside: divide each row by its sum first, that "
            "leaves P(y|x).": plain,
            "You multiplied by Q(x), kept P(x) inside and rescaled the whole table: then P(X) is "
            "not new_px. Divide each row by its own sum instead.": plain / plain.sum(),
            "That is Q(x) P(y): you made x and y independent. Keep P(y|x), row by row.": mixed,
            "Those are the conditional probabilities P(y|x): weight each row by Q(x).": (
                joint / joint.sum(1, keepdims=True)
            ),
        },
    )


q3 = Exercise(
    "q3",
    "Write move_inputs(joint, new_px): a table P(x, y) of shape (inputs, classes) and the new "
    "P(X) of shape (inputs,); return the table after a pure covariate shift.",
    _check_move_inputs,
    hints=(
        "Covariate shift keeps P(y|x). What do you get when you divide a row of the table by its "
        "sum?",
        "Q(x, y) = Q(x) · P(x, y) / P(x), with P(x) = joint.sum(axis=1, keepdims=True).",
    ),
    solution="""
    def answer(joint, new_px):
        conditional = joint / joint.sum(axis=1, keepdims=True)
        return new_px[:, None] * conditional
    """,
    reference=move_inputs,
    wrong_answers={
        "old P(X) left in": (lambda J, q: J * q[:, None], "kept P(x) inside: divide"),
        "rescaled": (lambda J, q: J * q[:, None] / (J * q[:, None]).sum(), "rescaled the whole"),
        "independent": (lambda J, q: q[:, None] * J.sum(0), "independent"),
        "conditional": (lambda J, q: J / J.sum(1, keepdims=True), "weight each row"),
        "transposed": (lambda J, q: move_inputs(J, q).T, "transposed"),
    },
)

# -- q4: how many target labels show a new concept? ---------------------------------------------


def labels_to_notice(right_before: float, right_after: float, risk: float = 0.05) -> int:
    """Return the smallest n at which some threshold errs in either world with at most ``risk``."""
    return _smallest(right_before, right_after, risk, 1)


def _smallest(a: float, b: float, risk: float, gap: int, both: bool = True) -> int:
    """Search n; ``gap`` and ``both`` make the typical mistakes."""
    from scipy.stats import binom

    for n in range(1, 2000):
        c = np.arange(n + 1)
        alarm = binom.cdf(c - gap, n, a) <= risk  # fewer than c right although nothing changed
        miss = binom.sf(c - 1, n, b) <= risk  # c or more right although the concept changed
        if (alarm & miss if both else miss & (c == n)).any():
            return n
    raise ValueError("labels: no n below 2,000 is enough")


def _check_notice(answer: Any) -> None:
    for before, after in ((0.9, 0.5), (0.9, 0.7)):
        n, want = answer(before, after), labels_to_notice(before, after)
        what = f"labels_to_notice({before}, {after})"
        if isinstance(n, bool) or not isinstance(n, (int, float, np.integer, np.floating)):
            raise Wrong(f"{what} should be one whole number of labels, not {n!r}.")
        if n == want:
            continue
        if n == _smallest(before, after, 0.05, 1, both=False):
            raise Wrong(
                "You ask only that a changed concept rarely gets every label right. A good "
                "classifier also errs now and then: the false alarms need a limit too."
            )
        if n == _smallest(before, after, 0.05, 0):
            raise Wrong(
                "The count c falls into both cases: alarm if fewer than c are right, no alarm if "
                "c or more are right."
            )
        if n == _smallest(before, after, 0.025, 1):
            raise Wrong("Each of the two risks may be 0.05; you halved them.")
        small = n < want
        raise Wrong(
            f"{what} is {n:g}; "
            + (
                "that is too few: no threshold keeps both risks within 0.05."
                if small
                else "fewer labels are enough: let n grow from 1 and try every threshold c."
            )
        )


q4 = Exercise(
    "q4",
    "A classifier was right with probability `before`; after a concept shift it would be right "
    "with probability `after`. You buy n target labels and raise the alarm when fewer than c are "
    "answered right. Write labels_to_notice(before, after): the smallest n for which some c keeps "
    "false alarms and misses both at 0.05 or less.",
    _check_notice,
    hints=(
        "The number of right answers is binomial. `from scipy.stats import binom`: "
        "binom.cdf(k, n, p) is the probability of at most k.",
        "False alarm: binom.cdf(c - 1, n, before). Miss: 1 - binom.cdf(c - 1, n, after).",
        "Loop n = 1, 2, …, and for each n over c = 0 … n; return the first n that works.",
    ),
    solution="""
    from scipy.stats import binom

    def answer(before, after):
        for n in range(1, 1000):
            for c in range(n + 1):
                false_alarm = binom.cdf(c - 1, n, before)
                miss = 1 - binom.cdf(c - 1, n, after)
                if false_alarm <= 0.05 and miss <= 0.05:
                    return n
    """,
    reference=labels_to_notice,
    wrong_answers={
        "misses only": (lambda a, b: _smallest(a, b, 0.05, 1, both=False), "false alarms need"),
        "c counted twice": (lambda a, b: _smallest(a, b, 0.05, 0), "falls into both cases"),
        "risks halved": (lambda a, b: _smallest(a, b, 0.025, 1), "you halved them"),
        "too few": (lambda a, b: 3, "that is too few"),
        "too many": (lambda a, b: 500, "fewer labels are enough"),
        "not a number": (lambda a, b: "ten", "one whole number"),
    },
)
