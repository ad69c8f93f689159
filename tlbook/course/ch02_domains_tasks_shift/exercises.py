"""Exercises of chapter 02: name the shift, change, repair, notice a concept, choose, read."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.stats import binom

from tlbook.course.exercises.checkers import Probe, Wrong, kind, number, on, same
from tlbook.course.exercises.core import Exercise
from tlbook.course.exercises.quizzes import choice, matching

# -- q1: which factor changed? --------------------------------------------------------------------

REASONS = {
    ("older patients", "concept"): "A spot that looks the same means the same: P(Y|X) stays.",
    ("older patients", "label"): "The share of malignant spots may move along. But the cause is "
    "which inputs come, and the same input keeps its label: P(Y|X) stays.",
    ("older patients", "mixed"): "P(Y|X) stays, and P(X) changes. That is one of the pure cases. "
    "P(Y) may move along.",
    ("flu season", "covariate"): "The inputs do occur in another mix, but because the classes do: "
    "each illness looks as before (P(X|Y) stays). That is the definition of label shift.",
    ("flu season", "concept"): "Each illness looks as before. P(Y|X) moves, but only as Bayes' "
    "rule makes it move with P(Y).",
    ("flu season", "mixed"): "P(X|Y) stays, and P(Y) changes. That is one of the pure cases.",
    ("slang", "covariate"): "The sentences are the same; what people mean by them is not.",
    ("slang", "label"): "Whether praise became more frequent or not, the same sentence now has "
    "another label: P(Y|X) changed.",
    ("slang", "mixed"): "The sentences are as frequent as before: P(X) stays, P(Y|X) changes.",
    ("new camera", "covariate"): "P(X) did move. But the blur hides details, so the same pixels "
    "no longer mean the same: P(Y|X) moved too. Imaging calls it acquisition shift.",
    ("new camera", "label"): "As many spots are malignant as before: P(Y) did not move.",
    ("new camera", "concept"): "P(Y|X) moved, but P(X) did not stay: the pictures are blurred.",
    ("letters to digits", "label"): "Label shift changes how often the known classes occur. Here "
    "the set of classes is another one.",
    ("letters to digits", "covariate"): "The pictures changed too, but first of all there are "
    "answers now that the source never had: another label space.",
    ("letters to digits", "mixed"): "The classes themselves are other ones: another label space.",
    ("second half", "covariate"): "The halves hold other photographs, but they are drawn from one "
    "distribution: shuffling saw to that.",
    ("second half", "task"): "Both halves have the same classes.",
    ("second half", "label"): "The halves are random: their class shares differ by chance only.",
    ("second half", "concept"): "A photograph keeps its label, whichever half it falls into.",
    ("second half", "mixed"): "Nothing changed but chance.",
    ("", "none"): "Something did change here: compare the inputs, their labels, the classes.",
    ("", "task"): "The classes and what they mean stayed, so the label space is the same.",
    ("", ""): "Ask what stays: P(Y|X), P(X|Y), P(X), or the label space?",
}

q1 = matching(
    "q1",
    "Name for each story what differs between source and target: covariate, label, concept, "
    "mixed (no pure shift), task (another label space), or none.",
    {
        "older patients": "covariate",
        "flu season": "label",
        "slang": "concept",
        "new camera": "mixed",
        "letters to digits": "task",
        "second half": "none",
    },
    ("covariate", "label", "concept", "mixed", "task", "none"),
    REASONS,
    hints=(
        "Ask of every story: would the same input get the same label in both domains?",
        "If yes, ask what caused the change: which inputs are looked at (covariate), or how often "
        "each class occurs while each class looks the same (label)?",
        "In one story a detail that decided is not visible any more: then P(X) and P(Y|X) move. "
        "In one the label space is new, and in one there is only one domain.",
    ),
)

# -- q2: change the experiment --------------------------------------------------------------------

LOSS, WINS = 11.0, 20
"""With 100 source points, seeds 0 to 19 (a test computes them again)."""
LOSS_TOLERANCE = 1.5

SLIPS = {
    "Give the loss in percentage points: 100 times the difference of the errors.": 0.11,
    "That is the loss with 1,000 source points. Fit to 100: fit_both(s, n=100).": 1.9,
    "That is the table's number, from 1,000 points. Fit to 100: fit_both(s, n=100).": 1.1,
    "That is the error. Subtract world.bayes_error, the error of the best possible rule.": 22.2,
    "That is the loss of the straight rule.": 32.2,
}
COUNT = "The mean is right. Count the seeds again in which the curved rule loses less."


def _check_small_source(answer: Any) -> None:
    if not isinstance(answer, (tuple, list)) or len(answer) != 2:
        raise Wrong(f"Give the mean loss and the number of seeds, not {kind(answer)}.")
    loss, wins = answer
    for message, slip in SLIPS.items():
        if isinstance(loss, (int, float)) and abs(loss - slip) < 0.1 * slip:
            raise Wrong(message)
    number(loss, LOSS, tolerance=LOSS_TOLERANCE, what="the mean loss in points")
    if not same(wins, WINS, 0.0):
        raise Wrong(COUNT)


q2 = Exercise(
    "q2",
    "Fit both rules to 100 source points with the seeds 0 to 19. What does the curved rule lose "
    "under covariate shift on average, in points, and in how many of the 20 seeds does it lose "
    "less than the straight rule?",
    (LOSS, WINS),
    mistakes={message: (slip, WINS) for message, slip in SLIPS.items()} | {COUNT: (LOSS, 10)},
    check=_check_small_source,
    hints=(
        "fit_both(s, n=100) gives both rules of a seed.",
        "The loss of a rule is world.error(rule.predict) - world.bayes_error, with "
        "world = ToyWorld(covariate=1).",
        "Make two lists over range(20), one for each rule, and compare them seed by seed.",
    ),
    because="Seeds 0 to 19; the mean may differ by some tenths on another machine.",
)

# -- q3: repair: the same class densities, another class mix --------------------------------------

POSTERIOR = np.random.default_rng(2).dirichlet(np.ones(3), size=5)


def corrected(posterior, p, q):
    """Return Q(y|x) ∝ P(y|x) q(y) / p(y), each row with the sum 1."""
    tilted = posterior * q / p
    return tilted / tilted.sum(axis=1, keepdims=True)


q3 = Exercise(
    "q3",
    "Repair corrected(posterior, p, q): source posteriors of shape (n, classes), source and target "
    "class shares p and q of shape (classes,); it should return the target's posteriors under "
    "label shift.",
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

# -- q5: choose and defend ------------------------------------------------------------------------

q5 = choice(
    "q5",
    "Which single step do you take first?",
    "estimate the new class mix from the unlabeled mails and move the threshold",
    {
        "weight the training mails by how much their text looks like today's mails": "Such weights "
        "repair a changed P(X) with the same P(Y|X). Here each kind of mail looks as before, so "
        "P(Y|X) moved with the mix.",
        "train a larger model on the old mails": "A larger model learns the old P(Y|X) better. "
        "The old mix is still in it.",
        "leave the filter as it is, because it ranks mails correctly": "The ranking is right. The "
        "threshold belongs to the old mix.",
        "stop the filter and collect 10,000 new labels": "They would help. But the story says "
        "which factor changed, and this one can be repaired without a label.",
    },
    hints=(
        "Name the shift first: what stays, P(Y|X), P(X|Y) or P(X)?",
        "Section 5 repairs this shift with one number.",
    ),
)

# -- q6: read the figure --------------------------------------------------------------------------

q6 = choice(
    "q6",
    "Which statement does the figure support?",
    "in each of these runs the swapped meaning cost more than the new class mix",
    {
        "concept shift always costs more than label shift": "The figure has one concept shift and "
        "one label shift. Other sizes of them could have the other order.",
        "the corrected reader has learned the digits 5 to 9 better": "The reader is the same. "
        "Only its answers were weighted by the new mix.",
        "the reader is well-specified, because one covariate shift raised its accuracy": "It is "
        "higher on images that look like print. The other covariate shift did not raise it.",
        "unlabeled images could have shown the swap": "The figure shows accuracies, and these "
        "need labels. The images are the same rows as before.",
    },
    hints=(
        "Each dot is one run. Compare the dots of two rows.",
        "A figure supports what it shows: these targets, this reader, these sizes of shift.",
    ),
)
