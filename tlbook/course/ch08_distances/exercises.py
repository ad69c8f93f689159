"""Exercises of chapter 08: a repair, a figure to read, a changed experiment, a rule to defend."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_predict

from tlbook.course.exercises.checkers import Probe, Wrong, kind, number, on
from tlbook.course.exercises.core import Exercise
from tlbook.course.exercises.quizzes import choice, matching

# -- q1: repair this script: the A-distance -------------------------------------------------------


def distance(A, B):
    """Return 2 (1 - 2 ε): rows judged by others, and both samples count the same."""
    rows, domain = np.concatenate([A, B]), np.repeat([0, 1], [len(A), len(B)])
    teller = LogisticRegression(C=1e4, max_iter=1000, class_weight="balanced")
    told = cross_val_predict(teller, rows, domain, cv=5)
    error = (np.mean(told[domain == 0] == 1) + np.mean(told[domain == 1] == 0)) / 2
    return 2 * (1 - 2 * error)


def _on_its_training_rows(A: np.ndarray, B: np.ndarray) -> float:
    rows, domain = np.concatenate([A, B]), np.repeat([0, 1], [len(A), len(B)])
    told = LogisticRegression(C=1e4, max_iter=1000).fit(rows, domain).predict(rows)
    return float(2 * (1 - 2 * np.mean(told != domain)))


def _all_rows_alike(A: np.ndarray, B: np.ndarray) -> float:
    rows, domain = np.concatenate([A, B]), np.repeat([0, 1], [len(A), len(B)])
    told = cross_val_predict(LogisticRegression(C=1e4, max_iter=1000), rows, domain, cv=5)
    return float(2 * (1 - 2 * np.mean(told != domain)))


def _pair(n: int, m: int, d: int, shift: float) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(8)
    return rng.normal(size=(n, d)), rng.normal(size=(m, d)) + shift / d**0.5


q1 = Exercise(
    "q1",
    "Repair distance(A, B), the proxy A-distance of two samples that may differ in size.",
    distance,
    mistakes={
        "That is 2 (1 − ε). At an error of one half, a guess, the distance has to be 0: "
        "2 (1 − 2 ε).": lambda A, B: 1 + distance(A, B) / 2,
        "The factor 2 before the bracket is missing. The distance goes up to 2.": lambda A, B: (
            distance(A, B) / 2
        ),
        "Two samples of one distribution with 60 features get a distance of {value}. The "
        "classifier is judged on the rows it was trained on. Judge each row by a classifier that "
        "has not seen it.": _on_its_training_rows,
        "One sample has 30 rows, the other 150, both from one distribution, and you return "
        "{value}. A classifier that always names the larger sample is wrong on few rows. Take the "
        "mean of the two samples' error rates.": _all_rows_alike,
    },
    probes=[
        Probe("the distance of two clouds that overlap", on(*_pair(200, 200, 2, 2)), 0.15),
        Probe("the distance of samples from one distribution", on(*_pair(30, 30, 60, 0)), 0.7),
        Probe("the distance of samples of unequal size", on(*_pair(30, 150, 2, 0)), 0.6),
    ],
    hints=(
        "There are three mistakes: the rows it is judged on, the formula, samples of unequal size.",
        "a_distance in the cell above has two of the three right. In which place does it use that "
        "both samples have the same size?",
        'class_weight="balanced" lets both samples count the same in training. ε is the mean of '
        "the two error rates.",
    ),
)

# -- q2: read the figure --------------------------------------------------------------------------

NEAR = "both distances fall, the accuracy falls"
FAR = "one distance rises, the other hardly changes, the accuracy falls"
NOISE = "both distances rise, the accuracy stays within 5 points"
NOBODY = "both distances fall, the accuracy stays within 5 points"

q2 = matching(
    "q2",
    "Which source does each sentence describe, against print?",
    {NEAR: "pen, other code", NOISE: "noisy", FAR: "mirrored", NOBODY: "none"},
    ("mirrored", "noisy", "pen, other code", "none"),
    {
        (NEAR, "none"): "Look for a row that is left of zero in all three panels.",
        (NEAR, ""): "Its distances do not both fall. Left of zero is nearer than print.",
        (NOISE, "mirrored"): "Its accuracy falls by about 30 points.",
        (NOISE, ""): "Look for a row right of zero in both distances and at zero in accuracy.",
        (FAR, "noisy"): "Both of its distances rise.",
        (FAR, ""): "Look for a row at zero in one distance and right of zero in the other.",
        (NOBODY, "pen, other code"): "Its accuracy falls by more than 50 points.",
        (NOBODY, ""): "Its distances do not both fall.",
    },
    hints=(
        "Zero is print as it is. Left of zero is smaller.",
        "Take one row after the other, and read the three panels.",
        "One of the sentences describes none of the three.",
    ),
)

# -- q3: change the experiment: a sixth source ----------------------------------------------------

UPSIDE_DOWN, MIRRORED = (1.65, 0.326), (1.66, 0.279)
"""A-distance and accuracy over the chapter's 8 seeds (a test computes them again)."""
MIRROR = "That is mirrored print. Turned by 180° means both axes: X[..., ::-1, ::-1]."


def _check_sixth(answer: Any) -> None:
    if not isinstance(answer, (tuple, list, np.ndarray)) or len(answer) != 2:
        raise Wrong(f"Give two numbers, not {kind(answer)}.")
    number(answer[0], UPSIDE_DOWN[0], tolerance=0.1, what="the A-distance")
    accuracy = answer[1]
    if isinstance(accuracy, (int, float)) and abs(accuracy - MIRRORED[1]) < 0.008:
        raise Wrong(MIRROR)
    number(accuracy, UPSIDE_DOWN[1], tolerance=0.03, what="the accuracy")


q3 = Exercise(
    "q3",
    "Add print turned by 180° as a sixth source. Which mean A-distance and accuracy has it?",
    UPSIDE_DOWN,
    mistakes={MIRROR: MIRRORED},
    check=_check_sixth,
    hints=(
        'Add a line to candidates: "upside down": (X[..., ::-1, ::-1], y).',
        "Run the cell of candidates and the cell of the table again.",
        'runs["upside down"].mean(0) has the A-distance at 1 and the accuracy at 4.',
    ),
    because="From 8 seeds; yours may differ a little on another machine.",
)

# -- q4: choose and defend: the rule of an alarm --------------------------------------------------

q4 = choice(
    "q4",
    "Every night a test, 365 a year, and about one false alarm in two years. Which rule?",
    "alarm when p ≤ 0.001, with 999 shuffles",
    {
        "alarm when the unbiased MMD² is above 0": "Without any drift the unbiased estimate is "
        "above 0 in nearly half of the nights.",
        "alarm when p ≤ 0.05, with 999 shuffles": "One night in twenty is a false alarm: about 18 "
        "in a year.",
        "alarm when p ≤ 0.001, with 199 shuffles": "The smallest p that 199 shuffles can give is "
        "1/200 = 0.005. This alarm is silent whatever happens.",
        "alarm when the A-distance on its training rows is above 1": "On its training rows a "
        "classifier with many features tells any two samples apart. See exercise 1.",
    },
    hints=(
        "How many false alarms do 365 tests at the level α give in a year?",
        "Which p-values can a test with B shuffles have?",
    ),
    because="365 tests at the level 0.001 give at most 0.37 false alarms a year on average",
)
