"""Exercises of chapter 17 about texts: a choice that deceives, a hub, a figure, a budget."""

from __future__ import annotations

import numpy as np

from tlbook.course.exercises.checkers import Probe, on
from tlbook.course.exercises.core import Exercise

# -- q1: a choice and its report ------------------------------------------------------------------


def choose_and_report(scores, n):
    """Return the wording that is best on the first n texts, and its accuracy on the others."""
    best = scores[:, :n].mean(axis=1).argmax()
    return best, scores[best, n:].mean()


def _on_all(scores, n):
    means = scores.mean(axis=1)
    return means.argmax(), means.max()


def _on_the_same(scores, n):
    means = scores[:, :n].mean(axis=1)
    return means.argmax(), means.max()


def _best_of_the_rest(scores, n):
    best = scores[:, :n].mean(axis=1).argmax()
    return best, scores[:, n:].mean(axis=1).max()


def _whole_row(scores, n):
    best = scores[:, :n].mean(axis=1).argmax()
    return best, scores[best].mean()


def _scores() -> np.ndarray:
    """Return six wordings and 40 texts, with another winner on every part."""
    rng = np.random.default_rng(3)
    scores = (rng.random((6, 40)) < 0.5).astype(float)
    scores[1, :10], scores[4, 10:] = 1.0, 1.0
    return scores


q1 = Exercise(
    "q1",
    "Repair choose_and_report(scores, n): the first n texts choose the wording. Return its number "
    "and an accuracy that may be reported.",
    choose_and_report,
    mistakes={
        "These are the lines as they were: all texts choose, and the same texts are "
        "reported.": _on_all,
        "The accuracy is that of the texts which chose. The best of several is too good on "
        "these.": _on_the_same,
        "That is the best accuracy of any wording on the other texts. So they choose as "
        "well.": _best_of_the_rest,
        "The texts that chose are among the reported ones. Leave the first n out.": _whole_row,
    },
    probes=[
        Probe("the wording and its accuracy", on(_scores(), 10), tolerance=1e-9),
    ],
    hints=(
        "Which texts may choose, and which have not been looked at?",
        "scores[:, :n] chooses. scores[best, n:] reports.",
    ),
)

# -- q2: the experiment with the hubs, changed ----------------------------------------------------

DESCRIPTIONS_ONLY = 0.5
"""Mean gain in points where the descriptions are centered and the texts are not."""

q2 = Exercise(
    "q2",
    "Center the descriptions only (m = 0). What is the mean gain over plain zero-shot, in points, "
    "over ten wordings and eight splits?",
    DESCRIPTIONS_ONLY,
    mistakes={
        "That is the gain when texts and descriptions are both centered. Put m to 0.": 9.0,
    },
    probes=[Probe("the mean gain", tolerance=0.8)],
    hints=(
        "Copy centered, and leave out `- m`.",
        "100 * np.mean([... - plain[w] for w in WORDINGS]).",
    ),
)
