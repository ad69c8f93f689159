"""Picture files as arrays of one size, decoded once and kept in the cache folder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from tlbook._base.extras import needs
from tlbook.data.cache import cached

if TYPE_CHECKING:
    from PIL import Image

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
    if strange := [str(p) for p in paths if not p.is_file()]:
        shown = ", ".join(strange[:5])
        raise ValueError(f"these are no files (a broken link, a pipe): {shown}; remove them")
    stamps = tuple((str(p), p.stat().st_size, p.stat().st_mtime_ns) for p in paths)
    return _decoded(stamps, size, channels)


@cached
def _decoded(stamps: tuple[tuple[str, int, int], ...], size: int, channels: int) -> np.ndarray:
    images = np.empty((len(stamps), channels, size, size), dtype=np.uint8)
    bad = []
    for row, (path, _, _) in enumerate(stamps):
        try:
            images[row] = decode(path, size, channels)
        except UnknownRange as error:
            bad.append(f"{path} ({error})")
        except Exception as error:  # Pillow raises whatever a broken file makes it raise
            bad.append(f"{path} ({type(error).__name__})")
    if bad:
        shown = ", ".join(bad[:5]) + (f" and {len(bad) - 5} more" if len(bad) > 5 else "")
        raise ValueError(f"these files cannot be read as pictures: {shown}; repair or remove them")
    return images


class UnknownRange(ValueError):
    """The numbers of a picture do not say which of them is white."""


def decode(path: str, size: int, channels: int) -> np.ndarray:
    """Return one picture file as uint8 of shape (channels, size, size).

    Pictures of 16 bits are scaled by their range, so that 65535 is white. Floats are taken as they
    are where all lie in [0, 1]. What is transparent shows white, as on a page.

    Raises
    ------
    UnknownRange
        For integers of 32 bits, and for floats outside [0, 1]: their white is not known.
    """
    needs("PIL", "vision")
    from PIL import Image, ImageOps

    mode = "L" if channels == 1 else "RGB"
    with Image.open(path) as image:
        image.draft(mode, (2 * size, 2 * size))  # JPEG: decode at a fraction of the size
        upright = ImageOps.exif_transpose(image)
        shallow = _as_floats(upright) if upright.mode[0] in "IF" else _opaque(upright, mode)
        square = ImageOps.fit(shallow, (size, size), Image.Resampling.BILINEAR)
    array = np.asarray(square)
    if array.dtype != np.uint8:
        array = np.rint(255 * array.clip(0, 1)).astype(np.uint8)
    return (
        np.broadcast_to(array, (channels, size, size)).copy()
        if array.ndim == 2
        else (array.transpose(2, 0, 1))
    )


def _as_floats(image: Image.Image) -> Image.Image:
    """Return a picture of deep gray values with numbers in [0, 1]."""
    from PIL import Image

    values = np.asarray(image).astype(np.float32)
    if image.mode.startswith("I;16") or image.format == "PNG":
        values /= 65535
    elif image.mode != "F":
        raise UnknownRange("integers of 32 bits; save it with 8 or 16 bits")
    if not (np.isfinite(values).all() and values.min() >= 0 and values.max() <= 1):
        low, high = values.min(), values.max()
        raise UnknownRange(f"floats from {low:.3g} to {high:.3g}; save them scaled to [0, 1]")
    return Image.fromarray(values)


def _opaque(image: Image.Image, mode: str) -> Image.Image:
    """Return a picture without transparency, on white, in the mode wanted."""
    from PIL import Image

    if not image.has_transparency_data:
        return image.convert(mode)
    layer = image.convert("RGBA")
    page = Image.new("RGBA", layer.size, (255, 255, 255, 255))
    return Image.alpha_composite(page, layer).convert(mode)


def to_floats(images: np.ndarray) -> np.ndarray:
    """Return uint8 pictures as float32 in [0, 1]."""
    return images.astype(np.float32) / 255
