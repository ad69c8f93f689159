"""Attribution on pictures whose true mask is known, and a corner that tells the class.

The pictures are made here, so the pixels that the glyph changed are known: the same photograph is
painted twice, with the glyph and without.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from torch import nn

from tlbook.data.fonts import DEJAVU
from tlbook.data.glyphs import balanced_labels, draw_glyphs
from tlbook.data.random import generator
from tlbook.data.signs import GLYPH, SIDE, SOURCE_LETTERS, paint
from tlbook.data.warp import Warp
from tlbook.trust import (
    edges,
    grad_cam,
    input_gradient,
    integrated_gradients,
    randomized,
)

CORNER = 4  # pixels of the side of the planted corner
GRAY = 0.5  # the baseline of integrated gradients: what signnet's normalization maps to 0
IG_STEPS = 8

BLOCKS = ["body.15", "body.12", "body.9", "body.6", "body.3", "body.0"]
"""The convolutions of ``signnet``, from the head to the input. Each has its BatchNorm behind it."""

CASCADE = {0: [], 1: ["head"]} | {
    i + 2: ["head", *BLOCKS[: i + 1], *[f"body.{int(b[5:]) + 1}" for b in BLOCKS[: i + 1]]]
    for i in range(len(BLOCKS))
}
"""How many layers are drawn again, from the head on -> their names."""

Maps = Callable[[nn.Module, Any, Any], np.ndarray]


def letters_with_masks(n: int, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return painted letters that no training has seen, with the pixels that the glyph changed.

    Returns
    -------
    X : array of shape (n, 3, 24, 24), float32
    y : array of shape (n,)
        Number of the letter, as ``signnet`` counts them.
    mask : bool array of shape (n, 24, 24)
        Where the picture differs from the same photograph without the glyph.
    ground : array of shape (n, 3, 24, 24), float32
        That photograph.
    """
    rng = generator("letters with masks", seed)
    y = balanced_labels(n, len(SOURCE_LETTERS), rng)
    strokes = draw_glyphs(y, SOURCE_LETTERS, DEJAVU, GLYPH, Warp(), rng)
    # the same generator twice: the same crops, places and colors
    painted = [
        paint(ink, "left", generator("paint with masks", seed)) for ink in (strokes, 0 * strokes)
    ]
    mask = (painted[0] != painted[1]).any(axis=1)
    X, ground = (pictures.astype(np.float32) / 255 for pictures in painted)
    return X, y, mask, ground


def _summed(found: np.ndarray) -> np.ndarray:
    """Return the absolute values added up over the channels, shape (n, H, W)."""
    return abs(found).sum(axis=1)


METHODS: dict[str, Maps] = {
    "edges (no network)": lambda _model, X, _y: edges(X),
    "input gradient": lambda model, X, y: _summed(input_gradient(model, X, y)),
    "integrated gradients": lambda model, X, y: _summed(
        integrated_gradients(model, X, y, GRAY, IG_STEPS)
    ),
    "Grad-CAM, last block (6 × 6)": lambda model, X, y: grad_cam(
        model,
        model.body[17],  # type: ignore[index, arg-type]
        X,
        y,
    ),
    "Grad-CAM, block 4 (12 × 12)": lambda model, X, y: grad_cam(
        model,
        model.body[11],  # type: ignore[index, arg-type]
        X,
        y,
    ),
}
"""Name -> a map (n, H, W) of a network, pictures and classes. The first one is the control."""


def rank_correlation(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return Spearman's correlation of two maps over the pixels, for each row.

    Parameters
    ----------
    a, b : arrays of shape (n, H, W)

    Returns
    -------
    array of shape (n,)
        0 where a map is constant: it then says nothing about the other one.
    """
    from scipy.stats import rankdata

    first, second = (rankdata(m.reshape(len(m), -1), axis=1) for m in (a, b))
    first, second = (ranks - ranks.mean(axis=1, keepdims=True) for ranks in (first, second))
    length = np.linalg.norm(first, axis=1) * np.linalg.norm(second, axis=1)
    return (first * second).sum(axis=1) / np.where(length > 0, length, 1)


def cascade(model: nn.Module, seed: int) -> dict[int, nn.Module]:
    """Return copies with 0, 1, … layers drawn again, from the head to the input."""
    return {n: randomized(model, names, seed) for n, names in CASCADE.items()}


def with_corner(X: Any, codes: Any) -> np.ndarray:
    """Return pictures with a colored corner at the top left: one hue for each of ten codes.

    Parameters
    ----------
    X : array of shape (n, 3, H, W)
    codes : array of shape (n,)
        Numbers 0 … 9.
    """
    from matplotlib.colors import hsv_to_rgb

    hues = np.stack([np.arange(10) / 10, np.ones(10), np.ones(10)], axis=1)
    marked = np.array(X, dtype=np.float32)
    marked[:, :, :CORNER, :CORNER] = hsv_to_rgb(hues)[np.asarray(codes)][:, :, None, None]
    return marked


def corner_mask(n: int, side: int = SIDE) -> np.ndarray:
    """Return the mask of the corner, bool of shape (n, side, side)."""
    mask = np.zeros((n, side, side), dtype=bool)
    mask[:, :CORNER, :CORNER] = True
    return mask


def other_codes(y: Any, seed: int) -> np.ndarray:
    """Return for each label 0 … 9 one of the nine other numbers."""
    rng = generator("other corners", seed)
    return (np.asarray(y) + rng.integers(1, 10, len(np.asarray(y)))) % 10
