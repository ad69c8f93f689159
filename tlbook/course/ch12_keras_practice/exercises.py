"""Exercises of chapter 12: pixels of VGG16, zeros at the edge, what moves, what a cache saves."""

from __future__ import annotations

from typing import Any

import numpy as np

from tlbook.course.exercises.checkers import array, choice, number
from tlbook.course.exercises.core import Exercise, Wrong

# -- q1: pixels of VGG16 --------------------------------------------------------------------------

MEAN_BGR = (103.939, 116.779, 123.68)


def vgg_pixels(x: Any) -> np.ndarray:
    """Return pictures (n, h, w, 3) in [0, 1], RGB, as VGG16 was trained on them."""
    return np.asarray(x, dtype=float)[..., ::-1] * 255 - np.array(MEAN_BGR)


def _rgb_order(x: Any) -> np.ndarray:
    return np.asarray(x, dtype=float) * 255 - np.array(MEAN_BGR)


def _rgb_right_mean(x: Any) -> np.ndarray:
    return np.asarray(x, dtype=float) * 255 - np.array(MEAN_BGR[::-1])


def _bgr_rgb_mean(x: Any) -> np.ndarray:
    return np.asarray(x, dtype=float)[..., ::-1] * 255 - np.array(MEAN_BGR[::-1])


def _not_scaled(x: Any) -> np.ndarray:
    return np.asarray(x, dtype=float)[..., ::-1] - np.array(MEAN_BGR)


def _mobilenet(x: Any) -> np.ndarray:
    return 2 * np.asarray(x, dtype=float) - 1


def _flipped(x: Any) -> np.ndarray:
    return np.asarray(x, dtype=float)[:, :, ::-1] * 255 - np.array(MEAN_BGR)


def _check_pixels(answer: Any) -> None:
    x = np.random.default_rng(12).random((2, 4, 5, 3))
    array(
        answer(x.copy()),
        vgg_pixels(x),
        tolerance=1e-3,
        what="the prepared pictures",
        mistakes={
            "Red is still first. Caffe reads BGR: turn the last axis round.": _rgb_order(x),
            "Each mean is at its color, but red is still first: VGG's first channel is blue.": (
                _rgb_right_mean(x)
            ),
            "The channels are turned round and the means as well: the first mean, 103.939, is "
            "blue's.": _bgr_rgb_mean(x),
            "The means are on the scale 0 … 255, your pictures on 0 … 1: multiply first.": (
                _not_scaled(x)
            ),
            "That is MobileNetV2's convention, [-1, 1].": _mobilenet(x),
            "You turned the pictures round from left to right. Channels are the last axis.": (
                _flipped(x)
            ),
        },
    )


q1 = Exercise(
    name="q1",
    question="Write vgg_pixels(x): pictures (n, height, width, 3), RGB in [0, 1], as VGG16 was "
    "trained on them. The means of blue, green, red are 103.939, 116.779, 123.68.",
    check=_check_pixels,
    hints=(
        "Three steps: scale, order of the channels, mean. Which scale are the means on?",
        "x[..., ::-1] turns the last axis round.",
        "255 * x[..., ::-1] - np.array([103.939, 116.779, 123.68])",
    ),
    solution="""
    def answer(x):
        return 255 * x[..., ::-1] - np.array([103.939, 116.779, 123.68])
    """,
    reference=vgg_pixels,
    wrong_answers={
        "RGB, BGR means": (_rgb_order, "Red is still first. Caffe"),
        "RGB, own means": (_rgb_right_mean, "Each mean is at its color"),
        "BGR, RGB means": (_bgr_rgb_mean, "first mean, 103.939"),
        "not scaled": (_not_scaled, "multiply first"),
        "MobileNet's": (_mobilenet, "MobileNetV2's convention"),
        "mirrored": (_flipped, "left to right"),
    },
    given=lambda: {"np": np},
)

# -- q2: zeros at the edge ------------------------------------------------------------------------


def same_padding(n: int, kernel: int, stride: int) -> tuple[int, int]:
    """Return the zeros before and after a side of n pixels under Keras's padding "same"."""
    total = max((-(-n // stride) - 1) * stride + kernel - n, 0)
    return total // 2, total - total // 2


def _symmetric(n: int, kernel: int, stride: int) -> tuple[int, int]:
    return kernel // 2, kernel // 2


def _before_first(n: int, kernel: int, stride: int) -> tuple[int, int]:
    return same_padding(n, kernel, stride)[::-1]


def _rounds_down(n: int, kernel: int, stride: int) -> tuple[int, int]:
    total = max((n // stride - 1) * stride + kernel - n, 0)
    return total // 2, total - total // 2


def _negative(n: int, kernel: int, stride: int) -> tuple[int, int]:
    total = (-(-n // stride) - 1) * stride + kernel - n
    return total // 2, total - total // 2


def _check_padding(answer: Any) -> None:
    cases = [(48, 3, 2), (3, 3, 2), (24, 3, 1), (7, 5, 3), (9, 1, 2), (12, 1, 4)]
    mistakes = {
        "That pads the same on both sides, as torchvision does. With stride 2 an even side needs "
        "one zero only.": _symmetric,
        "The odd zero comes *after* (bottom, right) in Keras.": _before_first,
        "The number of outputs is n / stride rounded *up*: ceil(n / stride).": _rounds_down,
        "Where the kernel is smaller than the stride the total would be negative: zero then.": (
            _negative
        ),
    }
    for case in cases:
        given = answer(*case)
        if not isinstance(given, (tuple, list)) or len(given) != 2:
            raise Wrong("Return two whole numbers: zeros before and after.")
        if tuple(given) == same_padding(*case):
            continue
        for message, wrong in mistakes.items():
            if all(tuple(answer(*c)) == wrong(*c) for c in cases):
                raise Wrong(message)
        raise Wrong(f"For n, kernel, stride = {case} the zeros should be {same_padding(*case)}.")


q2 = Exercise(
    name="q2",
    question='Write same_padding(n, kernel, stride): how many zeros Keras\'s padding "same" puts '
    "before and after a side of n pixels.",
    check=_check_padding,
    hints=(
        "Start from the number of outputs: ceil(n / stride). How many pixels do they need?",
        "The last window starts at (outputs - 1) * stride and is kernel wide.",
        "total = max((outputs - 1) * stride + kernel - n, 0); before = total // 2, the rest after.",
    ),
    solution="""
    def answer(n, kernel, stride):
        outputs = -(-n // stride)
        total = max((outputs - 1) * stride + kernel - n, 0)
        return total // 2, total - total // 2
    """,
    reference=same_padding,
    wrong_answers={
        "as torchvision": (_symmetric, "as torchvision does"),
        "odd zero before": (_before_first, "comes *after*"),
        "rounds down": (_rounds_down, "rounded *up*"),
        "negative": (_negative, "total would be negative"),
        "one number": (lambda n, k, s: 1, "Return two whole numbers"),
    },
)

# -- q3: what moves? ------------------------------------------------------------------------------


def _check_story(answer: Any) -> None:
    choice(
        answer,
        "both",
        {
            "nothing": "The base was unfrozen, and compiled after that: its weights learn.",
            "weights": "training=False at the call does not reach BatchNorm during fit: Keras 3 "
            "runs the inner model in the outer one's mode. Remember the drift that you saw.",
            "statistics": "The statistics move, and the weights as well: base.trainable = True, "
            "and compile saw it.",
            "error": "An error comes if compile is forgotten after fit. Here it was called.",
        },
    )


q3 = Exercise(
    name="q3",
    question="A model was built with base(x, training=False) and its head trained. Then "
    "base.trainable = True, compile, fit. What moves in the base?",
    check=_check_story,
    hints=(
        "Two questions: do the weights get gradients? In which mode does BatchNorm run?",
        "The chapter printed how far the statistics moved for a base called with training=False.",
    ),
    solution='answer = "both"',
    reference="both",
    wrong_answers={
        "nothing": ("nothing", "was unfrozen"),
        "weights": ("weights", "does not reach BatchNorm"),
        "statistics": ("statistics", "and the weights as well"),
        "error": ("error", "compile is forgotten"),
    },
)

# -- q4: what caching saves -----------------------------------------------------------------------


def saving(pictures: int, epochs: int, base: float, head: float) -> float:
    """Return how many times cheaper cached features are: (e n (b + h)) / (n b + e n h)."""
    return epochs * (base + head) / (base + epochs * head)


def _check_saving(answer: Any) -> None:
    given = 500, 10, 2e-3, 1e-4
    number(
        answer(*given),
        saving(*given),
        tolerance=1e-6,
        what="the factor",
        mistakes={
            "You let the head be free. It runs in every epoch, cached or not.": 10.0,
            "You charged the base in every epoch of the cached way too.": 1.0,
            "Without the cache the head costs time too: base + head per picture and epoch.": (
                10 * 2e-3 / (2e-3 + 10 * 1e-4)
            ),
            "Upside down: the uncached time over the cached one.": 1 / saving(*given),
        },
    )
    number(answer(100, 1, 1e-3, 1e-4), 1.0, what="the factor at one epoch")


q4 = Exercise(
    name="q4",
    question="Write saving(pictures, epochs, base, head): by what factor caching shortens training "
    "when a picture costs `base` seconds in the base and `head` seconds in a step of the head.",
    check=_check_saving,
    hints=(
        "Write down both times: without the cache, base and head in every epoch.",
        "With it: the base once, the head in every epoch. The number of pictures cancels.",
        "epochs * (base + head) / (base + epochs * head)",
    ),
    solution="""
    def answer(pictures, epochs, base, head):
        return epochs * (base + head) / (base + epochs * head)
    """,
    reference=saving,
    wrong_answers={
        "free head": (lambda n, e, b, h: float(e), "let the head be free"),
        "base every epoch": (lambda n, e, b, h: 1.0, "charged the base in every epoch"),
        "no head without cache": (
            lambda n, e, b, h: e * b / (b + e * h),
            "the head costs time too",
        ),
        "upside down": (lambda n, e, b, h: 1 / saving(n, e, b, h), "Upside down"),
    },
)
