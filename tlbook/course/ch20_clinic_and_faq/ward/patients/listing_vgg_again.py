"""D4 §4.1 (VGG16 in Keras again): RGB pixels for a network that was trained on BGR."""

from __future__ import annotations

from typing import Any

import numpy as np

from tlbook.course.ch20_clinic_and_faq.ward.patient import Cause, Patient
from tlbook.course.listings import vgg


def sick() -> tuple[float, ...]:
    """Return the three values that reach the first convolution of VGG16 for a red picture."""
    return vgg._red(prepared=False)


def cured() -> tuple[float, ...]:
    """Return the same with VGG16's own preprocessing."""
    return vgg._red(prepared=True)


def by_hand() -> tuple[float, ...]:
    """Return the same in NumPy: blue first, minus ImageNet's mean."""
    pixel = np.array(vgg.RED)[::-1] - (103.939, 116.779, 123.68)
    return tuple(float(v) for v in pixel)


def mean_without_order() -> tuple[float, ...]:
    """Return the pixel minus the mean, with red still in front."""
    pixel = np.array(vgg.RED) - (123.68, 116.779, 103.939)
    return tuple(float(v) for v in pixel)


def test(code: Any) -> None:
    """Ask where the red of a red picture arrives: last, and every channel less its mean."""
    blue, green, red = code()
    assert red > 100 > 0 > blue, f"red arrives as {blue:.0f}, {green:.0f}, {red:.0f}"
    assert abs(red - (255 - 123.68)) < 1 and abs(green + 116.779) < 1, (
        "the means are not ImageNet's"
    )


def symptom_test(code: Any) -> None:
    """Ask whether the values lie around 0."""
    assert min(code()) < 0, "no value is below 0"


PATIENT = Patient(
    name="listing_vgg_again",
    story="The listing of D4 §4.1, the same VGG16 with validation data. It trains, and nobody "
    "can say what it would have reached.",
    symptom="No message. Red and blue objects are confused more often than a person would.",
    promise="code() returns the three values that reach VGG16's first convolution for a picture "
    "that is all red, (255, 0, 0).",
    sick=sick,
    cured=cured,
    test=test,
    differential=(
        Cause("the new head is too large", "what enters the base is the same under any head"),
        Cause("the base moves", "no weight of the base changes"),
        Cause("the files are read as BGR", "plt.imshow shows the right colors"),
    ),
    cure="keras.applications.vgg16.preprocess_input inside the model.",
    chapter="12",
    healthy={"does it in NumPy": by_hand},
    hidden={"subtracts the mean and keeps red in front": mean_without_order},
    symptom_test=symptom_test,
    slow=True,
)
