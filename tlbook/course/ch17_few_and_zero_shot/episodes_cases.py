"""Letters in three groups of classes, and two other domains, for the episodes of chapter 17.

All pictures are gray and square, 8 × 8 or 16 × 16, ink is 1. The ten small letters that
are their capital at another size are left out: an episode with c and C would ask for what the
picture does not show.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from tlbook import data
from tlbook._base.checks import check_choice
from tlbook.data.fonts import FONTS, LETTERS
from tlbook.domains import Domain
from tlbook.fewshot import split_classes

CHARACTERS = "".join(c for c in LETTERS if c not in "ckopsuvwxz")
GROUPS = (41, 10, 20)
"""Classes to train on, to choose settings by, to test on."""
EACH = 60
NEW = "new letters"
DOMAINS = (NEW, "handwriting", "signs")


class Letters(NamedTuple):
    """Three groups of classes without a common one."""

    base: Domain
    choosing: Domain
    new: Domain


def groups(seed: int) -> tuple[str, str, str]:
    """Return the characters to train on, to choose by and to test on."""
    base, choosing, new = split_classes(np.arange(len(CHARACTERS)), GROUPS, seed)
    return _text(base), _text(choosing), _text(new)


def _text(numbers: np.ndarray) -> str:
    return "".join(CHARACTERS[i] for i in sorted(numbers))


@lru_cache(maxsize=2)
def letters(seed: int, side: int = 8) -> Letters:
    """Return 60 pictures of each character, in the groups of a seed; labels count from 0."""
    return Letters(*(glyphs(part, EACH * len(part), seed, side) for part in groups(seed)))


def glyphs(characters: str, n: int, seed: int, side: int) -> Domain:
    """Return n pictures of the characters, in all fonts that have them."""
    return data.load("glyphs", seed=seed, n=n, size=side, characters=characters, fonts=FONTS)


def domain(name: str, seed: int, side: int = 8) -> Domain:
    """Return the pictures that episodes are drawn from.

    Parameters
    ----------
    name : {"new letters", "handwriting", "signs"}
        Classes that were not trained on; real handwritten digits; digits painted on photographs,
        where the ink may be lighter or darker than what lies behind it.
    seed : int
        Of the groups of letters; the other two domains are always the same pictures.
    side : {8, 16}

    Raises
    ------
    ValueError
        If there is no such domain.
    """
    check_choice(name, "name", DOMAINS)
    if name == NEW:
        return letters(seed, side).new
    return _other(name, side)


@lru_cache(maxsize=4)
def _other(name: str, side: int) -> Domain:
    if name == "handwriting":
        found = data.load("handwriting")
        return Domain(name, _resized(found.X, side), found.y, found.classes)
    task = data.load("signs", seed=0)
    X, y = task.label(80, seed=0)
    gray = X.mean(axis=1, keepdims=True)
    return Domain(name, _resized(gray, side), y, task.target.classes)


def _resized(X: np.ndarray, side: int) -> np.ndarray:
    import torch
    from torch.nn.functional import interpolate

    x = torch.from_numpy(np.ascontiguousarray(X, dtype=np.float32))
    new = interpolate(x, size=(side, side), mode="bilinear", antialias=True, align_corners=False)
    return new.clamp(0, 1).numpy()
