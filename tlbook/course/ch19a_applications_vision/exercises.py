"""Exercises of chapter 19a: a repair, a figure, fog, a rule without masks, drivers, a number."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tlbook.course.exercises.checkers import Probe, Wrong, on
from tlbook.course.exercises.core import Exercise
from tlbook.course.exercises.quizzes import choice, matching, subset

# -- q1: repair this script: which answers are right? ---------------------------------------------


def right_answers(overlaps, threshold=0.5):
    """Return for each answer, surest first, whether it finds an object that is still free."""
    free = np.array(overlaps, dtype=float)  # (answers, objects)
    right = []
    for row in free:
        best = row.argmax()
        right.append(bool(row[best] >= threshold))
        if right[-1]:
            free[:, best] = -1  # taken: nobody finds it again
    return right


def _twice(overlaps, threshold=0.5):
    return [bool(row.max() >= threshold) for row in np.asarray(overlaps, float)]


def _greedy(overlaps, threshold, *, strict=False, always=False, best_of_all=False, first=False):
    free = np.array(overlaps, dtype=float)
    whole, right = free.copy(), []
    for row, all_of_it in zip(free, whole, strict=True):
        best = (all_of_it if best_of_all else row >= threshold if first else row).argmax()
        right.append(bool(row[best] > threshold if strict else row[best] >= threshold))
        if right[-1] or always:
            free[:, best] = -1
    return right


TWO = np.array([[0.8, 0.1], [0.7, 0.2], [0.1, 0.6]])
NEXT = np.array([[0.9, 0.6], [0.8, 0.7]])
WEAK = np.array([[0.4, 0.0], [0.6, 0.0]])
BETTER = np.array([[0.6, 0.9], [0.7, 0.1]])

q1 = Exercise(
    "q1",
    "Repair right_answers(overlaps, threshold): which answers, surest first, are right? "
    "overlaps has the IoU of each answer (row) with each object (column) of its class.",
    right_answers,
    mistakes={
        "An object is found twice. The second answer for one object is a false alarm. Mark the "
        "object as taken.": _twice,
        "An IoU of exactly the threshold is right: use >=.": lambda overlaps, threshold=0.5: (
            _greedy(overlaps, threshold, strict=True)
        ),
        "A wrong answer takes an object away. Mark an object as taken only if the answer is "
        "right.": lambda overlaps, threshold=0.5: _greedy(overlaps, threshold, always=True),
        "You look only at the best object of all, as PASCAL VOC does. By the rule above an answer "
        "is compared with the objects that are not yet taken.": (
            lambda overlaps, threshold=0.5: _greedy(overlaps, threshold, best_of_all=True)
        ),
        "You take the first object that overlaps enough. Take the one that overlaps most.": (
            lambda overlaps, threshold=0.5: _greedy(overlaps, threshold, first=True)
        ),
    },
    probes=[
        Probe("the answers for two objects", on(TWO)),
        Probe("an answer whose IoU is exactly the threshold", on(np.array([[0.5]]))),
        Probe("an answer below the threshold", on(WEAK)),
        Probe("an answer whose best object is taken", on(NEXT)),
        Probe("an answer that overlaps enough with two objects", on(BETTER)),
    ],
    hints=(
        "Go through the answers in their order. What has to be remembered from one to the next?",
        "Copy the table. When an answer is right, write -1 into the column of its object.",
        "best = row.argmax(); right if row[best] >= threshold; then free[:, best] = -1.",
    ),
)

# -- q2: read the figure of the detectors ---------------------------------------------------------

q2 = subset(
    "q2",
    "Which sentences does the figure support?",
    {"b", "c"},
    {
        "a": "With 20 scenes the interval of fine-tuning minus frozen contains zero.",
        "b": "With 500 scenes the whole interval of fine-tuning minus frozen is above zero.",
        "c": "In the left panel all three intervals are above zero.",
        "d": "The figure ends at 500 scenes, and all arms made equally many steps.",
        "e": "No arm was trained on other pictures than letters first, so the figure cannot say.",
    },
    hints=(
        "A sentence is supported if a whole interval lies on one side of zero.",
        "Two sentences are supported. Which sentences speak of something that no arm shows?",
    ),
)

# -- q3: fog by distance --------------------------------------------------------------------------


def fog(x, z, reach, haze):
    """Return pictures x (n, 3, h, w) in fog, with z (h, w) the distance of each pixel."""
    clear = np.exp(-z / reach)  # (h, w): what the fog lets through
    return clear * x + (1 - clear) * haze


def _scene() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(19)
    return rng.random((2, 3, 4, 5)), np.geomspace(60, 2, 4)[:, None] * np.ones((4, 5))


PICTURES, DISTANCE = _scene()

q3 = Exercise(
    "q3",
    "Write fog(x, z, reach, haze): at the distance z the share exp(-z / reach) of a pixel's own "
    "color comes through, and the rest is the color of the fog.",
    fog,
    mistakes={
        "The two shares are exchanged: near things should be clear.": lambda x, z, reach, haze: (
            (1 - np.exp(-z / reach)) * x + np.exp(-z / reach) * haze
        ),
        "The pixel's own color keeps its full weight. The two shares add up to 1.": (
            lambda x, z, reach, haze: x + (1 - np.exp(-z / reach)) * haze
        ),
        "The exponent has the wrong sign: more than all of the color would come through.": (
            lambda x, z, reach, haze: np.exp(z / reach) * x + (1 - np.exp(z / reach)) * haze
        ),
        "Divide by the reach: with a larger reach more of the color comes through.": (
            lambda x, z, reach, haze: np.exp(-z * reach) * x + (1 - np.exp(-z * reach)) * haze
        ),
        "The color of the fog is missing: far away is black in your picture.": (
            lambda x, z, reach, haze: np.exp(-z / reach) * x
        ),
        "The exponent is upside down. At z = reach both forms agree. At z = 0 nothing is lost.": (
            lambda x, z, reach, haze: np.exp(-reach / z) * x + (1 - np.exp(-reach / z)) * haze
        ),
        "That is one gray veil over the whole picture, as in the cell above. Here each pixel has "
        "its own distance.": lambda x, z, reach, haze: (
            np.exp(-np.mean(z) / reach) * x + (1 - np.exp(-np.mean(z) / reach)) * haze
        ),
    },
    probes=[Probe("the pictures in fog", on(PICTURES, DISTANCE, 10.0, 0.7), tolerance=1e-6)],
    hints=(
        "clear = np.exp(-z / reach) has the shape (h, w). NumPy stretches it over (n, 3, h, w).",
        "The result is a weighted mean of x and haze.",
        "clear * x + (1 - clear) * haze",
    ),
)

# -- q4: a rule without masks ---------------------------------------------------------------------

RATIO, ROAD = 0.34, 0.26  # over the three live seeds: 0.340 and 0.20 to 0.31


def _entry(k: int) -> Callable[[Any], float]:
    def read(answer: Any) -> float:
        try:
            return [float(number) for number in answer][:2][k]
        except (TypeError, ValueError, IndexError):
            raise Wrong("Give two numbers: the factor, and the road IoU at night.") from None

    return read


q4 = Exercise(
    "q4",
    "Give the ratio of mean brightness, night to day, and the night's road IoU of a network that "
    "was trained with all pictures of the day darkened by this one factor (fractions, means over "
    "the live seeds).",
    (RATIO, ROAD),
    mistakes={
        "That is day to night. Darkening needs a factor below 1.": (1 / RATIO, ROAD),
        "That is the ratio of fog to day.": (1.28, ROAD),
        "That is the road IoU of source only. Train again with augment=darkened.": (RATIO, 0.53),
        "That is the road IoU of the simulated weather. Here one factor darkens every picture, and "
        "there is no fog.": (RATIO, 0.91),
    },
    probes=[
        Probe("the ratio", _entry(0), tolerance=0.02),
        Probe("the road IoU", _entry(1), tolerance=0.15),
    ],
    hints=(
        "factor = roads('night', s, 100).X.mean() / roads('day', s).X.mean(), for each s in live.",
        "darkened(x, generator) returns (factor * x + 0.04 * noise).clamp(0, 1), without a draw.",
        "Copy the cell of the live comparison and use segmenter(day, s, darkened).",
    ),
)

# -- q5: read the figure of the drivers -----------------------------------------------------------

DARK, LOST, CLOSE, SHAKEN = (
    "at night comes less far than cloning",
    "errs most on its own pictures",
    "its two errors lie closest together",
    "errs less than cloning on its own pictures, though only the driver drove",
)

q5 = matching(
    "q5",
    "Which way of copying does each sentence describe?",
    {DARK: "dagger", LOST: "cloning", CLOSE: "dagger", SHAKEN: "shaken cloning"},
    ("cloning", "dagger", "shaken cloning"),
    {
        (DARK, "shaken cloning"): "Its interval at night contains zero.",
        (DARK, ""): "Cloning cannot come less far than cloning.",
        (LOST, ""): "Compare the dark bars. They belong to the pictures that the copy sees itself.",
        (CLOSE, ""): "Compare the two bars of each way. Whose light bar is nearly as high as the "
        "dark one?",
        (SHAKEN, "dagger"): "With DAgger the copy drove in the lessons.",
        (SHAKEN, ""): "Cloning cannot err less than cloning.",
    },
    hints=(
        "Left: which interval lies below zero? Right: compare the bars.",
        "One way is the answer twice.",
    ),
)

# -- q6: choose and defend: the number before the road --------------------------------------------

q6 = choice(
    "q6",
    "Which number do you ask for before a copied driver goes on a closed road?",
    "meters until it leaves the lane, the copy driving, on roads and in weather of the test",
    {
        "error of the angle on demonstrations that were held out": (
            "On this number DAgger is worse than cloning, and it drives farther. The pictures are "
            "those that the driver sees."
        ),
        "error of the angle on all lessons, DAgger's included": (
            "The copy has learned these pictures."
        ),
        "meters until it leaves the lane, the copy driving, on the roads of the lessons": (
            "The copy has seen these roads. In section 4 the roads of the test are others."
        ),
        "meters until it leaves the lane, the copy driving, by day": (
            "By day DAgger drives farthest. At night it is the other way round."
        ),
    },
    hints=(
        "Who drives while the number is measured?",
        "Which roads and which weather will the copy meet?",
    ),
    because="the copy makes its own pictures, and the world makes the rest of the shift",
)
