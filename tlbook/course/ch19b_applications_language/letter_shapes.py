"""What letters look like, in words: the side information of zero-shot naming in chapter 19."""

from __future__ import annotations

import numpy as np

LEFT, RIGHT, MIDDLE = (f"a vertical stroke {at}" for at in ("on the left", "on the right", "alone"))
TOP_BAR, BAR, LOW_BAR = (f"a bar {at}" for at in ("at the top", "in the middle", "at the bottom"))
UP, DOWN = "a rising diagonal", "a falling diagonal"
HIGH_BOWL, LOW_BOWL = "a closed bowl in the upper half", "a closed bowl in the lower half"
HOOK, LOW_HOOK, DOT, ARCH = "a hook at the top", "a hook at the bottom", "a dot", "an arch"
OPEN, RING = "an open curve", "a closed ring"

SHAPES: dict[str, tuple[str, ...]] = {
    "A": (UP, DOWN, BAR),
    "B": (LEFT, HIGH_BOWL, LOW_BOWL),
    "C": (OPEN,),
    "D": (LEFT, RING),
    "E": (LEFT, TOP_BAR, BAR, LOW_BAR),
    "F": (LEFT, TOP_BAR, BAR),
    "G": (OPEN, BAR),
    "H": (LEFT, RIGHT, BAR),
    "I": (MIDDLE,),
    "J": (RIGHT, LOW_HOOK),
    "K": (LEFT, UP, DOWN),
    "L": (LEFT, LOW_BAR),
    "M": (LEFT, RIGHT, UP, DOWN),
    "N": (LEFT, RIGHT, DOWN),
    "O": (RING,),
    "P": (LEFT, HIGH_BOWL),
    "Q": (RING, DOWN),
    "R": (LEFT, HIGH_BOWL, DOWN),
    "S": (OPEN, HOOK, LOW_HOOK),
    "T": (MIDDLE, TOP_BAR),
    "U": (LEFT, RIGHT, LOW_HOOK),
    "V": (DOWN, UP),
    "W": (DOWN, UP, "two more diagonals"),
    "X": (UP, DOWN, "a crossing"),
    "Y": (UP, DOWN, MIDDLE),
    "Z": (TOP_BAR, UP, LOW_BAR),
    "a": (LOW_BOWL, RIGHT, HOOK),
    "b": (LEFT, LOW_BOWL),
    "d": (RIGHT, LOW_BOWL),
    "e": (OPEN, BAR, HIGH_BOWL),
    "f": (MIDDLE, HOOK, BAR),
    "g": (HIGH_BOWL, RIGHT, LOW_HOOK),
    "h": (LEFT, ARCH, RIGHT),
    "i": (MIDDLE, DOT),
    "j": (RIGHT, DOT, LOW_HOOK),
    "m": (LEFT, ARCH, "a second arch", RIGHT),
    "n": (LEFT, ARCH),
    "q": (HIGH_BOWL, RIGHT),
    "r": (LEFT, HOOK),
    "t": (MIDDLE, BAR, LOW_HOOK),
}
"""Written by hand, once, before any result with them was seen."""

WORDS = tuple(dict.fromkeys(part for parts in SHAPES.values() for part in parts))


def described(character: str) -> str:
    """Return a sentence: "a letter with a rising diagonal, a falling diagonal, a bar …"."""
    return "a letter with " + ", ".join(SHAPES[character])


def strokes(character: str) -> np.ndarray:
    """Return which of ``WORDS`` the letter has, as 0 and 1."""
    return np.array([float(word in SHAPES[character]) for word in WORDS])
