"""What can be loaded: for each name the loader, the size, where it is from and its license."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any


@dataclass(frozen=True)
class Entry:
    """One line of :func:`tlbook.data.available`; ``loader`` is "module:function"."""

    loader: str
    kind: str
    size: str
    source: str
    licence: str


_FONTS = "DejaVu (Bitstream Vera license), STIX (STIX font license), Computer Modern (BaKoMa)"
_DIGITS = "Alpaydin and Kaynak, UCI repository, in scikit-learn"
_PHOTOS = "photographs by danielbuechele and vultilion (Flickr), in scikit-learn"

ENTRIES = {
    "signs": Entry(
        "tlbook.data.signs:load_signs",
        "task",
        "18,000 letters (71 classes) → 1,797 digits, 24 × 24 RGB",
        f"rendered: fonts in matplotlib; digits: {_DIGITS}; {_PHOTOS}",
        "fonts: DejaVu (free); digits: CC BY 4.0; photographs: CC BY 2.0",
    ),
    "signs-letters": Entry(
        "tlbook.data.signs:load_signs_letters",
        "task",
        "18,000 letters (71 classes) → 1,797 letters of 10 other classes, 24 × 24 RGB",
        f"rendered: fonts in matplotlib; {_PHOTOS}",
        "fonts: DejaVu (free); photographs: CC BY 2.0",
    ),
    "fonts-to-handwriting": Entry(
        "tlbook.data.fonts_to_handwriting:load_fonts_to_handwriting",
        "task",
        "4,000 printed digits (21 fonts) → 1,797 handwritten digits, 8 × 8",
        f"rendered: fonts in matplotlib; digits: {_DIGITS}",
        f"fonts: {_FONTS}; digits: CC BY 4.0",
    ),
    "docstrings": Entry(
        "tlbook.data.docstrings:load_docstrings",
        "task",
        "about 750 texts on 6 topics (NumPy, SciPy) → about 270 (torch); varies with versions",
        "docstrings of the installed NumPy, SciPy and torch, by their contributors",
        "BSD-3-Clause (all three)",
    ),
    "handwriting": Entry(
        "tlbook.data.handwriting:load_handwriting",
        "domain",
        "1,797 handwritten digits, 8 × 8",
        _DIGITS,
        "CC BY 4.0",
    ),
    "glyphs": Entry(
        "tlbook.data.glyphs:load_glyphs",
        "domain",
        "any number of characters (2,000), any size (24 × 24)",
        "rendered: fonts in matplotlib",
        _FONTS,
    ),
    "toy": Entry(
        "tlbook.data.toy:load_toy",
        "task",
        "200 rows (any number) of Gaussians, moons or a cubic, 2-D or 1-D",
        "generated",
        "none needed",
    ),
}


def loader(name: str) -> Callable[..., Any]:
    """Return the function that loads ``name``."""
    module, function = ENTRIES[name].loader.split(":")
    return getattr(import_module(module), function)
