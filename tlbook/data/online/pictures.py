"""Picture files as arrays of one size, decoded once and kept in the cache folder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from tlbook._base.extras import needs
from tlbook.data.cache import cached

SUFFIXES = {".jpg", ".jpeg", ".png", ".bmp", ".gif", ".tif", ".tiff", ".webp", ".ppm", ".pgm"}
CLUTTER = {"thumbs.db", "desktop.ini"}


def read_pictures(paths: Sequence[Path], size: int, channels: int = 3) -> np.ndarray:
    """Return pictures as uint8 of shape (n, channels, size, size).

    The shorter side is scaled to ``size`` (with antialiasing), the middle is cut out; a camera's
    turn mark is obeyed; one channel is the luminance.

    Raises
    ------
    ValueError
        If files cannot be read as pictures; the message names them.
    """
    stamps = tuple((str(p), p.stat().st_size, p.stat().st_mtime_ns) for p in paths)
    return _decoded(stamps, size, channels)


@cached
def _decoded(stamps: tuple[tuple[str, int, int], ...], size: int, channels: int) -> np.ndarray:
    images = np.empty((len(stamps), channels, size, size), dtype=np.uint8)
    bad = []
    for row, (path, _, _) in enumerate(stamps):
        try:
            images[row] = decode(path, size, channels)
        except Exception as error:  # Pillow raises whatever a broken file makes it raise
            bad.append(f"{path} ({type(error).__name__})")
    if bad:
        shown = ", ".join(bad[:5]) + (f" and {len(bad) - 5} more" if len(bad) > 5 else "")
        raise ValueError(f"these files cannot be read as pictures: {shown}; repair or remove them")
    return images


def decode(path: str, size: int, channels: int) -> np.ndarray:
    """Return one picture file as uint8 of shape (channels, size, size)."""
    needs("PIL", "vision")
    from PIL import Image, ImageOps

    mode = "L" if channels == 1 else "RGB"
    with Image.open(path) as image:
        image.draft(mode, (2 * size, 2 * size))  # JPEG: decode at a fraction of the size
        upright = ImageOps.exif_transpose(image).convert(mode)
        square = ImageOps.fit(upright, (size, size), Image.Resampling.BILINEAR)
    array = np.asarray(square)
    return array[None] if channels == 1 else array.transpose(2, 0, 1)


def to_floats(images: np.ndarray) -> np.ndarray:
    """Return uint8 pictures as float32 in [0, 1]."""
    return images.astype(np.float32) / 255
