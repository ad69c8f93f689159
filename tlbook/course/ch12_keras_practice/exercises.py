"""Exercises of chapter 12: pixels of VGG16, zeros at the edge, what moves, what a cache saves."""

from __future__ import annotations

from typing import Any

import numpy as np

from tlbook.course.exercises.checkers import Probe, Wrong, on
from tlbook.course.exercises.core import Exercise
from tlbook.course.exercises.quizzes import choice

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

# -- q3: what moves? ------------------------------------------------------------------------------

q3 = choice(
    "q3",
    "A model was built with base(x, training=False) and its head trained. Then "
    "base.trainable = True, compile, fit. What moves in the base?",
    "both",
    {
        "nothing": "The base was unfrozen, and compiled after that: its weights learn.",
        "weights": "training=False at the call does not reach BatchNorm during fit: Keras 3 runs "
        "the inner model in the outer one's mode. Remember the drift that you saw.",
        "statistics": "The statistics move, and the weights as well: base.trainable = True, and "
        "compile saw it.",
        "error": "An error comes if compile is forgotten after fit. Here it was called.",
    },
    hints=(
        "Two questions: do the weights get gradients? In which mode does BatchNorm run?",
        "The chapter printed how far the statistics moved for a base called with training=False.",
    ),
)

# -- q4: what caching saves -----------------------------------------------------------------------


def saving(pictures, epochs, base, head):
    """Return how many times cheaper cached features are; the number of pictures cancels."""
    return epochs * (base + head) / (base + epochs * head)


q4 = Exercise(
    "q4",
    "Write saving(pictures, epochs, base, head): by what factor caching shortens training "
    "when a picture costs `base` seconds in the base and `head` seconds in a step of the head.",
    saving,
    mistakes={
        "You let the head be free. It runs in every epoch, cached or not.": lambda n, e, b, h: (
            float(e)
        ),
        "You charged the base in every epoch of the cached way too.": lambda n, e, b, h: 1.0,
        "Without the cache the head costs time too: base + head per picture and "
        "epoch.": lambda n, e, b, h: e * b / (b + e * h),
        "Upside down: the uncached time over the cached one.": lambda n, e, b, h: (
            1 / saving(n, e, b, h)
        ),
    },
    probes=[
        Probe("the factor", on(500, 10, 2e-3, 1e-4)),
        Probe("the factor at one epoch", on(100, 1, 1e-3, 1e-4)),
    ],
    hints=(
        "Write down both times: without the cache, base and head in every epoch.",
        "With it: the base once, the head in every epoch. The number of pictures cancels.",
        "epochs * (base + head) / (base + epochs * head)",
    ),
)
