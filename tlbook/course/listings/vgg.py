"""D2 §5.1 and D4 §4.1, image classification with VGG16 in Keras: the same listing twice.

They differ in the last line: D4 gives validation data, D2 gives none (and the names of
the arrays). What both do right: the top
is left out, every layer of the base is frozen before compiling (VGG16 has no BatchNorm that could
move), and ``Flatten`` is what VGG's own head does. Written afresh with the same mistakes, on
pictures of 32 pixels.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from tlbook.course.listings._keras_fit import nothing_held_out, undefined_names
from tlbook.course.listings.fault import Fault, Listing

SEED = 100

PUBLISHED = """
from keras.applications import VGG16
from keras.layers import Dense, Flatten
from keras.models import Model
base = VGG16(include_top=False, input_shape=(224, 224, 3))
for layer in base.layers:
    layer.trainable = False
outputs = Dense(10, activation="softmax")(Flatten()(base.output))
model = Model(base.input, outputs)
model.compile("adam", "categorical_crossentropy", metrics=["accuracy"])
model.fit(x_train, y_train, epochs=10, batch_size=32)
"""
GIVEN = """
x_train, y_train = [], []
"""


@cache
def _rows() -> tuple[Any, Any]:
    """Return 16 digits of 32 pixels, 0 … 255, with the labels 0 … 9 as whole numbers."""
    from tlbook import data
    from tlbook.course.ch12_keras_practice.keras_models import pictures, use

    X, y = data.load("signs", seed=SEED).label(2, seed=SEED)
    keras = use()
    resized = keras.layers.Resizing(32, 32)(pictures(X[:16]))
    return keras.ops.convert_to_numpy(resized), y[:16]


RED = (255.0, 0.0, 0.0)
RED_IN_CAFFE = (0 - 103.939, 0 - 116.779, 255 - 123.68)
"""A red pixel as VGG16 was trained on it: blue first, minus ImageNet's mean, by hand."""


def _red(prepared: bool) -> tuple[float, ...]:
    """Return what reaches the first convolution when a picture is all red."""
    import numpy as np

    from tlbook.course.ch12_keras_practice.keras_models import use

    keras = use()
    inputs = keras.Input((4, 4, 3))
    x = keras.applications.vgg16.preprocess_input(inputs) if prepared else inputs
    first = keras.Model(inputs, keras.layers.Identity()(x))
    red = np.full((1, 4, 4, 3), RED, np.float32)
    return tuple(float(value) for value in first.predict(red, verbose=0)[0, 0, 0])


def _is_caffe(pixel: tuple[float, ...]) -> bool:
    return all(abs(a - b) < 1e-3 for a, b in zip(pixel, RED_IN_CAFFE, strict=True))


def _base(size: int) -> Any:
    """Build the listing's frozen base; its architecture is enough for these mistakes."""
    from tlbook.course.ch12_keras_practice.keras_models import use

    keras = use()
    keras.utils.set_random_seed(SEED)
    base = keras.applications.VGG16(include_top=False, weights=None, input_shape=(size, size, 3))
    for layer in base.layers:
        layer.trainable = False
    return base


def _head_weights(pooling: str) -> int:
    """Return the number of weights of the new head at 224 pixels."""
    from tlbook.course.ch12_keras_practice.keras_models import use

    keras = use()
    head = keras.Sequential([keras.Input((7, 7, 512)), getattr(keras.layers, pooling)()])
    head.add(keras.layers.Dense(10))
    return int(head.count_params())


def _model(loss: str) -> Any:
    from tlbook.course.ch12_keras_practice.keras_models import use

    keras = use()
    base = _base(32)
    x = keras.layers.Flatten()(base.output)
    model = keras.Model(base.input, keras.layers.Dense(10, activation="softmax")(x))
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
        undefined_names(
            PUBLISHED,
            GIVEN,
            wrong="fits two arrays and makes neither; D4 calls them train_data, train_labels",
            repair="arrays or a dataset of your own",
        ),
        Fault(
            "no preprocessing",
            wrong="gives RGB pixels to a network that was trained on BGR minus the mean",
            symptom="it trains without a word, on too bright pictures, red and blue swapped",
            repair="keras.applications.vgg16.preprocess_input, inside the model",
            broken=lambda: _red(False),
            repaired=lambda: _red(True),
            healthy=_is_caffe,
            show=lambda pixel: "a red pixel arrives as " + ", ".join(f"{v:.0f}" for v in pixel),
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
        Fault(
            "a large head",
            wrong="flattens 7 × 7 maps of 512 channels in front of Dense(10), at Adam's 1e-3",
            symptom="no mistake, VGG's own head does so; but 2,500 weights to each of 100 pictures",
            repair="GlobalAveragePooling2D, and compare both on held-out rows",
            broken=lambda: _head_weights("Flatten"),
            repaired=lambda: _head_weights("GlobalAveragePooling2D"),
            healthy=lambda count: count < 10_000,
            show=lambda count: f"{count:,} weights in the head at 224 pixels",
        ),
        nothing_held_out(
            lambda: _model("sparse_categorical_crossentropy"),
            _halves,
            name="nothing held out (D2 only)",
            wrong="calls fit without validation data and never evaluates; D4 does give some",
        ),
    ),
)
