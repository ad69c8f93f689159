"""The weights that ship with the course, as a file that ``keras.applications`` takes."""

from __future__ import annotations

import os

from tlbook.course.ch12_keras_practice.keras_models.backend import use

SIZE, ALPHA = 48, 0.35
"""Side of the pictures in pixels, and width, of the embedded MobileNetV2."""


def embedded_file() -> str:
    """Return the path of a Keras weights file for MobileNetV2 without its top, written once.

    It holds ``mobilesigns`` (71 letters on photographs, pictures of 48 pixels, alpha 0.35), which
    the course trained in PyTorch::

        keras.applications.MobileNetV2(
            input_shape=(48, 48, 3), alpha=0.35, include_top=False, weights=embedded_file()
        )
    """
    from tlbook.data.cache import cache_dir
    from tlbook.data.weight_files.shipped import expected_sums, load_weights

    mark = expected_sums()["mobilesigns.safetensors"][:12]
    path = cache_dir() / "keras" / f"mobilesigns-{mark}.weights.h5"
    if not path.is_file():
        from tlbook.course.ch12_keras_practice.keras_models.carry import to_keras

        model = use().applications.MobileNetV2(
            input_shape=(SIZE, SIZE, 3), alpha=ALPHA, include_top=False, weights=None
        )
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(f"{os.getpid()}.weights.h5")
        to_keras(load_weights("mobilesigns"), model).save_weights(part)
        os.replace(part, path)  # whole or not at all
    return str(path)
