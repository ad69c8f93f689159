"""Analogies among letters: bold is to plain, slanted to upright, small to capital."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from tlbook.course.ch07_relations.cases import features
from tlbook.data.fonts import CAPITALS, SMALL
from tlbook.data.glyphs import draw_glyphs
from tlbook.data.random import generator
from tlbook.data.signs import GLYPH, SOURCE_LETTERS, paint
from tlbook.data.warp import Warp

STYLES = ("DejaVuSans", "DejaVuSans-Bold", "DejaVuSans-Oblique")
LETTERS = "".join(c for c in CAPITALS + SMALL if c in SOURCE_LETTERS)
KINDS = ("bold", "slanted", "small")
PICTURES = 8  # behind each embedding


@lru_cache(maxsize=8)
def embeddings(seed: int) -> np.ndarray:
    """Return centered mean features (3 · 45, 128): all letters plain, then bold, then slanted."""
    rng = generator("relation analogies", seed)
    y = np.repeat(np.arange(len(LETTERS)), PICTURES)
    rows = []
    for font in STYLES:
        strokes = draw_glyphs(y, LETTERS, (font,), GLYPH, Warp(), rng)
        Z = features(paint(strokes, "left", rng).astype(np.float32) / 255)
        rows.append(Z.reshape(len(LETTERS), PICTURES, -1).mean(axis=1))
    V = np.concatenate(rows)
    return V - V.mean(axis=0)


def questions(kind: str, n: int = 300) -> np.ndarray:
    """Return up to n questions (a, b, c, d): b is a's bold, slanted or small form, d that of c.

    Raises
    ------
    ValueError
        If there is no such kind.
    """
    if kind not in KINDS:
        raise ValueError(f"kind: got {kind!r}, want one of {', '.join(KINDS)}")
    k = len(LETTERS)
    if kind == "small":
        both = [c for c in CAPITALS if c in LETTERS and c.lower() in LETTERS]
        pairs = [(LETTERS.index(c), LETTERS.index(c.lower())) for c in both]
    else:
        pairs = [(i, i + k * (1 + KINDS.index(kind))) for i in range(k)]
    every = np.array([(*p, *q) for p in pairs for q in pairs if p != q])
    rng = np.random.default_rng(0)
    return every[np.sort(rng.permutation(len(every))[:n])]
