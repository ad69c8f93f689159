"""D2 §5.1 and D4 §4.1, image classification with VGG16 in Keras: the same listing twice.

They differ in the last line: D4 gives validation data, D2 gives none. What both do right: the top
is left out, every layer of the base is frozen before compiling (VGG16 has no BatchNorm that could
move), and ``Flatten`` is what VGG's own head does. Written afresh with the same mistakes, on
pictures of 32 pixels.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from tlbook.course.listings._keras_fit import nothing_held_out
from tlbook.course.listings.fault import Fault, Listing

SEED = 100


@cache
def _rows() -> tuple[Any, Any]:
    """Return 16 digits of 32 pixels, 0 … 255, with the labels 0 … 9 as whole numbers."""
    from tlbook import data
    from tlbook.course.ch12_keras_practice.keras_models import pictures, use

    X, y = data.load("signs", seed=SEED).label(2, seed=SEED)
    keras = use()
    resized = keras.layers.Resizing(32, 32)(pictures(X[:16]))
    return keras.ops.convert_to_numpy(resized), y[:16]


def _off(prepared: bool) -> float:
    """Largest difference of the network's input from what VGG16 was trained on."""
    import numpy as np

    from tlbook.course.ch12_keras_practice.keras_models import preprocessing, use

    X, _ = _rows()
    keras = use()
    given = keras.ops.convert_to_numpy(preprocessing("vgg16")(X)) if prepared else X
    wanted = keras.applications.vgg16.preprocess_input(X.copy())
    return float(np.abs(given - wanted).max())


def _model(loss: str) -> Any:
    """Build the listing's network on VGG16's architecture; the mistakes need no weights."""
    import contextlib
    import io

    from tlbook.course.ch12_keras_practice.keras_models import base, use

    keras = use()
    with contextlib.redirect_stdout(io.StringIO()):
        trunk = base("vgg16", weights="random", input_size=32, seed=SEED)
    for layer in trunk.layers:
        layer.trainable = False
    x = keras.layers.Flatten()(trunk.output)
    outputs = keras.layers.Dense(10, activation="softmax")(x)
    model = keras.Model(trunk.input, outputs)
    model.compile("adam", loss, metrics=["accuracy"])
    return model


def _first_loss(loss: str) -> float:
    """Loss after one step with whole numbers as labels."""
    X, y = _rows()
    try:
        return float(_model(loss).fit(X / 255, y, epochs=1, verbose=0).history["loss"][0])
    except ValueError as error:
        if "shape" not in str(error) and "rank" not in str(error):
            raise RuntimeError(f"another error than the one looked for: {error}") from error
        raise


def _halves() -> tuple[Any, Any, Any, Any]:
    X, y = _rows()
    return X[:8], y[:8], X[8:], y[8:]


LISTING = Listing(
    name="vgg",
    document="D2 §5.1, D4 §4.1",
    chapter="12",
    promise="Classifies pictures with a frozen VGG16 and a new last layer.",
    faults=(
        Fault(
            "no preprocessing",
            wrong="gives RGB pixels to a network that was trained on BGR minus the mean",
            symptom="it trains without a word, on too bright pictures, red and blue swapped",
            repair="keras.applications.vgg16.preprocess_input, as a layer of the model",
            broken=lambda: _off(False),
            repaired=lambda: _off(True),
            healthy=lambda value: value < 1e-3,
            show=lambda value: f"input off by up to {value:.3g} gray levels",
        ),
        Fault(
            "labels that the loss cannot read",
            wrong="uses categorical_crossentropy and never makes its labels one-hot",
            symptom="ValueError at the first step where the labels are whole numbers",
            repair="sparse_categorical_crossentropy, or keras.utils.to_categorical on the labels",
            broken=lambda: _first_loss("categorical_crossentropy"),
            repaired=lambda: _first_loss("sparse_categorical_crossentropy"),
            healthy=lambda value: 0 < value < 100,
            show=lambda value: f"loss {value:.2f} after one step",
        ),
        nothing_held_out(
            lambda: _model("sparse_categorical_crossentropy"),
            _halves,
            name="nothing held out (D2 only)",
            wrong="calls fit without validation data and never evaluates; D4 does give some",
        ),
    ),
)
