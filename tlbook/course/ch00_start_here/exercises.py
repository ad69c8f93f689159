"""Exercises of chapter 00: chance, a repair, an honest choice, a changed experiment, a figure."""

from __future__ import annotations

from typing import Any

import numpy as np

from tlbook.course.exercises.checkers import Probe, Wrong, number, on
from tlbook.course.exercises.core import Exercise
from tlbook.course.exercises.quizzes import choice

# -- q1: what guessing gives ------------------------------------------------------------------

q1 = Exercise(
    "q1",
    "The ten digits are about equally frequent. Which accuracy (a fraction) does a classifier "
    "reach that guesses?",
    0.1,
    mistakes={
        "A half is the chance level of two classes. Here one of ten digits is to be named.": 0.5,
        "That is one image of the 797. A guess is right for one class of ten, so it is right "
        "on about a tenth of the images.": 1 / 797,
        "That is how often a guess is wrong. You are asked how often it is right.": 0.9,
        "Zero is worse than guessing: who always answers 3 is right on every 3.": 0.0,
    },
    probes=[Probe("The chance level", tolerance=1e-9)],
    hints=(
        "Think of a classifier that always answers 3. How many images are a 3?",
        "One class of ten: divide one by ten.",
    ),
    because="one class of ten: 1 / 10",
)

# -- q2: accuracy, written by hand ------------------------------------------------------------

TRUTH = np.array([3, 1, 4, 1, 5, 9, 2, 6])
ANSWER = np.array([3, 1, 4, 7, 5, 9, 2, 0])


def accuracy(y, yhat):
    """Return the fraction of right answers."""
    return np.mean(np.asarray(y) == np.asarray(yhat))


def _right_for_lists(answer: Any) -> bool:
    """Return whether lists give 0.75, too; a function that fails on them counts as wrong."""
    try:
        return float(answer(TRUTH.tolist(), ANSWER.tolist())) == 0.75
    except Exception:
        return False


q2 = Exercise(
    "q2",
    "Repair accuracy(y, yhat): the fraction of positions at which two sequences of labels agree.",
    accuracy,
    mistakes={
        "You divide by 10. Divide by the number of images, not by the number of "
        "classes.": lambda y, yhat: np.sum(np.asarray(y) == yhat) / 10,
        "You count the right answers. Divide the count by the number of images, so that test sets "
        "of different sizes can be compared.": lambda y, yhat: np.sum(np.asarray(y) == yhat),
        "That is the error rate, the fraction of wrong answers. Accuracy is the fraction of right "
        "ones.": lambda y, yhat: np.mean(np.asarray(y) != yhat),
        "Right for arrays, but not for lists: [1, 2] == [1, 3] is one False, not a False per "
        "element. Turn both into arrays with np.asarray first.": lambda y, yhat: np.mean(y == yhat),
    },
    probes=[
        Probe("accuracy(y, yhat)", on(TRUTH, ANSWER)),
        Probe("accuracy(y, yhat)", on(*np.random.default_rng(0).integers(0, 10, (2, 797)))),
        Probe("accuracy of lists", _right_for_lists),
    ],
    hints=(
        "For two arrays y == yhat gives True where they agree. What is the mean of Trues and "
        "Falses?",
        "np.mean(np.asarray(y) == np.asarray(yhat))",
    ),
)

# -- q3: choosing a setting without peeking ---------------------------------------------------

q3 = choice(
    "q3",
    "You try five values of C for the probe. Which accuracy may you report for the digits?",
    "the task.score of the value that was best on letters that nothing was trained on",
    {
        "the best task.score of the five": "That is peeking: the largest of five looks at the "
        "test labels is too high by luck, and the more values you try, the more luck there is.",
        "the best task.score, with a note that you tried five": "Saying so is fair to the reader, "
        "but the number stays too high: it is still the largest of five looks.",
        "the mean of the five": "An average over values is no number that any one classifier "
        "reaches: it tells a reader nothing about the value you will use.",
    },
    hints=(
        "Which of the four never uses the digits' test labels to choose?",
        "A second task, made of letters only, can be looked at as often as you like.",
    ),
    because="the choice is made before the digits are looked at, once",
)

# -- q4: change the experiment ----------------------------------------------------------------

FIVE_LABELS, ONE_LABEL = 0.65, 0.42
"""Mean accuracies of the probe over the chapter's three runs (a test computes them again)."""
TOLERANCE = 0.05


def _check_five(answer: Any) -> None:
    if isinstance(answer, (int, float)) and abs(answer - ONE_LABEL) < TOLERANCE:
        raise Wrong("That is the mean with one label per class. Buy five: task.label(5, seed=run).")
    number(answer, FIVE_LABELS, tolerance=TOLERANCE, what="the mean accuracy")


q4 = Exercise(
    "q4",
    "What is the mean accuracy of the probe with five labels per class, over the three runs?",
    FIVE_LABELS,
    mistakes={
        "That is the mean with one label per class. Buy five: task.label(5, seed=run).": ONE_LABEL,
    },
    check=_check_five,
    hints=(
        "Copy the loop of the section, drop the two lines of scratch, and change the budget.",
        "In the loop: X, y = task.label(5, seed=run), then fit the head and append the score.",
    ),
    because="yours may differ by some points on another machine",
)

# -- q5: read a figure ------------------------------------------------------------------------

q5 = choice(
    "q5",
    "Which statement does the figure of the control support?",
    "at twenty labels per class both targets lose some points without the look-alikes",
    {
        "the transfer to the digits comes from the look-alikes": "Only a few points are lost "
        "without them. The table has the accuracy that is left: far above guessing.",
        "the look-alikes make no difference for the digits": "At one and at twenty labels per "
        "class the whole interval lies below zero.",
        "the look-alikes matter for the digits and not for the new letters": "Compare the rows "
        "of the two targets at twenty labels per class: both intervals lie below zero.",
        "signnet would lose three points without the look-alikes": "The figure shows smaller "
        "networks with a shorter training. Nobody trained signnet itself without them.",
    },
    hints=(
        "Look for the intervals that do not reach zero.",
        "A figure supports a statement about what was run, and about nothing else.",
    ),
)
