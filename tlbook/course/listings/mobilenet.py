"""D0 §5.1, image classification with MobileNetV2 in Keras: a frozen base that sees raw pixels.

Written afresh with the same mistakes, on the project's small MobileNetV2 and pictures of 48 pixels.
What the listing does right stays: the top is left out, the base is frozen *before* compiling, maps
are averaged, the loss fits integer labels.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from tlbook.course.listings._keras_fit import nothing_held_out
from tlbook.course.listings.fault import Fault, Listing

EPOCHS = 10
SEED = 100


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
    import contextlib
    import io

    from tlbook.course.ch12_keras_practice.keras_models import base, preprocessing, use

    keras = use()
    keras.utils.set_random_seed(SEED)
    with contextlib.redirect_stdout(io.StringIO()):
        trunk = base("mobilenet_v2", weights="embedded")
    trunk.trainable = False
    resize = keras.layers.Resizing(48, 48)
    first = preprocessing("mobilenet_v2", size=48) if prepared else resize
    counted = [] if counter is None else [counter]
    layers = [first, *counted, trunk, keras.layers.GlobalAveragePooling2D()]
    model = keras.Sequential([*layers, keras.layers.Dense(10, activation="softmax")])
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def _accuracy(prepared: bool) -> float:
    """Accuracy on digits that were not trained on, after the listing's ten epochs.

    The head is trained on features computed once: the same steps in a tenth of the time.
    """
    from tlbook.course.ch12_keras_practice.keras_models import cached_features, use

    X, y, X_new, y_new = _rows()
    keras = use()
    model = _model(prepared)
    body, head = keras.Sequential(model.layers[:-1]), keras.Sequential(model.layers[-1:])
    head.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    head.fit(cached_features(body, X), y, epochs=EPOCHS, verbose=0)
    return float(head.evaluate(cached_features(body, X_new), y_new, verbose=0)[1])


def _few() -> tuple[Any, Any, Any, Any]:
    return tuple(part[:16] for part in _rows())


def _counting() -> Any:
    from tlbook.course.ch12_keras_practice.keras_models import use

    keras = use()

    class Count(keras.layers.Layer):  # type: ignore[name-defined]
        """Passes pictures on and counts them."""

        seen = 0

        def call(self, x: Any) -> Any:
            self.seen += 0 if x.device.type == "meta" else len(x)
            return x

    return Count()


def _passes(cached: bool) -> float:
    """How often a picture goes through the base in ten epochs."""
    from tlbook.course.ch12_keras_practice.keras_models import cached_features, use

    X, y = _few()[:2]
    counter = _counting()
    model = _model(True, counter)
    counter.seen = 0  # building runs the layers on made-up pictures
    if not cached:
        model.fit(X, y, epochs=EPOCHS, verbose=0)
        return counter.seen / len(X)
    keras = use()
    body = keras.Sequential(model.layers[:-1])
    Z = cached_features(body, X)
    head = keras.Sequential([model.layers[-1]])
    head.compile("adam", "sparse_categorical_crossentropy")
    head.fit(Z, y, epochs=EPOCHS, verbose=0)
    return counter.seen / len(X)


LISTING = Listing(
    name="mobilenet",
    document="D0 §5.1",
    chapter="12",
    promise="Classifies pictures with a frozen MobileNetV2 and a new last layer.",
    faults=(
        Fault(
            "raw pixels",
            wrong="gives pixels 0 … 255 to a network that was trained on -1 … 1",
            symptom="it trains without a word, and the features are nearly worthless",
            repair="a preprocessing layer in front of the base: x / 127.5 - 1",
            broken=lambda: _accuracy(False),
            repaired=lambda: _accuracy(True),
            healthy=lambda value: value > 0.45,
            show=lambda value: f"accuracy on new digits {100 * value:.0f} %",
        ),
        nothing_held_out(lambda: _model(True), _few),
        Fault(
            "the frozen base runs in every epoch",
            wrong="trains the head through the whole network, ten times over the same pictures",
            symptom="the same result, for ten times the work",
            repair="compute the features once, train the head on them (without augmentation)",
            broken=lambda: _passes(False),
            repaired=lambda: _passes(True),
            healthy=lambda value: value == 1,
            show=lambda value: f"passes of each picture through the base: {value:g}",
        ),
    ),
)
