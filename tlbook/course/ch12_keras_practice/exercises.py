"""Exercises of chapter 12: pixels, padding, an experiment changed, a script repaired, a choice."""

from __future__ import annotations

from typing import Any

import numpy as np

from tlbook.course.ch12_keras_practice.repair import q4
from tlbook.course.exercises.checkers import Probe, Wrong, number, on
from tlbook.course.exercises.core import Exercise
from tlbook.course.exercises.quizzes import choice

__all__ = ["q1", "q2", "q3", "q4", "q5", "q6"]

# -- q1: pixels of VGG16 --------------------------------------------------------------------------

BGR = np.array([103.939, 116.779, 123.68])


def vgg_pixels(x):
    """Return pictures (n, h, w, 3) in [0, 1], RGB, as VGG16 was trained on them."""
    return 255 * x[..., ::-1] - np.array([103.939, 116.779, 123.68])  # both: blue, green, red


q1 = Exercise(
    "q1",
    "Write vgg_pixels(x): pictures (n, height, width, 3), RGB in [0, 1], as VGG16 was "
    "trained on them. The means of blue, green, red are 103.939, 116.779, 123.68.",
    vgg_pixels,
    mistakes={
        "Red is still first. Caffe reads BGR: turn the last axis round.": lambda x: 255 * x - BGR,
        "Each mean is at its color, but red is still first: VGG's first channel is "
        "blue.": lambda x: 255 * x - BGR[::-1],
        "The channels are turned round and the means as well: the first mean, 103.939, is "
        "blue's.": lambda x: 255 * x[..., ::-1] - BGR[::-1],
        "The means are on the scale 0 … 255, your pictures on 0 … 1: multiply first.": lambda x: (
            x[..., ::-1] - BGR
        ),
        "That is MobileNetV2's convention, [-1, 1].": lambda x: 2 * x - 1,
        "You turned the pictures round from left to right. Channels are the last axis.": lambda x: (
            255 * x[:, :, ::-1] - BGR
        ),
    },
    probes=[
        Probe(
            "the prepared pictures",
            on(np.random.default_rng(12).random((2, 4, 5, 3))),
            tolerance=1e-3,
        )
    ],
    hints=(
        "Three steps: scale, order of the channels, mean. Which scale are the means on?",
        "x[..., ::-1] turns the last axis round.",
        "255 * x[..., ::-1] - np.array([103.939, 116.779, 123.68])",
    ),
)

# -- q2: zeros at the edge ------------------------------------------------------------------------

CASES = [(48, 3, 2), (3, 3, 2), (24, 3, 1), (7, 5, 3), (9, 1, 2), (12, 1, 4)]
TWO_NUMBERS = "Return two whole numbers: zeros before and after."


def same_padding(n, kernel, stride):
    """Return the zeros before and after a side of n pixels under Keras's padding "same"."""
    outputs = -(-n // stride)  # n / stride, rounded up
    total = max((outputs - 1) * stride + kernel - n, 0)
    return total // 2, total - total // 2


def _halves(total: int) -> tuple[int, int]:
    return total // 2, total - total // 2


def _all_cases(answer: Any) -> list[Any]:
    given = [answer(*case) for case in CASES]
    if not all(isinstance(pair, (tuple, list)) and len(pair) == 2 for pair in given):
        raise Wrong(TWO_NUMBERS)
    return [tuple(pair) for pair in given]


def _first_difference(given: list[Any], want: list[Any]) -> str:
    i = next(i for i in range(len(CASES)) if given[i] != want[i])
    return f"For n, kernel, stride = {CASES[i]} the zeros should be {want[i]}."


q2 = Exercise(
    "q2",
    'Write same_padding(n, kernel, stride): how many zeros Keras\'s padding "same" puts '
    "before and after a side of n pixels.",
    same_padding,
    mistakes={
        "That pads the same on both sides, as torchvision does. With stride 2 an even side needs "
        "one zero only.": lambda n, kernel, stride: (kernel // 2, kernel // 2),
        "The odd zero comes *after* (bottom, right) in Keras.": lambda n, kernel, stride: (
            same_padding(n, kernel, stride)[::-1]
        ),
        "The number of outputs is n / stride rounded *up*: ceil(n / stride).": (
            lambda n, kernel, stride: _halves(max((n // stride - 1) * stride + kernel - n, 0))
        ),
        "Where the kernel is smaller than the stride the total would be negative: zero then.": (
            lambda n, kernel, stride: _halves((-(-n // stride) - 1) * stride + kernel - n)
        ),
        TWO_NUMBERS: lambda n, kernel, stride: 1,
    },
    probes=[Probe("the zeros", _all_cases, otherwise=_first_difference)],
    hints=(
        "Start from the number of outputs: ceil(n / stride). How many pixels do they need?",
        "The last window starts at (outputs - 1) * stride and is kernel wide.",
        "total = max((outputs - 1) * stride + kernel - n, 0); before = total // 2, the rest after.",
    ),
)

# -- q3: another order of colors ------------------------------------------------------------------

BGR_BAND = (0.58, 0.78)
"""Share of the letters, for any draw of 256: 0.72, 0.65 and 0.68 at the seeds 0, 1 and 2."""


def _of_letters(answer: Any) -> None:
    (low, high), width = BGR_BAND, (BGR_BAND[1] - BGR_BAND[0]) / 2
    if isinstance(answer, bool) or not isinstance(answer, (int, float, np.number)):
        number(answer, (low + high) / 2, tolerance=width, what="the share")
    value = float(answer)
    if low <= value <= high:
        return
    cases = {
        IN_PERCENT: value > 1,
        UNSCALED: value < 0.25,
        MIRRORED: value < 0.5,
        UNSWAPPED: value > 0.88,
    }
    raise Wrong(next((message for message, found in cases.items() if found), OTHERWISE))


IN_PERCENT = "That is in percent. Give the share, a number from 0 to 1."
UNSCALED = "So little comes out where the scale is wrong: keep the layer that maps to [-1, 1]."
MIRRORED = "You turned the pictures left to right. The colors are the *last* axis."
UNSWAPPED = "That is what is read with red first. Turn the last axis round: letters[..., ::-1]."
OTHERWISE = "Something else was changed. Only the order of the colors should differ."

q3 = Exercise(
    "q3",
    "Give MobileNetV2 the letters with blue first, the order that VGG16 wants, and its own scale "
    "[-1, 1]. What share of the letters does it read? Change the cell above.",
    0.68,
    mistakes={IN_PERCENT: 68, UNSCALED: 0.11, MIRRORED: 0.37, UNSWAPPED: 0.94, OTHERWISE: 0.81},
    check=_of_letters,
    hints=(
        "The layers stay as they are. What changes is the array that goes in.",
        "reader(keras.layers.Rescaling(1 / 127.5, -1)).predict(letters[..., ::-1], verbose=0)",
    ),
    because="The cell above, with letters[..., ::-1] in place of letters.",
)

# -- q5: read the figure --------------------------------------------------------------------------

q5 = choice(
    "q5",
    "Read the figure. From how many labels per class on does the whole interval of training "
    "everything lie above the probe of the whole base, and stay there?",
    "5",
    {
        "1": "At 1 the interval of the orange line reaches below zero.",
        "2": "At 2 the interval of the orange line reaches below zero.",
        "10": "Look one budget to the left: is that interval above zero as well?",
        "20": "Look at 10 and below: are those intervals above zero as well?",
    },
    hints=(
        "Find the orange line for the whole network, and the bar at each of its points.",
        "The interval has to lie wholly above the line at zero, here and at all larger budgets.",
    ),
)

# -- q6: choose and defend ------------------------------------------------------------------------

q6 = choice(
    "q6",
    "You have 30 pictures of each of 8 kinds of screws, a laptop, and MobileNetV2 with ImageNet "
    "weights. What do you try first, to have a number that the rest must beat?",
    "a head on cached features",
    {
        "a new network from scratch": "240 pictures are few for millions of weights, and the "
        "pretrained features cost one pass. Chapter 01 measured the difference.",
        "everything at the rate 1e-3": "It costs most and has the most settings, and you would not "
        "know what the features alone give.",
        "the upper blocks, with augmentation": "A good second step. Without the head's number you "
        "could not say what it adds.",
        "a head on augmented pictures in every epoch": "It runs the frozen base again in every "
        "epoch. Cache first, and let validation rows say whether augmentation adds anything.",
    },
    hints=(
        "Which of these costs one pass through the network?",
        "A first result is a baseline: cheap, hard to get wrong, and known before anything moves.",
    ),
    because="It costs one pass and has one setting. What unfreezing adds comes second.",
)
