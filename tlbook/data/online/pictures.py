"""Picture files as arrays of one size, decoded once and kept in the cache folder."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from tlbook._base.extras import needs
from tlbook._base.named import named
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
        square = ImageOps.fit(shown(image, mode), (size, size), Image.Resampling.BILINEAR)
    array = _as_bytes(square)
    return (
        np.broadcast_to(array, (channels, size, size)).copy()
        if array.ndim == 2
        else (array.transpose(2, 0, 1))
    )


@named
def open_picture(path: str | Path) -> Image.Image:
    """Return a picture file as Pillow's RGB picture, as :func:`tlbook.data.list_pictures` sees it.

    Pillow's own ``convert("RGB")`` makes pictures of 16 bits white, floats black, and shows what
    lies beneath transparent pixels. Here 65535 is white, floats in [0, 1] are taken as they are,
    what is transparent shows white, and a camera's turn mark is obeyed.

    Parameters
    ----------
    path : str or Path
        The file.

    Returns
    -------
    PIL.Image.Image
        For ``transform`` of :class:`tlbook.data.PictureFiles`, for torchvision's transforms.

    Raises
    ------
    ValueError
        If the file cannot be read as a picture, or nothing says which of its numbers is white.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import numpy as np
    >>> from PIL import Image
    >>> from tlbook.data import open_picture
    >>> deep = Path(tempfile.mkdtemp()) / "deep.png"
    >>> Image.fromarray(np.full((2, 2), 13107, dtype=np.uint16)).save(deep)  # a fifth of 65535
    >>> open_picture(deep).getpixel((0, 0))
    (51, 51, 51)
    """
    needs("PIL", "vision")
    from PIL import Image

    with told_by_name(path), Image.open(path) as image:
        picture = shown(image, "RGB")
        if picture.mode == "RGB":
            return picture
        return Image.fromarray(_as_bytes(picture)).convert("RGB")


@contextmanager
def told_by_name(path: str | Path) -> Iterator[None]:
    """Name the file where it cannot be read; one that would be waited for is not opened."""
    if not Path(path).is_file():
        raise ValueError(f"path: got {path}, want a picture file that exists")
    try:
        yield
    except UnknownRange as error:
        raise ValueError(f"path: {path} cannot be read as a picture ({error})") from None
    except Exception as error:  # Pillow raises whatever a broken file makes it raise
        raise ValueError(
            f"path: {path} cannot be read as a picture ({type(error).__name__})"
        ) from error


def shown(image: Image.Image, mode: str) -> Image.Image:
    """Return an opened picture upright and opaque: in ``mode``, or deep gray as floats in [0, 1].

    Raises
    ------
    UnknownRange
        As :func:`decode`.
    """
    from PIL import ImageOps

    upright = ImageOps.exif_transpose(image)
    if upright.mode[0] in "IF":
        return _as_floats(upright, image.format)
    return _opaque(upright, mode)


def _as_bytes(picture: Image.Image) -> np.ndarray:
    array = np.asarray(picture)
    if array.dtype == np.uint8:
        return array
    return np.rint(255 * array.clip(0, 1)).astype(np.uint8)


DARK = 4095
"""White of cameras and scanners with 12 bits, which is near black where white is 65535."""


def _as_floats(image: Image.Image, file_format: str | None) -> Image.Image:
    """Return a picture of deep gray values with numbers in [0, 1]."""
    from PIL import Image

    values = np.asarray(image).astype(np.float32)
    if image.mode.startswith("I;16") or (image.mode == "I" and file_format in ("PNG", "PPM")):
        if 0 < values.max() <= DARK:
            warnings.warn(
                f"pictures of 16 bits without a value above {DARK} look nearly black, because "
                "white is 65535; if their white is smaller, scale their values first",
                stacklevel=2,
            )
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
