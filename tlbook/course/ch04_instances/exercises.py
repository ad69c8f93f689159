"""Exercises of chapter 04: repair a script, read a figure, change the experiment, choose."""

from __future__ import annotations

from typing import Any

import numpy as np

from tlbook.course.exercises.checkers import Probe, Wrong, number, on
from tlbook.course.exercises.core import Exercise
from tlbook.course.exercises.quizzes import choice, matching

# -- q1: repair the script ------------------------------------------------------------------------


def weighted_line(x, y, p):
    """Return slope and offset of the line weighted by the odds of being a target row."""
    weights = p / (1 - p)
    return np.polyfit(x, y, 1, w=np.sqrt(weights))  # polyfit squares what it is given


def _line(x: Any, y: Any, weights: Any) -> Any:
    return np.polyfit(x, y, 1, w=np.sqrt(weights))


def _points() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(4)
    x = rng.normal(1, 1, 30)
    return x, x**2 + rng.normal(size=30), rng.uniform(0.05, 0.9, 30)


q1 = Exercise(
    "q1",
    "Repair weighted_line(x, y, p): slope and offset of the least-squares line whose rows count as "
    "q/p. p is the chance of each row to be a target row, and both samples have the same size.",
    weighted_line,
    mistakes={
        "Both faults are still there. Is a chance a ratio of densities? And what does np.polyfit "
        "do with w?": lambda x, y, p: np.polyfit(x, y, 1, w=p),
        "The chance is repaired: its odds are the ratio. Now look at np.polyfit: what does it "
        "minimize, and what does it do with w?": lambda x, y, p: np.polyfit(x, y, 1, w=p / (1 - p)),
        "np.polyfit is repaired. But p is a chance between 0 and 1. The ratio q/p of the two "
        "densities is its odds.": lambda x, y, p: _line(x, y, p),
        "The odds are upside down: now the rows that look like the source count most.": (
            lambda x, y, p: _line(x, y, (1 - p) / p)
        ),
        "The order is the other way round: slope first, then offset.": lambda x, y, p: (
            weighted_line(x, y, p)[::-1]
        ),
        "These are the coefficients without weights.": lambda x, y, p: np.polyfit(x, y, 1),
    },
    probes=[Probe("weighted_line(x, y, p)", on(*_points()))],
    hints=(
        "Look at the formula of the domain classifier in section 2. What stands on its right side?",
        "The documentation of np.polyfit says that it minimizes the sum of (w · residual)². A "
        "weight should stand there without the square.",
        "The weights are p / (1 - p), and np.polyfit needs their square root.",
    ),
)

# -- q2: read the figure --------------------------------------------------------------------------

q2 = choice(
    "q2",
    "Which statement does the figure of bias and variance support?",
    "KMM takes more squared error from the line at shift 3.5 than from the line at shift 1",
    {
        "the true weights give an unbiased line, so their error at shift 3.5 is variance": "Look "
        "at the middle panel: most of the bar of the true ratio is squared bias.",
        "at shift 3.5 KMM buys a smaller variance with more bias than the true ratio": "Compare "
        "the two colors: both parts of KMM's bar are smaller.",
        "weights always lower the error of a model that is too simple": "The line is too simple in "
        "the first two panels. Compare the true ratio with no weights in the second.",
        "the weights make the cubic worse by giving it bias": "The bars of the third panel are "
        "nearly all variance.",
    },
    hints=(
        "Read one panel at a time: which color is most of each bar?",
        "For each statement find the two bars, or the two parts of bars, that it compares. Each "
        "panel has an axis of its own, so use the numbers above the bars.",
    ),
)

# -- q3: change the experiment --------------------------------------------------------------------

LAST_HELPFUL = 2.75
"""Largest shift, in steps of 0.25, at which the true weights help on average (a test reruns it)."""
STEP = 0.25


def _check_shift(answer: Any) -> None:
    if isinstance(answer, (int, float)) and answer == 3.5:
        raise Wrong("At shift 3.5 the true weights hurt: see the first claim of this section.")
    number(answer, LAST_HELPFUL, tolerance=STEP + 1e-9, what="the shift")


q3 = Exercise(
    "q3",
    "With 150 source rows: which is the largest shift, in steps of 0.25, at which the line with "
    "the true weights has the smaller mean RMSE?",
    LAST_HELPFUL,
    mistakes={
        "At shift 3.5 the true weights hurt: see the first claim of this section.": 3.5,
        "the shift is 2, which is too low.": 2.0,
    },
    check=_check_shift,
    hints=(
        "For one shift: tasks = [load(s, shift) for s in some_seeds(48)], then two means.",
        "np.mean([rmse(t) for t in tasks]) and np.mean([rmse(t, ratio(t, shift)) for t in tasks])",
    ),
    because="From the 48 samples of the quick budget. The two means cross near shift 2.9.",
)

# -- q4: when does weighting work? --------------------------------------------------------------

REASONS = {
    ("older patients", "class weights"): "The patients were selected by age, an input, not by "
    "their diagnosis: P(Y|X) stays and P(X) moves.",
    ("older patients", "not needed"): "The straight line is too simple for the whole range, so it "
    "matters where it is fitted.",
    ("older patients", "no cure here"): "The source has patients of every age the target has: "
    "there is overlap, so weights can work.",
    ("rare disease", "weight"): "Each class looks as before and its share moved: label shift. "
    "Weights by inputs keep the source's P(Y|X), which is wrong now.",
    ("rare disease", "not needed"): "Even the best classifier has to move its threshold when the "
    "class shares change.",
    ("rare disease", "no cure here"): "P(X|Y) stayed, so the new shares can be estimated from "
    "unlabeled rows: EM or BBSE.",
    ("flexible model", "weight"): "The model has the right form and learns P(Y|X) itself: weights "
    "would only throw effective rows away.",
    ("flexible model", "class weights"): "Nothing happened to the class shares given the inputs.",
    ("flexible model", "no cure here"): "The model is right wherever the source has rows, and "
    "source and target overlap: all is well as it is.",
    ("other continent", "weight"): "No source row lies where the target is: whatever you multiply "
    "by, nothing there gains weight.",
    ("other continent", "class weights"): "The inputs do not overlap; no class mix repairs that.",
    ("other continent", "not needed"): "Its line was fitted far from the target: there is a "
    "problem, only weights do not solve it.",
    ("new meaning", "weight"): "P(Y|X) itself changed. Weights move P(X); the labels of the rows "
    "stay as wrong as they are.",
    ("new meaning", "class weights"): "The classes mean something else now; this is concept shift.",
    ("new meaning", "not needed"): "Every model trained on the old meaning is wrong now.",
}

q4 = matching(
    "q4",
    'Decide for each story: "weight" (importance weights by inputs), "class weights" (label-shift '
    'correction), "not needed", or "no cure here" (neither can work).',
    {
        "older patients": "weight",
        "rare disease": "class weights",
        "flexible model": "not needed",
        "other continent": "no cure here",
        "new meaning": "no cure here",
    },
    ("weight", "class weights", "not needed", "no cure here"),
    REASONS,
    hints=(
        "Ask three questions: did P(Y|X) stay? Do source and target overlap? Is the model too "
        "simple for the whole range?",
        "Weights by inputs want three times yes. Where P(X|Y) stayed and P(Y) moved, it is label "
        "shift.",
    ),
    says="{key}: not '{option}'. {reason}",
)

# -- q5: choose and defend ------------------------------------------------------------------------

q5 = choice(
    "q5",
    "Which step do you ask for first?",
    "give a small number of loans to applicants without a fixed job and see who repays",
    {
        "weights by a better estimate of the ratio": "There is no row without a fixed job. "
        "Whatever its weight is, no row gains there: p is 0 where q is not.",
        "KMM with a bound of 10": "The bound makes the weights less uneven. In the chapter it did "
        "not create rows, and here a whole group has none.",
        "a class mix by EM": "EM corrects new shares of the classes when P(X|Y) stays. Here a "
        "group of applicants is missing: P(X) moved.",
        "no weights, because a flexible model needs none": "The score is a straight line, and a "
        "flexible one would have to guess in a region without rows, too.",
    },
    hints=(
        "Which of the two conditions of the formula fails here?",
        "Is it overlap in the sample that is missing, or overlap in principle?",
    ),
)
