"""Exercises of chapter 01: head start, labels saved, paired intervals, break-even."""

from __future__ import annotations

import math

import numpy as np
from scipy.stats import t

from tlbook.course.exercises.checkers import Probe, on
from tlbook.course.exercises.core import Exercise

# -- q1: head start and asymptote of two curves ---------------------------------------------------

SCRATCH = np.array([[0.11, 0.14, 0.40, 0.70], [0.09, 0.16, 0.44, 0.72], [0.10, 0.12, 0.36, 0.74]])
TRANSFER = np.array([[0.52, 0.63, 0.74, 0.80], [0.48, 0.61, 0.76, 0.78], [0.50, 0.59, 0.72, 0.82]])


def head_start(transfer, scratch):
    """Return the mean advantage at the smallest budget."""
    return np.mean(transfer[:, 0] - scratch[:, 0])


q1 = Exercise(
    "q1",
    "Write head_start(transfer, scratch) for accuracies of shape (seeds, budgets), smallest budget "
    "first: the mean advantage of transfer at the smallest budget.",
    head_start,
    mistakes={
        "That is the advantage at the largest budget, the asymptote. The head start is at the "
        "smallest budget, column 0.": lambda t, s: np.mean(t[:, -1] - s[:, -1]),
        "You averaged over all budgets. The head start is only the first column.": lambda t, s: (
            np.mean(t - s)
        ),
        "That is a ratio. A head start is a difference, in points: a ratio explodes where the "
        "baseline is near zero.": lambda t, s: np.mean(t[:, 0]) / np.mean(s[:, 0]),
        "You looked at one seed only (row 0). Average over the rows.": lambda t, s: (
            t[0, 0] - s[0, 0]
        ),
        "The sign is turned round: transfer minus scratch, so that a gain is "
        "positive.": lambda t, s: np.mean(s[:, 0] - t[:, 0]),
    },
    probes=[
        Probe("the head start", on(TRANSFER, SCRATCH)),
        Probe("the head start", on(*np.random.default_rng(1).random((2, 4, 5)))),
    ],
    hints=(
        "Rows are seeds and columns are budgets; which column is the smallest budget?",
        "Take column 0 of both, subtract, and average over the seeds.",
    ),
)

# -- q2: labels needed ----------------------------------------------------------------------------

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

q2 = Exercise(
    "q2",
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

# -- q3: paired interval --------------------------------------------------------------------------


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


q3 = Exercise(
    "q3",
    "Write half_width(better, worse) for accuracies paired by seed: how far the 95 % confidence "
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

# -- q4: break-even -------------------------------------------------------------------------------


def break_even(pretraining, probe, scratch):
    """Return the smallest number of tasks for which pretraining once is cheaper."""
    if probe >= scratch:
        return float("inf")
    return math.floor(pretraining / (scratch - probe)) + 1


NEVER = (
    "Where a probe costs as much as training from scratch, nothing is ever saved: "
    "return float('inf')."
)
FAILS_THERE = (
    "Where a probe costs as much as training, your function fails ({error}). It can never pay "
    "back: return float('inf')."
)

q4 = Exercise(
    "q4",
    "Write break_even(pretraining, probe, scratch), all in seconds: for how many tasks is "
    "pretraining once and probing each cheaper than training each from scratch? inf if never.",
    break_even,
    mistakes={
        "After that many tasks the pretraining is not paid back yet. A task is done or not: round "
        "up.": lambda p, q, s: math.floor(p / (s - q)),
        "You left the decimals. Tasks come whole: the smallest whole number that is "
        "enough.": lambda p, q, s: p / (s - q),
        "You forgot what a probe costs: a task saves scratch − probe seconds, not "
        "scratch.": lambda p, q, s: math.floor(p / s) + 1,
        "With 30 tasks both cost exactly the same. Cheaper needs one more.": lambda p, q, s: (
            math.ceil(p / (s - q))
        ),
        NEVER: lambda p, q, s: math.floor(p / (s - q)) + 1 if s != q else 0,
        FAILS_THERE: lambda p, q, s: math.floor(p / (s - q)) + 1,
    },
    probes=[
        Probe("break_even(300, 2, 40)", on(300.0, 2.0, 40.0)),
        Probe("break_even(300, 30, 40)", on(300.0, 30.0, 40.0)),
        Probe(
            "break_even(300, 40, 40)", on(300.0, 40.0, 40.0), otherwise=NEVER, failing=FAILS_THERE
        ),
    ],
    hints=(
        "n tasks cost pretraining + n · probe on one side and n · scratch on the other.",
        "Solve for n; it has to be the smallest whole number strictly above the solution.",
    ),
)
