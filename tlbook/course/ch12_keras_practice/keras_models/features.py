"""Features of a frozen base, computed once instead of once per epoch."""

from __future__ import annotations

from typing import Any

import numpy as np

from tlbook._base.checks import check_array, check_positive
from tlbook.course.ch12_keras_practice.keras_models.backend import use


def pooled(base: Any, prepare: Any = None, layer: str | None = None) -> Any:
    """Return a Keras model from pictures to the averages of a base's maps.

    Parameters
    ----------
    base : keras.Model
        From prepared pictures to maps (n, h, w, channels).
    prepare : keras layer, optional
        Comes first; see :func:`.pixels.preprocessing`.
    layer : str, optional
        Cut the base after this layer; by default its last one.

    Returns
    -------
    keras.Model
        To (n, channels). For training, freeze the base or its BatchNorm: a model inside a model
        gets the outer one's mode (see :func:`.freezing.train_from`).

    Raises
    ------
    ValueError
        If the base has no layer of this name.
    """
    keras = use()
    if layer is not None:
        names = [each.name for each in base.layers]
        if layer not in names:
            raise ValueError(f"layer: got {layer!r}, want one of the {len(names)} of {base.name}")
        base = keras.Model(base.input, base.get_layer(layer).output)
    shape = base.input_shape[1:] if prepare is None else (None, None, base.input_shape[-1])
    inputs = keras.Input(shape)
    x = inputs if prepare is None else prepare(inputs)
    maps = base(x, training=False)
    return keras.Model(inputs, keras.layers.GlobalAveragePooling2D()(maps), name="pooled_base")


def cached_features(body: Any, X: Any, *, batch_size: int = 128) -> np.ndarray:
    """Return the features of all rows, computed once.

    Parameters
    ----------
    body : keras.Model
        From pictures to features (n, d), e.g. of :func:`pooled`. It is run in inference mode.
    X : array of shape (n, height, width, 3)
        Pictures.
    batch_size : int
        Pictures at a time.

    Returns
    -------
    array of shape (n, d), float32

    Raises
    ------
    ValueError
        If the pictures are not finite numbers, or the body gives maps instead of features.
    """
    check_positive(batch_size, "batch_size", integer=True)
    X = check_array(X, "X", ndim=4)
    features = np.asarray(body.predict(X, batch_size=batch_size, verbose=0))
    if features.ndim != 2:
        raise ValueError(f"body: gives maps {features.shape[1:]}, want features: pool them")
    return features
