"""Exercises of chapter 00: the chance level, accuracy, and an honest choice."""

from __future__ import annotations

from typing import Any

import numpy as np

from tlbook.course.exercises.checkers import choice, number
from tlbook.course.exercises.core import Exercise, Wrong

# -- q1: what guessing gives ------------------------------------------------------------------


def _check_chance(answer: Any) -> None:
    number(
        answer,
        0.1,
        tolerance=1e-9,
        what="The chance level",
        mistakes={
            "A half is the chance level of two classes. Here one of ten digits is to be "
            "named.": 0.5,
            "That is one image of the 797. A guess is right for one class of ten, so it is right "
            "on about a tenth of the images.": 1 / 797,
            "That is how often a guess is wrong. You are asked how often it is right.": 0.9,
            "Zero is worse than guessing: who always answers 3 is right on every 3.": 0.0,
        },
    )


q1 = Exercise(
    "q1",
    "The ten digits are about equally frequent. Which accuracy (a fraction) does a classifier "
    "reach that guesses?",
    _check_chance,
    hints=(
        "Think of a classifier that always answers 3. How many images are a 3?",
        "One class of ten: divide one by ten.",
    ),
    solution="answer = 1 / 10",
    reference=0.1,
    wrong_answers={
        "percent": (10, "in percent"),
        "two classes": (0.5, "two classes"),
        "one image": (1 / 797, "one image of the 797"),
        "error rate": (0.9, "how often a guess is wrong"),
        "zero": (0.0, "worse than guessing"),
    },
)

# -- q2: accuracy, written by hand ------------------------------------------------------------

TRUTH = np.array([3, 1, 4, 1, 5, 9, 2, 6])
ANSWER = np.array([3, 1, 4, 7, 5, 9, 2, 0])


def accuracy(y: Any, yhat: Any) -> float:
    """Return the fraction of right answers."""
    return float(np.mean(np.asarray(y) == np.asarray(yhat)))


def _check_accuracy(answer: Any) -> None:
    rng = np.random.default_rng(0)
    cases = [(TRUTH, ANSWER), (rng.integers(0, 10, 797), rng.integers(0, 10, 797))]
    for y, yhat in cases:
        right = int((y == yhat).sum())
        number(
            answer(y, yhat),
            accuracy(y, yhat),
            what="accuracy(y, yhat)",
            mistakes={
                "You count the right answers. Divide the count by the number of images, so that "
                "test sets of different sizes can be compared.": right,
                "That is the error rate, the fraction of wrong answers. Accuracy is the fraction "
                "of right ones.": 1 - right / len(y),
                "You divide by 10. Divide by the number of images, not by the number of "
                "classes.": right / 10,
            },
        )
    if accuracy(list(TRUTH), list(ANSWER)) != float(_or_zero(answer, list(TRUTH), list(ANSWER))):
        raise Wrong(
            "Right for arrays, but not for lists: [1, 2] == [1, 3] is one False, not a False per "
            "element. Turn both into arrays with np.asarray first."
        )


def _or_zero(answer: Any, y: list[int], yhat: list[int]) -> Any:
    """Return the answer for lists; a function that fails on them counts as wrong."""
    try:
        return answer(y, yhat)
    except Exception:
        return 0.0


q2 = Exercise(
    "q2",
    "Write accuracy(y, yhat): the fraction of positions at which two sequences of labels agree.",
    _check_accuracy,
    hints=(
        "For two arrays y == yhat gives True where they agree. What is the mean of Trues and "
        "Falses?",
        "np.mean(np.asarray(y) == np.asarray(yhat))",
    ),
    solution="""
    def accuracy(y, yhat):
        return np.mean(np.asarray(y) == np.asarray(yhat))
    """,
    reference=accuracy,
    wrong_answers={
        "count": (lambda y, yhat: np.sum(np.asarray(y) == yhat), "count the right answers"),
        "percent": (lambda y, yhat: 100 * np.mean(np.asarray(y) == yhat), "in percent"),
        "error rate": (lambda y, yhat: np.mean(np.asarray(y) != yhat), "error rate"),
        "classes": (lambda y, yhat: np.sum(np.asarray(y) == yhat) / 10, "number of classes"),
        "lists": (lambda y, yhat: np.mean(y == yhat), "not for lists"),
    },
    variable="accuracy",
    given=lambda: {"np": np},
)

# -- q3: choosing a setting without peeking ---------------------------------------------------

REASONS = {
    "A": "That is peeking: the largest of five looks at the test labels is too high by luck, and "
    "the more settings you try, the more luck there is.",
    "C": "Saying so is fair to the reader, but the number stays too high: it is still the largest "
    "of five looks at the test labels.",
    "D": "An average over settings is no number that any one classifier reaches: it tells a reader "
    "nothing about the setting you will use.",
}


def _check_choice(answer: Any) -> None:
    choice(answer, "B", REASONS)


q3 = Exercise(
    "q3",
    "You try five settings of the probe. Which accuracy may you report? "
    "A: the best task.score of the five. "
    "B: the task.score of the setting that was best on letters that nothing was trained on. "
    "C: the best task.score, with a note that you tried five. "
    "D: the mean of the five.",
    _check_choice,
    hints=(
        "Which of the four never uses the digits' test labels to choose?",
        "A second task, made of letters only, can be looked at as often as you like.",
    ),
    solution='answer = "B"  # the choice is made before the digits are looked at, once',
    reference="B",
    wrong_answers={
        "peeking": ("A", "peeking"),
        "confessed peeking": ("C", "the largest of five looks"),
        "mean": ("D", "no number that any one classifier reaches"),
        "number": (2, "in quotes"),
        "none": ("E", "none of the options"),
    },
)
