"""Glyphs: characters of many fonts, bent at random. The course's source domain.

Each (font, character) is rasterized and blurred once; every sample is a warp of one of these
rasters. The blurred raster is cut at a random level, which makes strokes thicker or thinner.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from tlbook._base.checks import check_choice, check_positive
from tlbook._base.extras import needs
from tlbook.data.cache import cached
from tlbook.data.fonts import (
    DEJAVU,
    FONTS,
    HAIRLINES,
    LETTERS,
    characters_of,
    font_path,
    fonts_with,
)
from tlbook.data.random import generator
from tlbook.data.warp import BATCH, Warp, bend, cut
from tlbook.domains.task import Domain

if TYPE_CHECKING:
    import torch

needs("matplotlib", "plots")  # its fonts

RASTER = 64  # side in pixels of the raster of one character
ROOM = 52  # a character is at most this large: a margin for the warp


def rasterize(font: str, character: str, pixels: int = 60, side: int = RASTER) -> np.ndarray:
    """Draw one character, centered, at a font size of ``pixels``; wide ones are made to fit.

    Returns
    -------
    array of shape (side, side), uint8
        255 where the ink is.
    """
    from matplotlib.ft2font import FT2Font, LoadFlags

    if character not in characters_of(font):
        raise ValueError(f"characters: got {character!r}, which the font {font} does not have")
    face = FT2Font(str(font_path(font)))
    room = ROOM * side // RASTER
    size = float(pixels)
    while True:
        face.set_size(size, 72)
        face.set_text(character, 0, flags=LoadFlags.NO_HINTING)
        face.draw_glyphs_to_bitmap(antialiased=True)
        ink = _trim(np.asarray(face.get_image()))
        if max(ink.shape) <= room:
            break
        size *= 0.999 * room / max(ink.shape)
    canvas = np.zeros((side, side), np.uint8)
    top, left = (side - ink.shape[0]) // 2, (side - ink.shape[1]) // 2
    canvas[top : top + ink.shape[0], left : left + ink.shape[1]] = ink
    return canvas


def _with_pen(font: str, picture: np.ndarray, pixels: int) -> np.ndarray:
    """Widen strokes so that hairlines have three pixels; blur and threshold would tear them."""
    from scipy.ndimage import grey_dilation

    missing = round(3 - HAIRLINES.get(font, 1.0) * pixels)
    return grey_dilation(picture, (missing + 1, missing + 1)) if missing > 0 else picture


def _trim(image: np.ndarray) -> np.ndarray:
    rows, columns = np.flatnonzero(image.any(1)), np.flatnonzero(image.any(0))
    return image[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


@lru_cache(maxsize=4)
def bank(
    characters: str, fonts: tuple[str, ...], pixels: int, blur: float
) -> tuple[torch.Tensor, tuple[np.ndarray, ...]]:
    """Return all blurred rasters, shape (m, 64, 64), and for each character its row numbers."""
    import torch
    from scipy.ndimage import gaussian_filter

    pictures: list[np.ndarray] = []
    rows = []
    for character in characters:
        able = fonts_with(character, fonts)
        if not able:
            raise ValueError(f"characters: got {character!r}, which none of the fonts has")
        rows.append(np.arange(len(pictures), len(pictures) + len(able)))
        pictures += [_with_pen(font, rasterize(font, character, pixels), pixels) for font in able]
    stack = np.stack(pictures).astype(np.float32) / 255
    blurred = gaussian_filter(stack, (0, blur, blur), truncate=3)
    return torch.from_numpy(blurred), tuple(rows)


def draw_blocks(
    labels: np.ndarray,
    characters: str,
    fonts: tuple[str, ...],
    side: int,
    warp: Warp,
    rng: np.random.Generator,
    *,
    pixels: int = 60,
    blur: float = 1.2,
    softness: float = 0.15,
) -> Iterator[torch.Tensor]:
    """Yield blocks (b, side, side) of strokes in [0, 1], one picture for each of ``labels``."""
    pictures, rows = bank(characters, fonts, pixels, blur)
    pick = rng.random(len(labels))
    chosen = np.array([rows[c][int(u * len(rows[c]))] for c, u in zip(labels, pick, strict=True)])
    for start in range(0, len(labels), BATCH):
        block = chosen[start : start + BATCH]
        level = rng.uniform(*warp.threshold, len(block))
        yield cut(bend(pictures, block, side, warp, rng), level, softness)


def balanced_labels(n: int, classes: int, rng: np.random.Generator) -> np.ndarray:
    """Return n labels in random order, each class equally often (up to one)."""
    return rng.permutation(np.arange(n) % classes).astype(np.int64)


def draw_glyphs(
    labels: np.ndarray,
    characters: str,
    fonts: tuple[str, ...],
    size: int,
    warp: Warp,
    rng: np.random.Generator,
) -> np.ndarray:
    """Return one glyph for each label, drawn at twice the size and averaged down.

    Returns
    -------
    array of shape (n, size, size), uint8
    """
    from torch.nn.functional import avg_pool2d

    parts = [
        (avg_pool2d(block, 2) * 255).round_().byte().numpy()
        for block in draw_blocks(labels, characters, fonts, 2 * size, warp, rng)
    ]
    return np.concatenate(parts)


@cached
def glyph_arrays(
    n: int, size: int, characters: str, fonts: tuple[str, ...], seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return images (n, 1, size, size) uint8 and labels (n,) int64."""
    rng = generator("glyphs", seed)
    labels = balanced_labels(n, len(characters), rng)
    return draw_glyphs(labels, characters, fonts, size, Warp(), rng)[:, None], labels


def load_glyphs(
    seed: int = 0,
    *,
    n: int = 2000,
    size: int = 24,
    characters: str = LETTERS,
    fonts: Iterable[str] = DEJAVU,
) -> Domain:
    """Return characters of matplotlib's fonts, bent at random.

    Parameters
    ----------
    seed : int
        Which sample is drawn.
    n : int
        Number of images; classes are equally frequent.
    size : int
        Side of an image in pixels, 8 to 64.
    characters : str
        One class for each character.
    fonts : names out of ``tlbook.data.fonts.FONTS``
        A font that lacks a character is not used for it.

    Returns
    -------
    Domain
        ``X`` of shape (n, 1, size, size), float32 in [0, 1], ink is 1; ``y`` of shape (n,).

    Raises
    ------
    ValueError
        For a number out of range, an unknown font, a repeated character or one that no font has.
    """
    check_positive(n, "n", integer=True)
    check_choice(size, "size", range(8, 65))
    names = tuple(fonts)
    if not names:
        raise ValueError("fonts: got none, want at least one of tlbook.data.fonts.FONTS")
    for font in names:
        check_choice(font, "fonts", FONTS)
    if not characters or len(set(characters)) != len(characters):
        raise ValueError(f"characters: got {characters!r}, want at least one, each only once")
    for character in characters:
        if not fonts_with(character, names):
            raise ValueError(f"characters: got {character!r}, which none of the fonts has")

    def render() -> tuple[np.ndarray, np.ndarray]:
        images, labels = glyph_arrays(n, size, characters, names, seed)
        return images.astype(np.float32) / 255, labels

    return Domain.lazy("glyphs", render, tuple(characters))
