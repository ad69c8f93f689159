"""D0 §5.1 (MobileNetV2 in Keras): raw pixels reach a base that was trained on −1 … 1."""

from __future__ import annotations

from typing import Any

import numpy as np

from tlbook.course.ch20_clinic_and_faq.ward.patient import Cause, Patient
from tlbook.course.listings import mobilenet


def sick() -> Any:
    """Return the compiled model; it takes pictures of 24 pixels with values 0 … 255."""
    return mobilenet._model(prepared=False)


def cured() -> Any:
    """Return the model with MobileNetV2's own preprocessing inside."""
    return mobilenet._model(prepared=True)


def rescaled() -> Any:
    """Return the model with a Rescaling layer, which does the same by another name."""
    from tlbook.course.ch12_keras_practice.keras_models import embedded_file, use

    keras = use()
    base = keras.applications.MobileNetV2(
        input_shape=(48, 48, 3), alpha=0.35, include_top=False, weights=embedded_file()
    )
    base.trainable = False
    inputs = keras.Input((24, 24, 3))
    x = keras.layers.Rescaling(1 / 127.5, offset=-1)(keras.layers.Resizing(48, 48)(inputs))
    z = keras.layers.GlobalAveragePooling2D()(base(x))
    model = keras.Model(inputs, keras.layers.Dense(10, activation="softmax")(z))
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def reaching_the_base(model: Any) -> Any:
    """Return the values that enter the pretrained base for a black and a white picture."""
    from tlbook.course.ch12_keras_practice.keras_models import use

    keras = use()
    base = next(layer for layer in model.layers if "mobilenet" in layer.name)
    entry = keras.Model(model.input, base._inbound_nodes[-1].input_tensors[0])
    both = np.stack([np.zeros((24, 24, 3)), np.full((24, 24, 3), 255.0)]).astype(np.float32)
    return entry.predict(both, verbose=0)


def test(code: Any) -> None:
    """Ask what black and white are when they reach the pretrained base."""
    values = reaching_the_base(code())
    assert np.allclose(values.min(), -1, atol=0.01), f"black arrives as {values.min():g}"
    assert np.allclose(values.max(), 1, atol=0.01), f"white arrives as {values.max():g}"


def symptom_test(code: Any) -> None:
    """Ask for the operations that preprocess_input leaves behind."""
    names = [operation.name for operation in code().operations]
    assert any("subtract" in name for name in names), "nothing is subtracted from the pixels"


PATIENT = Patient(
    name="listing_mobilenet",
    story="The listing of D0 §5.1: a frozen MobileNetV2 and a new softmax, ten epochs on a folder "
    "of pictures.",
    symptom="It trains without a word, and the accuracy on new pictures is near chance.",
    promise="code() returns the compiled Keras model; it takes pictures (n, 24, 24, 3) with "
    "values 0 … 255.",
    sick=sick,
    cured=cured,
    test=test,
    differential=(
        Cause("the base was trained by mistake", "the base has no trainable weights"),
        Cause("ten epochs are too few", "with prepared pixels ten epochs are enough"),
        Cause(
            "the labels do not belong to the pictures",
            "ten of them, looked at, bear their own labels",
        ),
    ),
    cure="keras.applications.mobilenet_v2.preprocess_input inside the model.",
    chapter="12",
    healthy={"does it by a Rescaling layer": rescaled},
    symptom_test=symptom_test,
    slow=True,
)
