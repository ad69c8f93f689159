"""Exercises of chapter 01: head start, labels saved, paired intervals, break-even."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from tlbook.course.exercises.checkers import number
from tlbook.course.exercises.core import Exercise, Wrong

# -- q1: head start and asymptote of two curves ---------------------------------------------------

SCRATCH = np.array([[0.11, 0.14, 0.40, 0.70], [0.09, 0.16, 0.44, 0.72], [0.10, 0.12, 0.36, 0.74]])
TRANSFER = np.array([[0.52, 0.63, 0.74, 0.80], [0.48, 0.61, 0.76, 0.78], [0.50, 0.59, 0.72, 0.82]])


def head_start(transfer: np.ndarray, scratch: np.ndarray) -> float:
    """Return the mean advantage at the smallest budget."""
    return float(np.mean(transfer[:, 0] - scratch[:, 0]))


def _check_head_start(answer: Any) -> None:
    rng = np.random.default_rng(1)
    for transfer, scratch in ((TRANSFER, SCRATCH), (rng.random((4, 5)), rng.random((4, 5)))):
        number(
            answer(transfer, scratch),
            head_start(transfer, scratch),
            what="the head start",
            mistakes={
                "That is the advantage at the largest budget, the asymptote. The head start is at "
                "the smallest budget, column 0.": float(np.mean(transfer[:, -1] - scratch[:, -1])),
                "You averaged over all budgets. The head start is only the first column.": float(
                    np.mean(transfer - scratch)
                ),
                "That is a ratio. A head start is a difference, in points: a ratio explodes where "
                "the baseline is near zero.": float(
                    np.mean(transfer[:, 0]) / np.mean(scratch[:, 0])
                ),
                "You looked at one seed only (row 0). Average over the rows.": float(
                    transfer[0, 0] - scratch[0, 0]
                ),
                "The sign is turned round: transfer minus scratch, so that a gain is positive.": (
                    -head_start(transfer, scratch)
                ),
            },
        )


q1 = Exercise(
    "q1",
    "Write head_start(transfer, scratch) for accuracies of shape (seeds, budgets), smallest budget "
    "first: the mean advantage of transfer at the smallest budget.",
    _check_head_start,
    hints=(
        "Rows are seeds and columns are budgets; which column is the smallest budget?",
        "Take column 0 of both, subtract, and average over the seeds.",
    ),
    solution="""
    def answer(transfer, scratch):
        return np.mean(transfer[:, 0] - scratch[:, 0])
    """,
    reference=head_start,
    wrong_answers={
        "asymptote": (lambda t, s: np.mean(t[:, -1] - s[:, -1]), "asymptote"),
        "all budgets": (lambda t, s: np.mean(t - s), "averaged over all budgets"),
        "ratio": (lambda t, s: np.mean(t[:, 0]) / np.mean(s[:, 0]), "ratio"),
        "one seed": (lambda t, s: t[0, 0] - s[0, 0], "one seed only"),
        "sign": (lambda t, s: np.mean(s[:, 0] - t[:, 0]), "turned round"),
    },
    given=lambda: {"np": np},
)

# -- q2: labels needed ----------------------------------------------------------------------------


def labels_needed(budgets: np.ndarray, accuracy: np.ndarray, level: float) -> float:
    """Return the budget at which a rising curve reaches ``level``, straight over log2."""
    if accuracy.max() < level:
        return math.inf
    i = int(np.argmax(accuracy >= level))
    if i == 0:
        return float(budgets[0])
    part = (level - accuracy[i - 1]) / (accuracy[i] - accuracy[i - 1])
    return float(2 ** (np.log2(budgets[i - 1]) + part * np.log2(budgets[i] / budgets[i - 1])))


def _linear(budgets: np.ndarray, accuracy: np.ndarray, level: float) -> float:
    i = int(np.argmax(accuracy >= level))
    part = (level - accuracy[i - 1]) / (accuracy[i] - accuracy[i - 1])
    return float(budgets[i - 1] + part * (budgets[i] - budgets[i - 1]))


def _check_labels_needed(answer: Any) -> None:
    budgets = np.array([1.0, 2, 5, 10, 20, 50])
    accuracy = np.array([0.10, 0.20, 0.35, 0.50, 0.70, 0.90])
    first = int(budgets[np.argmax(accuracy >= 0.60)])
    number(
        answer(budgets, accuracy, 0.60),
        labels_needed(budgets, accuracy, 0.60),
        tolerance=1e-3,
        what="labels_needed at 60 %",
        mistakes={
            "That is the first budget in the table that is good enough. The curve crosses the "
            "level between two budgets: interpolate.": float(first),
            "You interpolated along the number of labels. The axis of a learning curve is "
            "logarithmic: interpolate along log2(budget).": _linear(budgets, accuracy, 0.60),
        },
    )
    try:
        never = float(answer(budgets, accuracy, 0.95))
    except Exception as error:
        raise Wrong(
            f"For a level that is never reached your function fails ({type(error).__name__}). "
            "Return float('inf')."
        ) from None
    if not math.isinf(never):
        raise Wrong(
            f"For a level that the curve never reaches you return {never:.4g}. Nobody has measured "
            "beyond the last budget: the honest answer is float('inf')."
        )
    at_once = float(answer(budgets, accuracy, 0.05))
    if abs(at_once - 1.0) > 1e-9:
        raise Wrong(
            f"For a level that the smallest budget exceeds already you return {at_once:.4g}; "
            "the answer there is that smallest budget."
        )


q2 = Exercise(
    "q2",
    "Write labels_needed(budgets, accuracy, level): the labels per class at which a rising curve "
    "reaches level, straight lines between the points over log2(budget); inf if it never does.",
    _check_labels_needed,
    hints=(
        "np.interp(level, accuracy, something) goes from accuracy back to budgets.",
        "Interpolate log2(budgets), then raise 2 to the result.",
        "np.interp has arguments left and right for levels outside the curve.",
    ),
    solution="""
    def answer(budgets, accuracy, level):
        if accuracy.max() < level:
            return float("inf")
        return 2 ** np.interp(level, accuracy, np.log2(budgets))
    """,
    reference=labels_needed,
    wrong_answers={
        "no interpolation": (
            lambda b, a, level: b[np.argmax(a >= level)] if a.max() >= level else np.inf,
            "interpolate",
        ),
        "linear axis": (
            lambda b, a, level: np.interp(level, a, b) if a.max() >= level else np.inf,
            "logarithmic",
        ),
        "last budget": (
            lambda b, a, level: 2 ** np.interp(level, a, np.log2(b)),
            "the honest answer",
        ),
        "extrapolates": (
            lambda b, a, level: (
                np.inf
                if a.max() < level
                else 2 ** np.interp(level, a, np.log2(b), left=np.log2(b[0]) - 1)
            ),
            "that smallest budget",
        ),
    },
    given=lambda: {"np": np},
)

# -- q3: paired interval --------------------------------------------------------------------------


def paired_half_width(better: np.ndarray, worse: np.ndarray) -> float:
    """Return the half width of the 95 % t interval of the paired differences."""
    from scipy.stats import t

    d = np.asarray(better) - np.asarray(worse)
    return float(t.ppf(0.975, len(d) - 1) * d.std(ddof=1) / np.sqrt(len(d)))


def _wrong_half_widths(better: np.ndarray, worse: np.ndarray) -> dict[str, float]:
    from scipy.stats import t

    d = better - worse
    n, reach = len(d), float(t.ppf(0.975, len(d) - 1))
    unpaired = math.sqrt((better.var(ddof=1) + worse.var(ddof=1)) / n)
    return {
        "That is the spread of the seeds, not the uncertainty of their mean: divide by the square "
        "root of their number.": reach * d.std(ddof=1),
        "You used 1.96, the factor for a known spread. With a spread estimated from a few seeds "
        "the factor is Student's t, with n − 1 degrees of freedom.": 1.96
        * d.std(ddof=1)
        / math.sqrt(n),
        "You divided by n inside the standard deviation. Estimated from a sample it is n − 1 "
        "(ddof=1).": reach * d.std() / math.sqrt(n),
        "You treated the two methods as unrelated. They met the same labels in each seed: take "
        "the differences first, luck that both share then cancels.": reach * unpaired,
        "That is the whole width of the interval. The half width reaches from the mean to one "
        "end.": 2 * paired_half_width(better, worse),
    }


def _check_interval(answer: Any) -> None:
    rng = np.random.default_rng(4)
    luck = rng.normal(0, 0.05, 8)
    better = 0.8 + luck + rng.normal(0, 0.01, 8)
    worse = 0.7 + luck + rng.normal(0, 0.01, 8)
    number(
        answer(better, worse),
        paired_half_width(better, worse),
        tolerance=1e-6,
        what="the half width",
        mistakes=_wrong_half_widths(better, worse),
    )


def _wrong(which: str) -> Any:
    def function(better: np.ndarray, worse: np.ndarray) -> float:
        found = _wrong_half_widths(better, worse)
        return next(v for k, v in found.items() if which in k)

    return function


q3 = Exercise(
    "q3",
    "Write half_width(better, worse) for accuracies paired by seed: how far the 95 % confidence "
    "interval of the mean difference reaches to either side.",
    _check_interval,
    hints=(
        "Both methods saw the same labels in each seed. What should you compute first?",
        "Half width = t · s / √n with s the standard deviation of the differences (ddof=1).",
        "scipy.stats.t.ppf(0.975, n - 1) is the factor.",
    ),
    solution="""
    from scipy.stats import t

    def answer(better, worse):
        d = better - worse
        return t.ppf(0.975, len(d) - 1) * d.std(ddof=1) / np.sqrt(len(d))
    """,
    reference=paired_half_width,
    wrong_answers={
        "spread": (_wrong("spread of the seeds"), "divide by the square root"),
        "normal": (_wrong("1.96"), "Student's t"),
        "ddof": (_wrong("ddof=1"), "ddof=1"),
        "unpaired": (_wrong("unrelated"), "differences first"),
        "whole width": (_wrong("whole width"), "whole width"),
    },
    given=lambda: {"np": np},
)

# -- q4: break-even -------------------------------------------------------------------------------


def break_even(pretraining: float, probe: float, scratch: float) -> float:
    """Return the smallest number of tasks for which pretraining once is cheaper."""
    if probe >= scratch:
        return math.inf
    return float(math.floor(pretraining / (scratch - probe)) + 1)


def _check_break_even(answer: Any) -> None:
    number(
        answer(300.0, 2.0, 40.0),
        break_even(300.0, 2.0, 40.0),
        what="break_even(300, 2, 40)",
        mistakes={
            "After that many tasks the pretraining is not paid back yet. A task is done or not: "
            "round up.": math.floor(300 / 38),
            "You left the decimals. Tasks come whole: the smallest whole number that is enough.": (
                300 / 38
            ),
        },
    )
    number(
        answer(300.0, 30.0, 40.0),
        break_even(300.0, 30.0, 40.0),
        what="break_even(300, 30, 40)",
        mistakes={
            "You forgot what a probe costs: a task saves scratch − probe seconds, not scratch.": (
                math.floor(300 / 40) + 1
            ),
            "With 30 tasks both cost exactly the same. Cheaper needs one more.": 30,
        },
    )
    try:
        never = float(answer(300.0, 40.0, 40.0))
    except ZeroDivisionError:
        never = math.nan
    except Exception as error:
        raise Wrong(
            f"Where a probe costs as much as training, your function fails ({error}). It can never "
            "pay back: return float('inf')."
        ) from None
    if not math.isinf(never):
        raise Wrong(
            "Where a probe costs as much as training from scratch, nothing is ever saved: "
            "return float('inf')."
        )


q4 = Exercise(
    "q4",
    "Write break_even(pretraining, probe, scratch), all in seconds: for how many tasks is "
    "pretraining once and probing each cheaper than training each from scratch? inf if never.",
    _check_break_even,
    hints=(
        "n tasks cost pretraining + n · probe on one side and n · scratch on the other.",
        "Solve for n; it has to be the smallest whole number strictly above the solution.",
    ),
    solution="""
    import math

    def answer(pretraining, probe, scratch):
        if probe >= scratch:
            return float("inf")
        return math.floor(pretraining / (scratch - probe)) + 1
    """,
    reference=break_even,
    wrong_answers={
        "rounded down": (lambda p, q, s: math.floor(p / (s - q)), "round up"),
        "not rounded": (lambda p, q, s: p / (s - q), "Tasks come whole"),
        "probe is free": (
            lambda p, q, s: break_even(p, q, s) if q < 10 else math.floor(p / s) + 1,
            "forgot what a probe costs",
        ),
        "a tie counts": (lambda p, q, s: math.ceil(p / (s - q)), "exactly the same"),
        "divides by zero": (
            lambda p, q, s: math.floor(p / (s - q)) + 1 if s != q else 0,
            "nothing is ever saved",
        ),
    },
    given=lambda: {"np": np},
)
