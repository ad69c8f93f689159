"""Exercises of chapter 00: the chance level, accuracy, and an honest choice."""

from __future__ import annotations

from typing import Any

import numpy as np

from tlbook.course.exercises.checkers import Probe, on
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
    "Write accuracy(y, yhat): the fraction of positions at which two sequences of labels agree.",
    accuracy,
    mistakes={
        "You count the right answers. Divide the count by the number of images, so that test sets "
        "of different sizes can be compared.": lambda y, yhat: np.sum(np.asarray(y) == yhat),
        "That is the error rate, the fraction of wrong answers. Accuracy is the fraction of right "
        "ones.": lambda y, yhat: np.mean(np.asarray(y) != yhat),
        "You divide by 10. Divide by the number of images, not by the number of "
        "classes.": lambda y, yhat: np.sum(np.asarray(y) == yhat) / 10,
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
    "You try five settings of the probe. Which accuracy may you report? "
    "A: the best task.score of the five. "
    "B: the task.score of the setting that was best on letters that nothing was trained on. "
    "C: the best task.score, with a note that you tried five. "
    "D: the mean of the five.",
    "B",
    {
        "A": "That is peeking: the largest of five looks at the test labels is too high by luck, "
        "and the more settings you try, the more luck there is.",
        "C": "Saying so is fair to the reader, but the number stays too high: it is still the "
        "largest of five looks at the test labels.",
        "D": "An average over settings is no number that any one classifier reaches: it tells a "
        "reader nothing about the setting you will use.",
    },
    hints=(
        "Which of the four never uses the digits' test labels to choose?",
        "A second task, made of letters only, can be looked at as often as you like.",
    ),
    because="the choice is made before the digits are looked at, once",
)
