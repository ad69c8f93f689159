"""Fonts → handwriting: printed digits and real handwritten ones. The main adaptation case.

The printed digits go through what the handwritten ones went through: a bitmap is cut to its
bounding box, scaled so that its longer side fills 32 pixels, and averaged over 4 × 4 blocks to
8 × 8 pixels. What remains between the domains is the writing itself.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tlbook._base.checks import check_positive
from tlbook.data.cache import cached
from tlbook.data.catalogue import load_again
from tlbook.data.fonts import DIGITS, FONTS
from tlbook.data.glyphs import RASTER, balanced_labels, draw_blocks
from tlbook.data.handwriting import TARGET_TRAIN, handwriting_arrays, stratified_split
from tlbook.data.random import check_seed, generator
from tlbook.data.warp import Warp
from tlbook.domains.task import Domain, Task

WARP = Warp(rotation=5, shear=0.1, log_aspect=0.1, elastic=0, threshold=(0.4, 0.6))
BITMAP = 32


def to_bitmaps(strokes: Any) -> Any:
    """Cut each picture to its ink, scale the longer side to 32 pixels, and binarize.

    Parameters
    ----------
    strokes : tensor of shape (n, h, w)
        Ink in [0, 1].

    Returns
    -------
    tensor of shape (n, 32, 32) with the values 0 and 1
    """
    import torch
    from torch.nn.functional import affine_grid, grid_sample

    n, height, width = strokes.shape
    ink = strokes > 0.5
    top, bottom = _extent(ink.any(2))
    left, right = _extent(ink.any(1))
    long_side = torch.maximum(bottom - top, right - left)
    theta = torch.zeros(n, 2, 3, dtype=torch.float32, device="cpu")
    theta[:, 0, 0] = long_side / width
    theta[:, 1, 1] = long_side / height
    theta[:, 0, 2] = (left + right) / width - 1
    theta[:, 1, 2] = (top + bottom) / height - 1
    grid = affine_grid(theta, [n, 1, BITMAP, BITMAP], align_corners=False)
    scaled = grid_sample(strokes.unsqueeze(1), grid, mode="bilinear", align_corners=False)
    return (scaled.squeeze(1) > 0.5).float()


def _extent(occupied: Any) -> tuple[Any, Any]:
    """Return the first occupied place and the one after the last, for each row of booleans."""
    import torch

    flags = occupied.to(torch.uint8)
    first = flags.argmax(1)
    last = occupied.shape[1] - flags.flip(1).argmax(1)
    return first.float(), last.float()


@cached
def font_digits(n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return n printed digits, (n, 1, 8, 8) uint8 in 0 … 16 as in the real data, and labels."""
    from torch.nn.functional import avg_pool2d

    rng = generator("fonts-to-handwriting source", seed)
    labels = balanced_labels(n, len(DIGITS), rng)
    blocks = draw_blocks(
        labels, DIGITS, FONTS, RASTER, WARP, rng, pixels=44, blur=1.5, softness=0.01
    )
    parts = [(avg_pool2d(to_bitmaps(block), 4) * 16).round().byte().numpy() for block in blocks]
    return np.concatenate(parts)[:, None], labels


def load_fonts_to_handwriting(seed: int = 0, *, n_source: int = 4000) -> Task:
    """Return printed digits in 21 fonts → real handwritten digits.

    Images are float32 in [0, 1] of shape (n, 1, 8, 8). Of the ``n_source`` printed digits four
    fifths are the source and one fifth is the validation part. Target: 1,000 handwritten digits
    in the training part, 797 in the test part.

    Raises
    ------
    ValueError
        If ``n_source`` is below 50 (five of each digit) or ``seed`` is not a non-negative integer.
    """
    check_seed(seed)
    if check_positive(n_source, "n_source", integer=True) < 50:
        raise ValueError(f"n_source: got {n_source!r}, want an integer of at least 50")
    name = "fonts-to-handwriting"
    classes = tuple(DIGITS)

    def source(which: int) -> Any:
        def part() -> tuple[np.ndarray, np.ndarray]:
            images, labels = font_digits(n_source, seed)
            rows = stratified_split(labels, n_source * 4 // 5, f"{name} source", seed)[which]
            return images[rows].astype(np.float32) / 16, labels[rows]

        return part

    def target(which: int) -> Any:
        def part() -> tuple[np.ndarray, np.ndarray]:
            images, labels = handwriting_arrays()
            rows = stratified_split(labels, TARGET_TRAIN, name, seed)[which]
            return images[rows], labels[rows]

        return part

    return Task(
        name,
        seed=seed,
        options={"n_source": n_source},
        source=Domain.lazy("printed digits", source(0), classes),
        validation=Domain.lazy("printed digits, validation", source(1), classes),
        target_train=target(0),
        target_test=target(1),
        classes=classes,
        recipe=load_again,
    )
