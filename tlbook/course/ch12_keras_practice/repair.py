"""Exercise q4 of chapter 12: a fine-tuning script with four faults, on a base of two layers."""

from __future__ import annotations

from typing import Any

import numpy as np

from tlbook.course.exercises.checkers import AnswerFailed, Probe, Wrong
from tlbook.course.exercises.core import Exercise

LOW, BN, HIGH, HEAD = "low", "norm", "high", "head"


def fine_tune(model, base, X, y):
    """Train the head and the base from the layer "high" on, and return the model."""
    import keras

    base.trainable = True
    first = [layer.name for layer in base.layers].index("high")
    for i, layer in enumerate(base.layers):
        if i < first or isinstance(layer, keras.layers.BatchNormalization):
            layer.trainable = False
    model.compile(keras.optimizers.SGD(1e-3), "sparse_categorical_crossentropy")
    model.fit(X, y, epochs=1, verbose=0)
    return model


def _parts() -> tuple[Any, Any, np.ndarray, np.ndarray]:
    """Return a small model whose head was trained on a frozen base, the base, pictures, labels."""
    from tlbook.course.ch12_keras_practice.keras_models import use

    keras = use()
    keras.utils.set_random_seed(12)
    layers = keras.layers
    base = keras.Sequential(
        [
            keras.Input((4, 4, 3)),
            layers.Conv2D(4, 3, name=LOW),
            layers.BatchNormalization(name=BN),
            layers.Conv2D(4, 2, name=HIGH),
            layers.BatchNormalization(name=f"{HIGH}_{BN}"),
            layers.GlobalAveragePooling2D(),
        ]
    )
    base.trainable = False
    model = keras.Sequential([base, layers.Dense(2, activation="softmax", name=HEAD)])
    X, y = np.random.default_rng(12).normal(3, 1, (8, 4, 4, 3)), np.arange(8) % 2
    model.compile("sgd", "sparse_categorical_crossentropy")
    model.fit(X, y, epochs=1, verbose=0)
    return model, base, X, y


def _moved(answer: Any) -> str:
    """Return what is mistaken about a fine-tuning, in a word; "" if nothing is."""
    model, base, X, y = _parts()
    before = {layer.name: layer.get_weights() for layer in (*base.layers, model.layers[-1])}
    try:
        answer(model, base, X, y)
    except AnswerFailed as failed:
        if "Unknown variable" in str(failed):
            return UNCOMPILED
        raise
    step = {layer.name: _far(layer, before) for layer in (*base.layers, model.layers[-1])}
    if step[HEAD] == 0:
        return UNTRAINED
    if step[HIGH] == 0:
        return STILL_FROZEN
    if step[BN] > 0 or step[f"{HIGH}_{BN}"] > 0:
        return NORMS_MOVE
    if step[LOW] > 0:
        return ALL_MOVE
    return TOO_FAST if float(model.optimizer.learning_rate) > 1e-3 * 1.001 else ""


def _far(layer: Any, before: dict[str, list[np.ndarray]]) -> float:
    """Return how far the weights of a layer went, at most."""
    pairs = zip(layer.get_weights(), before[layer.name], strict=True)
    return max((float(np.abs(now - then).max()) for now, then in pairs), default=0.0)


UNCOMPILED = "The optimizer does not know the new variables: compile after trainable has changed."
UNTRAINED = "Nothing was trained: is fit still there, and the head trainable?"
STILL_FROZEN = 'The layer "high" did not move. Is it trainable when the model is compiled?'
NORMS_MOVE = "BatchNorm moved. After base.trainable = True freeze each BatchNormalization layer."
ALL_MOVE = 'The layer "low" moved: freeze everything below "high".'
TOO_FAST = "The rate is larger than 1e-3, which is too fast for what is already known here."


def _as_published(model: Any, base: Any, X: Any, y: Any) -> Any:
    base.trainable = True
    model.fit(X, y, epochs=1, verbose=0)
    return model


def _compiled(prepare: Any, lr: float = 1e-3, epochs: int = 1) -> Any:
    def answer(model: Any, base: Any, X: Any, y: Any) -> Any:
        prepare(base)
        model.compile("sgd", "sparse_categorical_crossentropy")
        model.optimizer.learning_rate = lr
        if epochs:
            model.fit(X, y, epochs=epochs, verbose=0)
        return model

    return answer


def _all(base: Any) -> None:
    base.trainable = True


def _all_but_norms(base: Any) -> None:
    _all(base)
    for layer in base.layers:
        layer.trainable = BN not in layer.name


def _upper(base: Any) -> None:
    _all_but_norms(base)
    base.get_layer(LOW).trainable = False


def _repaired(answer: Any) -> bool:
    if message := _moved(answer):
        raise Wrong(message)
    return True


q4 = Exercise(
    "q4",
    'Repair fine_tune(model, base, X, y): the head and the base from the layer "high" on should '
    "learn, with a rate of at most 1e-3, and BatchNorm should keep still everywhere.",
    fine_tune,
    mistakes={
        UNCOMPILED: _as_published,
        UNTRAINED: _compiled(_upper, epochs=0),
        STILL_FROZEN: _compiled(lambda base: None),
        NORMS_MOVE: _compiled(_all),
        ALL_MOVE: _compiled(_all_but_norms),
        TOO_FAST: _compiled(_upper, lr=1e-1),
    },
    probes=(Probe("the repaired script", _repaired),),
    hints=(
        "Which weights does the optimizer know when fit begins?",
        "Three steps before compile: free the base, freeze what lies below, freeze each BatchNorm.",
        "for layer in base.layers: layer.trainable = ... ; then model.compile, then model.fit.",
    ),
)
