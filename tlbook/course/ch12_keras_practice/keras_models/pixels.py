"""What each family of networks wants its pixels to be: the line that the documents forget."""

from __future__ import annotations

from typing import Any

from tlbook._base.checks import check_choice, check_positive
from tlbook.course.ch12_keras_practice.keras_models.backend import use

FAMILIES = ("mobilenet_v2", "vgg16")


def preprocessing(
    name: str = "mobilenet_v2", *, pixels: float = 255.0, size: int | None = None
) -> Any:
    r"""Return a Keras layer that turns RGB pictures into what a network was trained on.

    .. math:: \text{MobileNetV2: } x / 127.5 - 1 \in [-1, 1] \qquad
        \text{VGG16: } (B, G, R) - (103.939, 116.779, 123.68)

    Parameters
    ----------
    name : {"mobilenet_v2", "vgg16"}
        Family of the network.
    pixels : float
        The largest value of a pixel in *your* pictures: 255, or 1 for pictures in [0, 1]. Both
        formulas above are for 255.
    size : int, optional
        Side in pixels to which pictures are resized first (bilinear).

    Returns
    -------
    keras.Sequential
        From (n, height, width, 3), channels last, to the same or to (n, size, size, 3).

    Raises
    ------
    ValueError
        If the family is unknown, or ``pixels`` or ``size`` is not positive.
    """
    check_choice(name, "name", FAMILIES)
    check_positive(pixels, "pixels")
    keras = use()
    layers = []
    if size is not None:
        check_positive(size, "size", integer=True)
        layers.append(keras.layers.Resizing(size, size, interpolation="bilinear"))
    if name == "mobilenet_v2":
        layers.append(keras.layers.Rescaling(2.0 / pixels, offset=-1.0))
    else:
        from tlbook.course.ch12_keras_practice.keras_models.caffe import CaffePixels

        layers.append(CaffePixels(255.0 / pixels))
    return keras.Sequential(layers, name=f"{name}_preprocessing")


def pictures(X: Any, pixels: float = 255.0) -> Any:
    """Return the course's pictures as Keras wants them: (n, height, width, 3), 0 … ``pixels``.

    Parameters
    ----------
    X : array of shape (n, 3, height, width)
        Pictures in [0, 1], channels first, as ``tlbook.data`` gives them.
    pixels : float
        Value of a full pixel; 255 is what image files and the documents' listings have.

    Raises
    ------
    ValueError
        If ``X`` has another shape, values outside [0, 1], or NaN.
    """
    import numpy as np

    from tlbook._base.checks import check_array

    check_positive(pixels, "pixels")
    X = check_array(X, "X", ndim=4)
    if X.shape[1] != 3:
        raise ValueError(f"X: got shape {X.shape}, want (n, 3, height, width)")
    if X.min() < 0 or X.max() > 1:
        raise ValueError(f"X: got values from {X.min():g} to {X.max():g}, want [0, 1]")
    return np.ascontiguousarray(X.transpose(0, 2, 3, 1), dtype=np.float32) * np.float32(pixels)
