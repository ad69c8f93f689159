"""The same picture for a page with a dark theme: light and dark change places, hues stay."""

from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.image import AxesImage

from tlbook.plots.figure import packed, pixels, png_bytes

PAPER, INK, VIVID = 0.178, 0.95, 0.62
"""Lightness in OKLab of what was white (``#111111``, JupyterLab's dark page), of what was black,
and the least of strong colors."""

# Björn Ottosson, "A perceptual color space for image processing" (2020).
_TO_CONES = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
_TO_LAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)


def night_colors(colors: np.ndarray) -> np.ndarray:
    """Return colors of shape (n, 3), 0 to 255, with their lightness turned over and their hue kept.

    ``L' = paper + (ink − paper) (1 − L^1.8)`` in OKLab, and strong colors are no darker than
    ``VIVID``; colors that a screen does not have are made less colorful, not other colors.
    """
    c = np.asarray(colors, dtype=float) / 255
    linear = np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)
    lab = np.cbrt(linear @ _TO_CONES.T) @ _TO_LAB.T
    light = PAPER + (INK - PAPER) * (1 - np.clip(lab[:, 0], 0, 1) ** 1.8)
    vivid = np.clip(np.hypot(lab[:, 1], lab[:, 2]) / 0.12, 0, 1) ** 2
    light = np.maximum(light, light + vivid * (VIVID - light))
    back = np.zeros_like(linear)
    done = np.zeros(len(c), dtype=bool)
    for chroma in np.linspace(1, 0, 11):
        turned = np.column_stack([light, chroma * lab[:, 1], chroma * lab[:, 2]])
        rgb = (turned @ np.linalg.inv(_TO_LAB).T) ** 3 @ np.linalg.inv(_TO_CONES).T
        fits = ~done & ((rgb > -1e-3) & (rgb < 1.001)).all(axis=1)
        back[fits], done = rgb[fits], done | fits
    back = np.clip(back, 0, 1)
    back = np.where(back <= 0.0031308, 12.92 * back, 1.055 * back ** (1 / 2.4) - 0.055)
    return np.rint(255 * back).astype(np.uint8)


def day_and_night(fig: Figure, dpi: int) -> tuple[bytes, bytes]:
    """Return a figure as PNG bytes twice: as :func:`tlbook.plots.png` does, and for a dark page.

    Photographs, which are arrays of colors or gray values, stay as they are on both.
    """
    day = pixels(fig, dpi)
    data, image = packed(day)
    palette = np.array(image.getpalette()).reshape(-1, 3)
    turned = night_colors(palette)
    photo = photographs(fig, day.shape[:2], dpi)
    if photo.any():
        dark = turned[np.asarray(image)]
        dark[photo] = day[photo]
        return data, packed(dark)[0]
    image.putpalette(turned.tobytes())
    return data, png_bytes(image)


def photographs(fig: Figure, shape: tuple[int, int], dpi: int) -> np.ndarray:
    """Return a mask of the pixels that show a photograph; see-through ones do not count."""
    mask = np.zeros(shape, dtype=bool)
    scale = dpi / fig.dpi
    for image in fig.findobj(AxesImage):
        array: Any = image.get_array()
        gray = array.ndim == 2 and image.get_cmap().name.lower().startswith(("gray", "grey"))
        if (array.ndim != 3 and not gray) or not image.get_visible():
            continue
        box = image.get_window_extent()
        x = (np.arange(shape[1]) + 0.5) / scale
        y = (shape[0] - np.arange(shape[0]) - 0.5) / scale
        column = np.floor((x - box.x0) / box.width * array.shape[1]).astype(int)
        row = np.floor((box.y1 - y) / box.height * array.shape[0]).astype(int)
        seen = np.ones(array.shape[:2], dtype=bool)
        if array.ndim == 3 and array.shape[2] == 4:
            seen = np.asarray(array[..., 3]) > 0
        if image.origin == "lower":
            seen = seen[::-1]
        inside_x = (column >= 0) & (column < array.shape[1])
        inside_y = (row >= 0) & (row < array.shape[0])
        mask[np.ix_(inside_y, inside_x)] |= seen[np.ix_(row[inside_y], column[inside_x])]
    return mask
