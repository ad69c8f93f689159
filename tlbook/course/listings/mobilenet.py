"""D0 §5.1, image classification with MobileNetV2 in Keras: a frozen base that sees raw pixels.

Written afresh with the same mistakes, on the project's small MobileNetV2 and pictures of 48 pixels.
What the listing does right stays: the top is left out, the base is frozen *before* compiling, maps
are averaged, the loss fits integer labels.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from tlbook.course.listings._keras_fit import nothing_held_out, undefined_names
from tlbook.course.listings.fault import Fault, Listing

EPOCHS = 10
SEED = 100

PUBLISHED = """
base = tf.keras.applications.MobileNetV2((224, 224, 3), include_top=False)
base.trainable = False
pool, head = tf.keras.layers.GlobalAveragePooling2D(), tf.keras.layers.Dense(10, "softmax")
model = tf.keras.Sequential([base, pool, head])
model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(train_images, train_labels, epochs=10)
"""
GIVEN = """
import tensorflow as tf
train_images, train_labels = [], []
"""


@cache
def _rows() -> tuple[Any, Any, Any, Any]:
    """Return 200 labeled digits to train on and 100 to look at, as an image file holds them."""
    from tlbook import data
    from tlbook.course.ch12_keras_practice.keras_models import pictures

    X, y = data.load("signs", seed=SEED).label(30, seed=SEED)
    X = pictures(X)
    return X[:200], y[:200], X[200:], y[200:]


def _model(prepared: bool, counter: Any = None) -> Any:
    """Build the listing's network: base, average, softmax; with or without the right pixels."""
    from tlbook.course.ch12_keras_practice.keras_models import embedded_file, use

    keras = use()
    keras.utils.set_random_seed(SEED)
    base = keras.applications.MobileNetV2(
        input_shape=(48, 48, 3), alpha=0.35, include_top=False, weights=embedded_file()
    )
    base.trainable = False
    inputs = keras.Input((24, 24, 3))
    x = keras.layers.Resizing(48, 48)(inputs)
    if prepared:
        x = keras.applications.mobilenet_v2.preprocess_input(x)
    if counter is not None:
        x = counter(x)
    z = keras.layers.GlobalAveragePooling2D()(base(x))
    model = keras.Model(inputs, keras.layers.Dense(10, activation="softmax")(z))
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def _head_and_body(model: Any) -> tuple[Any, Any]:
    """Return the last layer as a compiled model of its own, and everything before it."""
    from tlbook.course.ch12_keras_practice.keras_models import use

    keras = use()
    body = keras.Model(model.input, model.layers[-2].output)
    head = keras.Sequential([model.layers[-1]])
    head.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return head, body


def _accuracy(prepared: bool) -> float:
    """Accuracy on digits that were not trained on, after the listing's ten epochs.

    The head is trained on features computed once: the same steps in a tenth of the time.
    """
    X, y, X_new, y_new = _rows()
    head, body = _head_and_body(_model(prepared))
    head.fit(body.predict(X, verbose=0), y, epochs=EPOCHS, verbose=0)
    return float(head.evaluate(body.predict(X_new, verbose=0), y_new, verbose=0)[1])


def _few() -> tuple[Any, Any, Any, Any]:
    return tuple(part[:16] for part in _rows())


def _counting() -> Any:
    from tlbook.course.ch12_keras_practice.keras_models import use

    keras = use()

    class Count(keras.layers.Layer):  # type: ignore[name-defined]
        """Passes pictures on and counts them, whatever the backend."""

        def build(self, shape: Any) -> None:
            """Make the counter."""
            self.seen = self.add_weight(shape=(), initializer="zeros", trainable=False)

        def call(self, x: Any) -> Any:
            """Return x as it is."""
            self.seen.assign_add(keras.ops.cast(keras.ops.shape(x)[0], "float32"))
            return x

    return Count()


def _passes(cached: bool) -> float:
    """How often a picture goes through the base in ten epochs."""
    X, y = _few()[:2]
    counter = _counting()
    model = _model(True, counter)
    if cached:
        head, body = _head_and_body(model)
        head.fit(body.predict(X, verbose=0), y, epochs=EPOCHS, verbose=0)
    else:
        model.fit(X, y, epochs=EPOCHS, verbose=0)
    return float(counter.seen.numpy()) / len(X)


LISTING = Listing(
    name="mobilenet",
    document="D0 §5.1",
    chapter="12",
    promise="Classifies pictures with a frozen MobileNetV2 and a new last layer.",
    faults=(
        undefined_names(
            PUBLISHED,
            GIVEN,
            wrong="uses tf and two arrays, imports nothing and makes neither array",
            repair="import keras (Keras 3 stands alone), and arrays or a dataset of your own",
        ),
        Fault(
            "raw pixels",
            wrong="gives pixels 0 … 255 to a network that was trained on -1 … 1",
            symptom="it trains without a word, and the features are nearly worthless",
            repair="keras.applications.mobilenet_v2.preprocess_input, inside the model",
            broken=lambda: _accuracy(False),
            repaired=lambda: _accuracy(True),
            healthy=lambda value: value > 0.45,
            show=lambda value: f"accuracy on new digits {100 * value:.0f} %",
        ),
        nothing_held_out(lambda: _model(True), _few),
        Fault(
            "the frozen base runs in every epoch",
            wrong="trains the head through the whole network, ten times over the same pictures",
            symptom="no mistake but a cost: the same result, for ten times the work",
            repair="compute the features once, train the head on them (without augmentation)",
            broken=lambda: _passes(False),
            repaired=lambda: _passes(True),
            healthy=lambda value: value == 1,
            show=lambda value: f"passes of each picture through the base: {value:g}",
        ),
    ),
)
