"""Exercises of chapter 01: a figure, labels needed, a repair, a changed experiment, a choice."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.stats import t

from tlbook.course.exercises.checkers import Probe, Wrong, number, on
from tlbook.course.exercises.core import Exercise
from tlbook.course.exercises.quizzes import choice

# -- q1: change the experiment --------------------------------------------------------------------

TWO_LABELS, ONE_LABEL, FIVE_LABELS = 0.53, 0.42, 0.65
"""Mean accuracies of the probe over the chapter's three seeds (a test computes them again)."""
TOLERANCE = 0.05


def _check_two(answer: Any) -> None:
    if isinstance(answer, (int, float)) and abs(answer - FIVE_LABELS) < 0.02:
        raise Wrong("That is the mean with five labels per class. Buy two.")
    number(answer, TWO_LABELS, tolerance=TOLERANCE, what="the mean accuracy")


q1 = Exercise(
    "q1",
    "What is the mean accuracy of the probe with two labels per class, over the three seeds?",
    TWO_LABELS,
    mistakes={
        "That is the mean with five labels per class. Buy two.": FIVE_LABELS,
        f"the mean accuracy is {ONE_LABEL:.4g}, which is too low.": ONE_LABEL,
    },
    check=_check_two,
    hints=(
        "probe(task, s, 2) buys two labels per class and returns a classifier.",
        "np.mean([task.score(probe(task, s, 2)) for s in labels_seen])",
    ),
    because="Between the values for one and for five labels; yours may differ by some points.",
)

# -- q2: read a figure --------------------------------------------------------------------------

q2 = choice(
    "q2",
    "Which statement does the figure with the paired differences support?",
    "at 50 labels per class these runs do not tell which of probe and scratch is better",
    {
        "at 50 labels per class probe and scratch are equally good": "An interval that contains "
        "zero does not show that the difference is zero. It also contains three points.",
        "the probe gains less from new labels than scratch does, because it has less to learn": (
            "The figure shows that the lead shrinks. It has no arm that shows why."
        ),
        "with more than 50 labels per class scratch beats the probe": "The figure ends at 50. "
        "Nobody has measured beyond.",
        "fine-tuning is worth nothing at 50 labels per class": "Its interval lies above zero.",
    },
    hints=(
        "Look at the row of the probe at 50 labels. Does its interval contain zero?",
        "Not to know which is better and to know that both are equal are two statements.",
    ),
)

# -- q3: labels needed ----------------------------------------------------------------------------

BUDGETS = np.array([1.0, 2, 5, 10, 20, 50])
CURVE = np.array([0.10, 0.20, 0.35, 0.50, 0.70, 0.90])


def labels_needed(budgets, accuracy, level):
    """Return the budget at which a rising curve reaches level, straight over log2(budget)."""
    if accuracy.max() < level:
        return float("inf")
    return 2 ** np.interp(level, accuracy, np.log2(budgets))


BEYOND = (
    "For a level that the curve never reaches you return {value}. Nobody has measured beyond the "
    "last budget: the honest answer is float('inf')."
)
FAILS_BEYOND = (
    "For a level that is never reached your function fails ({error}). Return float('inf')."
)
AT_ONCE = (
    "For a level that the smallest budget exceeds already you return {value}; the answer there is "
    "that smallest budget."
)

q3 = Exercise(
    "q3",
    "Write labels_needed(budgets, accuracy, level): the labels per class at which a rising curve "
    "reaches level, straight lines between the points over log2(budget); inf if it never does.",
    labels_needed,
    mistakes={
        "That is the first budget in the table that is good enough. The curve crosses the level "
        "between two budgets: interpolate.": lambda b, a, level: b[np.argmax(a >= level)],
        "You interpolated along the number of labels. The axis of a learning curve is "
        "logarithmic: interpolate along log2(budget).": lambda b, a, level: np.interp(level, a, b),
        BEYOND: lambda b, a, level: 2 ** np.interp(level, a, np.log2(b)),
        FAILS_BEYOND: lambda b, a, level: (
            labels_needed(b, a, level) if np.flatnonzero(a >= level)[0] >= 0 else np.inf
        ),
        AT_ONCE: lambda b, a, level: (
            np.inf
            if a.max() < level
            else 2 ** np.interp(level, a, np.log2(b), left=np.log2(b[0]) - 1)
        ),
    },
    probes=[
        Probe("labels_needed at 60 %", on(BUDGETS, CURVE, 0.60), tolerance=1e-3),
        Probe(
            "labels_needed at 95 %",
            on(BUDGETS, CURVE, 0.95),
            otherwise=BEYOND,
            failing=FAILS_BEYOND,
        ),
        Probe("labels_needed at 5 %", on(BUDGETS, CURVE, 0.05), tolerance=1e-9, otherwise=AT_ONCE),
    ],
    hints=(
        "np.interp(level, accuracy, something) goes from accuracy back to budgets.",
        "Interpolate log2(budgets), then raise 2 to the result.",
        "np.interp has arguments left and right for levels outside the curve.",
    ),
)

# -- q4: paired interval --------------------------------------------------------------------------


def half_width(better, worse):
    """Return the half width of the 95 % t interval of the paired differences."""
    d = better - worse
    return t.ppf(0.975, len(d) - 1) * d.std(ddof=1) / np.sqrt(len(d))


def _unpaired(better: np.ndarray, worse: np.ndarray) -> float:
    n = len(better)
    spread = np.sqrt((better.var(ddof=1) + worse.var(ddof=1)) / n)
    return float(t.ppf(0.975, n - 1) * spread)


def _two_methods() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(4)
    luck = rng.normal(0, 0.05, 8)  # the same in both
    return 0.8 + luck + rng.normal(0, 0.01, 8), 0.7 + luck + rng.normal(0, 0.01, 8)


q4 = Exercise(
    "q4",
    "Repair half_width(better, worse) for accuracies paired by seed: how far the 95 % confidence "
    "interval of the mean difference reaches to either side.",
    half_width,
    mistakes={
        "That is the spread of the seeds, not the uncertainty of their mean: divide by the square "
        "root of their number.": lambda a, b: t.ppf(0.975, len(a) - 1) * (a - b).std(ddof=1),
        "You used 1.96, the factor for a known spread. With a spread estimated from a few seeds "
        "the factor is Student's t, with n − 1 degrees of freedom.": lambda a, b: (
            1.96 * (a - b).std(ddof=1) / np.sqrt(len(a))
        ),
        "You divided by n inside the standard deviation. Estimated from a sample it is n − 1 "
        "(ddof=1).": lambda a, b: t.ppf(0.975, len(a) - 1) * (a - b).std() / np.sqrt(len(a)),
        "You treated the two methods as unrelated. They met the same labels in each seed: take "
        "the differences first, luck that both share then cancels.": _unpaired,
        "That is the whole width of the interval. The half width reaches from the mean to one "
        "end.": lambda a, b: 2 * half_width(a, b),
    },
    probes=[Probe("the half width", on(*_two_methods()))],
    hints=(
        "Both methods saw the same labels in each seed. What should you compute first?",
        "Half width = t · s / √n with s the standard deviation of the differences (ddof=1).",
        "scipy.stats.t.ppf(0.975, n - 1) is the factor.",
    ),
)

# -- q5: choose and defend ------------------------------------------------------------------------

q5 = choice(
    "q5",
    "What do you try first?",
    "a probe and fine-tuning on the 20 labels per class, both on the same validation split",
    {
        "pretrain a network of our own on letters first": "Somebody has to pay for it, here as "
        "much as seven trainings from scratch. A pretrained network is there already.",
        "buy 50 labels per class, then train from scratch": "At 50 labels fine-tuning was ahead "
        "of scratch in these runs. The new labels cost more and are not needed to begin.",
        "fine-tuning alone, because it had the highest accuracy in this chapter": "It was "
        "ahead at 20 labels, too, but on another task. On yours a probe costs a second and is the "
        "yardstick.",
        "training from scratch, because its curve is the steepest": "A steep curve that starts "
        "low is still below at 20 labels per class.",
    },
    hints=(
        "Which of the options can you have within a minute, and compare fairly?",
        "At 20 labels per class the probe and fine-tuning were both ahead of scratch here.",
    ),
)
