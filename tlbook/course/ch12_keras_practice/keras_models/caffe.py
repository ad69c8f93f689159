"""Pixels as VGG wants them, as a layer that is saved with the model."""

from __future__ import annotations

from typing import Any

from tlbook.course.ch12_keras_practice.keras_models.backend import use

keras = use()

MEAN_BGR = (103.939, 116.779, 123.68)
"""Mean of ImageNet's pixels, blue first: VGG was trained in Caffe, which reads BGR."""


@keras.saving.register_keras_serializable("tlbook")
class CaffePixels(keras.layers.Layer):  # type: ignore[name-defined]
    """From RGB to BGR, scaled to 0 … 255, minus the mean of ImageNet.

    Parameters
    ----------
    scale : float
        Factor that takes the pixels to 0 … 255.
    """

    def __init__(self, scale: float = 1.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.scale = float(scale)

    def call(self, x: Any) -> Any:
        """Return pixels of shape (n, height, width, 3), blue first."""
        mean = keras.ops.cast(keras.ops.array(MEAN_BGR), x.dtype)
        return keras.ops.flip(x, axis=-1) * self.scale - mean

    def compute_output_shape(self, input_shape: Any) -> Any:
        """Return the shape unchanged."""
        return input_shape

    def get_config(self) -> dict[str, Any]:
        """Return what is needed to build the layer again."""
        return {**super().get_config(), "scale": self.scale}
