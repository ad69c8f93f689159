"""Exercises of chapter 17 about texts: a choice that deceives, a hub, a figure, a budget."""

from __future__ import annotations

import numpy as np

from tlbook.course.exercises.checkers import Probe, on
from tlbook.course.exercises.core import Exercise
from tlbook.course.exercises.quizzes import choice

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
    scores[1, :10], scores[4, 10:37], scores[4, 37:] = 1.0, 1.0, 0.0
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

DESCRIPTIONS_ONLY = 0.2
"""Mean gain in points where the descriptions are centered and the texts are not."""

q2 = Exercise(
    "q2",
    "Center the descriptions only (m = 0). What is the mean gain over plain zero-shot, in points, "
    "over ten wordings and eight splits?",
    DESCRIPTIONS_ONLY,
    mistakes={
        "That is the gain when the texts are centered, with the descriptions or without. Put m to "
        "0.": 8.5,
    },
    probes=[Probe("the mean gain", tolerance=0.5)],
    hints=(
        "centered(D_, 0) centers the descriptions and no text.",
        "100 * np.mean([... - plain[w] for w in WORDINGS]).",
    ),
)

# -- q3: a figure ---------------------------------------------------------------------------------

q3 = Exercise(
    "q3",
    "Read the right panel of the figure in section 7. How many points do four labels per topic and "
    "the sentence (described centroids) gain over zero-shot at least, if you trust the 95 % "
    "interval?",
    1.9,
    mistakes={
        "That is the mean gain, the diamond. The question asks for the near end of the bar.": 4.5,
        "That is the far end of the bar: the largest gain that the interval allows.": 7.0,
        "That is Tip-Adapter's bar. Take the first bar of the row.": 3.6,
        "That row is one label per topic. Take the row of four.": 0.1,
    },
    probes=[Probe("the smallest gain", tolerance=0.7)],
    hints=("The line at zero is zero-shot.", "Read the left end of the bar in the row '4 labels'."),
)

# -- q4: choose and defend ------------------------------------------------------------------------

q4 = choice(
    "q4",
    "A help desk opens six new queues. For each there is one sentence and there are two sorted "
    "tickets. More labels come in a month. What sorts the tickets until then? One of 'sentence and "
    "labels', 'labels alone', 'best wording on the twelve', 'best method on next month'.",
    "sentence and labels",
    {
        "labels alone": "In this chapter two labels alone were below one sentence, and far below "
        "both together.",
        "best wording on the twelve": "Twelve texts choose a wording badly: on other texts it was "
        "worse than the sentence that was fixed before. And the twelve are not used to learn from.",
        "best method on next month": "That looks at labels which are not there yet. When they "
        "come, choose on a part of them and report on the other part.",
    },
    hints=(
        "Which method of the figure is best in the row of two labels?",
        "Which of the four uses all that is there, and nothing that is not?",
    ),
    because="It uses the sentence and the labels. With many more labels the sentence can go.",
)
