"""D2 §5.1 (VGG16 in Keras): a loss for one-hot labels, and labels that are whole numbers."""

from __future__ import annotations

from typing import Any

import numpy as np

from tlbook.course.ch20_clinic_and_faq.ward.patient import Cause, Patient
from tlbook.course.ch20_clinic_and_faq.ward.patients._tools import pictures
from tlbook.course.listings import vgg


def sick(X: Any, y: Any) -> float:
    """Train for one epoch and return the loss."""
    return _first_loss("categorical_crossentropy", X, y)


def cured(X: Any, y: Any) -> float:
    """Do the same with the loss that reads whole numbers."""
    return _first_loss("sparse_categorical_crossentropy", X, y)


def one_hot(X: Any, y: Any) -> float:
    """Do the same with the published loss, and labels that were made one-hot."""
    return _first_loss("categorical_crossentropy", X, np.eye(10)[y])


def _first_loss(loss: str, X: Any, y: Any) -> float:
    return float(vgg._model(loss).fit(X / 255, y, epochs=1, verbose=0).history["loss"][0])


def test(code: Any) -> None:
    """Train on labels 0 … 9 as a folder gives them; guessing among ten classes costs ln 10."""
    X, y = pictures()
    try:
        loss = code(X, y)
    except ValueError as error:
        raise AssertionError(f"it stops: {str(error).splitlines()[0]}") from error
    assert 0.1 < loss < 20, f"the loss is {loss:.3g}, guessing costs {np.log(10):.2f}"


def symptom_test(code: Any) -> None:
    """Hand over one-hot labels, for which the loss was made."""
    X, y = pictures()
    assert np.isfinite(code(X, np.eye(10)[y]))


PATIENT = Patient(
    name="listing_vgg",
    story="The listing of D2 §5.1: a frozen VGG16 and Dense(10), trained on the arrays of a folder "
    "of pictures.",
    symptom="It stops at the first step with a ValueError about shapes.",
    promise="code(X, y) trains for one epoch and returns the loss; pictures (n, 32, 32, 3) with "
    "values 0 … 255, labels 0 … 9 as whole numbers.",
    sick=sick,
    cured=cured,
    test=test,
    differential=(
        Cause("the number of classes is wrong", "the last layer has ten outputs"),
        Cause("the pictures have another size", "a forward pass alone works"),
    ),
    cure="sparse_categorical_crossentropy, or one-hot labels (keras.utils.to_categorical).",
    chapter="12",
    healthy={"makes the labels one-hot": one_hot},
    symptom_test=symptom_test,
    slow=True,
)
