"""Digits that the fine-tuning of chapter 06 never saw the like of: tests off the distribution.

The network is fine-tuned on handwriting on the right halves of two photographs. Each set here
changes one thing: the photographs' halves, the photographs, or the hand that writes.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from tlbook.data.fonts import COMPUTER_MODERN, DIGITS, STIX
from tlbook.data.glyphs import balanced_labels, draw_glyphs
from tlbook.data.handwriting import TARGET_TRAIN, handwriting_arrays, stratified_split
from tlbook.data.random import generator
from tlbook.data.signs import GLYPH, paint
from tlbook.data.warp import Warp

N_PRINTED = 800

Pair = tuple[np.ndarray, np.ndarray]


@lru_cache(maxsize=4)
def other_digits(seed: int) -> dict[str, Pair]:
    """Return pictures (n, 3, 24, 24), float32 in [0, 1], and labels (n,) of three sets by name.

    "other backgrounds" and "no photograph" show the handwriting of the test part of ``signs`` with
    the same seed, so no digit in them was ever labeled; "printed" shows digits of nine fonts that
    the pretraining did not use.
    """
    strokes, labels = _test_strokes(seed)
    rng = generator("signs, other digits", seed)
    y = balanced_labels(N_PRINTED, len(DIGITS), rng)
    glyphs = draw_glyphs(y, DIGITS, STIX + COMPUTER_MODERN, GLYPH, Warp(), rng)
    framed = np.pad(strokes, ((0, 0), (2, 2), (2, 2)))
    return {
        "other backgrounds": (_floats(paint(strokes, "left", rng)), labels),
        "no photograph": (_floats(np.repeat(framed[:, None], 3, axis=1)), labels),
        "printed": (_floats(paint(glyphs, "right", rng)), y),
    }


def _test_strokes(seed: int) -> Pair:
    """Return the handwriting of the test part of ``signs``, (797, 20, 20) uint8, and its labels."""
    import torch

    small, labels = handwriting_arrays()
    rows = stratified_split(labels, TARGET_TRAIN, "signs", seed)[1]
    large = torch.nn.functional.interpolate(
        torch.from_numpy(small[rows]), size=(GLYPH, GLYPH), mode="bilinear", align_corners=False
    )
    return (large[:, 0].clamp(0, 1) * 255).round().byte().numpy(), labels[rows]


def _floats(pictures: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(pictures, dtype=np.float32) / 255
