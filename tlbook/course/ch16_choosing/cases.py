"""Twelve sources of small pictures, and one target: ten handwritten digits of each class.

All pictures are made as those of fonts → handwriting: 8 × 8 pixels, ink between 0 and 1.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from tlbook.data.cache import cached
from tlbook.data.fonts import CAPITALS, DIGITS, FONTS, GREEK, SMALL
from tlbook.data.fonts_to_handwriting import WARP, to_bitmaps
from tlbook.data.glyphs import RASTER, balanced_labels, draw_blocks
from tlbook.data.handwriting import TARGET_TRAIN, handwriting_arrays, stratified_split
from tlbook.data.random import generator

ROWS = 3000
"""Rows of a large source; another 500 of each source are held out."""
HELD_OUT = 500
PER_CLASS = 10


@dataclass(frozen=True)
class Source:
    """What a source consists of: characters, training rows, and what is done to its pictures."""

    characters: str
    rows: int = ROWS
    change: str = "none"


SOURCES: dict[str, Source] = {
    "digits": Source(DIGITS),
    "digits, 300 rows": Source(DIGITS, 300),
    "digits, 60 rows": Source(DIGITS, 60),
    "capitals": Source(CAPITALS),
    "capitals, 300 rows": Source(CAPITALS, 300),
    "small letters": Source(SMALL),
    "Greek": Source(GREEK),
    "only 0, 1 and 2": Source("012"),
    "digits, inverted": Source(DIGITS, change="inverted"),
    "digits, mirrored": Source(DIGITS, change="mirrored"),
    "digits, turned by 90°": Source(DIGITS, change="turned"),
    "digits, labels shuffled": Source(DIGITS, change="shuffled"),
}
CHANGES: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "inverted": lambda X: 1 - X,
    "mirrored": lambda X: X[:, :, ::-1],
    "turned": lambda X: np.rot90(X, axes=(1, 2)),
}


@dataclass(frozen=True)
class Rows:
    """Pictures as rows of 64 pixels and their classes: to train on, and held out."""

    X: np.ndarray
    y: np.ndarray
    X_held_out: np.ndarray
    y_held_out: np.ndarray

    @property
    def classes(self) -> int:
        """Number of classes."""
        return int(self.y.max()) + 1


@cached
def printed(characters: str, n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return n printed characters, (n, 8, 8) uint8 in 0 … 16, and labels."""
    from torch.nn.functional import avg_pool2d

    rng = generator(f"choosing {characters}", seed)
    labels = balanced_labels(n, len(characters), rng)
    blocks = draw_blocks(
        labels, characters, FONTS, RASTER, WARP, rng, pixels=44, blur=1.5, softness=0.01
    )
    parts = [(avg_pool2d(to_bitmaps(block), 4) * 16).round().byte().numpy() for block in blocks]
    return np.concatenate(parts), labels


@lru_cache(maxsize=32)
def source(name: str, seed: int) -> Rows:
    """Return one of ``SOURCES``; sources of the same characters have the same drawings."""
    made = SOURCES[name]
    images, y = printed(made.characters, ROWS + HELD_OUT, seed)
    X = images.astype(np.float32) / 16
    X = CHANGES.get(made.change, np.asarray)(X).reshape(len(X), -1).copy()
    if made.change == "shuffled":
        y = np.random.default_rng([seed, 16]).permutation(y)
    own, last = slice(made.rows), slice(ROWS, None)
    return Rows(X[own], y[own], X[last], y[last])


@lru_cache(maxsize=16)
def target(seed: int, per_class: int = PER_CLASS) -> Rows:
    """Return labeled handwritten digits, and 797 others to test on."""
    images, labels = handwriting_arrays()
    X = images.reshape(len(images), -1)
    pool, test = stratified_split(labels, TARGET_TRAIN, "choosing", seed)
    rows = np.concatenate([pool[labels[pool] == digit][:per_class] for digit in range(10)])
    return Rows(X[rows], labels[rows], X[test], labels[test])
