"""What may move in a Keras base: everything, the upper layers, BatchNorm's statistics or not."""

from __future__ import annotations

from typing import Any

import numpy as np

from tlbook.course.ch12_keras_practice.keras_models.backend import use


def norms(base: Any) -> list[Any]:
    """Return the BatchNorm layers of a base."""
    keras = use()
    return [layer for layer in base.layers if isinstance(layer, keras.layers.BatchNormalization)]


def train_from(base: Any, layer: str, *, hold_norms: bool = True) -> int:
    """Free a base from a layer on, freeze it below, and return how many weights may move.

    Compile the model again afterwards: Keras's optimizer knows the weights that were trainable when
    it was built.

    Parameters
    ----------
    base : keras.Model
        Changed in place.
    layer : str
        First layer that is trained, e.g. ``"block_13_expand"``.
    hold_norms : bool
        Keep all BatchNorm layers frozen: then they use their moving statistics, and neither these
        nor scale and shift change. ``base(x, training=False)`` does not do that: inside another
        model Keras 3 replaces it by the outer model's mode.

    Raises
    ------
    ValueError
        If the base has no layer of this name.
    """
    names = [each.name for each in base.layers]
    if layer not in names:
        raise ValueError(f"layer: got {layer!r}, want one of the {len(names)} of {base.name}")
    base.trainable = True
    for each in base.layers[: names.index(layer)]:
        each.trainable = False
    if hold_norms:
        for norm in norms(base):
            norm.trainable = False
    return int(sum(np.prod(w.shape) for w in base.trainable_weights))


def statistics(base: Any) -> np.ndarray:
    """Return all moving means and variances of a base as one vector."""
    from keras import ops

    kept = [
        ops.convert_to_numpy(v).ravel()
        for n in norms(base)
        for v in (n.moving_mean, n.moving_variance)
    ]
    return np.concatenate(kept) if kept else np.zeros(0, np.float32)
