"""BatchNorm in a Keras base: its moving statistics as one vector, to see whether they moved."""

from __future__ import annotations

from typing import Any

import numpy as np

from tlbook.course.ch12_keras_practice.keras_models.backend import use


def statistics(base: Any) -> np.ndarray:
    """Return all moving means and variances of a base as one vector."""
    keras = use()
    kept = [
        keras.ops.convert_to_numpy(values).ravel()
        for layer in base.layers
        if isinstance(layer, keras.layers.BatchNormalization)
        for values in (layer.moving_mean, layer.moving_variance)
    ]
    return np.concatenate(kept) if kept else np.zeros(0, np.float32)
