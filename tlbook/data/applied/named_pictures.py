"""Named pictures: letters on photographs, each with its name in words, and names kept out."""

from __future__ import annotations

from typing import Any

import numpy as np

from tlbook._base.checks import check_choice, check_positive
from tlbook.data.cache import cached
from tlbook.data.catalogue import load_again
from tlbook.data.fonts import CAPITALS, DEJAVU
from tlbook.data.glyphs import balanced_labels, draw_glyphs
from tlbook.data.random import check_seed, generator
from tlbook.data.signs import GLYPH, HELD_OUT, paint
from tlbook.data.warp import Warp
from tlbook.domains.task import Domain, Task

# Small letters that are no smaller copies of their capitals (as c is of C), and not l, which is I.
CHARACTERS = CAPITALS + "abdefghijmnqrt"
NEW = tuple(c for c in CHARACTERS if c in HELD_OUT)
"""What ``signnet`` has never seen, and no pair of the source names."""
KNOWN = tuple(c for c in CHARACTERS if c not in NEW)
STYLES = (("regular", "upright"), ("bold", "upright"), ("regular", "slanted"), ("bold", "slanted"))
WARP = Warp(rotation=4.0, shear=0.0, threshold=(0.45, 0.55))
"""Milder than that of ``signs``: a random slant or thickness would make the names untrue."""
N_TEST = 1200
N_VALIDATION = 600


def name_of(character: str, weight: str, slant: str) -> str:
    """Return the name of a picture: "capital letter A, bold, slanted"."""
    size = "capital" if character.isupper() else "small"
    return f"{size} letter {character}, {weight}, {slant}"


PARTS = tuple((c, *style) for c in CHARACTERS for style in STYLES)
NAMES = tuple(name_of(*part) for part in PARTS)
"""160 names; label number i of the task is called NAMES[i] and has the attributes PARTS[i]."""


def load_named_pictures(
    seed: int = 0, *, target: str = "combinations", n_source: int = 3000
) -> Task:
    """Return letters with names → names that no source picture has.

    A picture shows a letter on a photograph as in ``signs``; its name says which letter, whether it
    is bold, and whether it is slanted. The source has 33 letters, each in three of four styles.

    Parameters
    ----------
    seed : int
        Of the pictures, and of the style that each letter lacks.
    target : {"combinations", "characters"}
        The fourth style of each of the 33 letters: every word of its name is known, the combination
        is not. Or all styles of seven letters that neither the source nor ``signnet`` has seen.
    n_source : int
        Pictures; at least one of each of the 99 names.

    Returns
    -------
    Task
        Pictures of shape (3, 24, 24), float32 in [0, 1]; labels are places in ``NAMES``.

    Raises
    ------
    ValueError
        If an argument is unfit.
    """
    check_seed(seed)
    check_choice(target, "target", ("combinations", "characters"))
    if check_positive(n_source, "n_source", integer=True) < 3 * len(KNOWN):
        raise ValueError(f"n_source: got {n_source}, want at least 99, one picture of each name")
    known, lacking, new = names_by_part(seed)
    asked = lacking if target == "combinations" else new

    def part(labels: np.ndarray, n: int, half: str, name: str) -> Any:
        def arrays() -> tuple[np.ndarray, np.ndarray]:
            # The source does not depend on what is asked about: both targets have the same.
            draw = f"named pictures {name} {'combinations' if half == 'left' else target}"
            y = labels[balanced_labels(n, len(labels), generator(draw, seed))]
            key = f"{name} {'' if half == 'left' else target}"
            return named_signs(y, half, key, seed).astype(np.float32) / 255, y

        return arrays

    return Task(
        "named-pictures",
        seed=seed,
        options={"target": target, "n_source": n_source},
        source=Domain.lazy("known names", part(known, n_source, "left", "source"), NAMES),
        validation=Domain.lazy(
            "known names", part(known, N_VALIDATION, "left", "validation"), NAMES
        ),
        target_train=part(asked, N_TEST, "right", "train"),
        target_test=part(asked, N_TEST, "right", "test"),
        classes=NAMES,
        recipe=load_again,
    )


def names_by_part(seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the labels of the source, of the combinations that it lacks, of new characters."""
    place = {part: number for number, part in enumerate(PARTS)}
    rng = generator("named pictures styles", seed)
    styles = rng.permutation(np.arange(len(KNOWN)) % len(STYLES))  # each is lacking equally often
    lacking = {(c, *STYLES[s]) for c, s in zip(KNOWN, styles, strict=True)}
    groups = (
        [place[p] for p in PARTS if p[0] in KNOWN and p not in lacking],
        [place[p] for p in PARTS if p in lacking],
        [place[p] for p in PARTS if p[0] in NEW],
    )
    known, left_out, new = (np.array(group, dtype=np.int64) for group in groups)
    return known, left_out, new


@cached
def named_signs(labels: np.ndarray, half: str, key: str, seed: int) -> np.ndarray:
    """Return a painted picture for each label, (n, 3, 24, 24) uint8; ``key`` names the draw."""
    rng = generator(f"named pictures {key}", seed)
    characters = "".join(CHARACTERS)
    letters = np.array([characters.index(PARTS[label][0]) for label in labels])
    styles = np.array([STYLES.index(PARTS[label][1:]) for label in labels])
    strokes = np.empty((len(labels), GLYPH, GLYPH), np.uint8)
    for number, style in enumerate(STYLES):
        rows = np.flatnonzero(styles == number)
        if len(rows):
            fonts = fonts_of(*style)
            strokes[rows] = draw_glyphs(letters[rows], characters, fonts, GLYPH, WARP, rng)
    return paint(strokes, half, rng)


def fonts_of(weight: str, slant: str) -> tuple[str, ...]:
    """Return the DejaVu fonts of this weight and slant: sans, mono and serif."""

    def fits(font: str) -> bool:
        slanted = "Oblique" in font or "Italic" in font
        return ("Bold" in font) == (weight == "bold") and slanted == (slant == "slanted")

    return tuple(font for font in DEJAVU if fits(font))
