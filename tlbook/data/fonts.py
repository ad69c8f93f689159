"""The fonts that the course draws with, and the characters that each of them has.

Only files that ship inside matplotlib are used, addressed by path: every machine with the same
matplotlib has the same outlines and the same rasterizer (FreeType is bundled too), so the same
pictures. A font name such as "DejaVu Sans" asked from the system could be anything.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from tlbook._base.checks import check_choice

DEJAVU = (
    "DejaVuSans",
    "DejaVuSans-Bold",
    "DejaVuSans-Oblique",
    "DejaVuSans-BoldOblique",
    "DejaVuSansMono",
    "DejaVuSansMono-Bold",
    "DejaVuSansMono-Oblique",
    "DejaVuSansMono-BoldOblique",
    "DejaVuSerif",
    "DejaVuSerif-Bold",
    "DejaVuSerif-Italic",
    "DejaVuSerif-BoldItalic",
)
STIX = ("STIXGeneral", "STIXGeneralBol", "STIXGeneralItalic", "STIXGeneralBolIta")
COMPUTER_MODERN = ("cmr10", "cmb10", "cmss10", "cmtt10", "cmti10")
FONTS = DEJAVU + STIX + COMPUTER_MODERN
# Width of the thinnest strokes as a part of the font size, for the fonts that have such strokes.
HAIRLINES = {
    **dict.fromkeys(("STIXGeneral", "STIXGeneralItalic", "cmr10", "cmti10"), 0.025),
    **dict.fromkeys(("STIXGeneralBol", "STIXGeneralBolIta", "cmb10"), 0.045),
    **{font: 0.05 for font in DEJAVU if "Serif" in font},
}

DIGITS = "0123456789"
CAPITALS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
SMALL = "abcdefghijklmnopqrstuvwxyz"
# Greek letters that look like none of the Latin ones (no Α, Β, … and no ι, κ, ν, ο, υ).
GREEK = "ΓΔΘΛΞΠΣΦΨΩ" + "αβγδεζηθλμξπρστφχψω"
LETTERS = CAPITALS + SMALL + GREEK


def font_path(font: str) -> Path:
    """Return the path of one of :data:`FONTS` inside the installed matplotlib."""
    import matplotlib

    check_choice(font, "fonts", FONTS)
    return Path(matplotlib.get_data_path()) / "fonts" / "ttf" / f"{font}.ttf"


@cache
def characters_of(font: str) -> frozenset[str]:
    """Return the characters that ``font`` can draw.

    Computer Modern puts its Greek at places of its own (``chr(0)`` is a capital gamma); its
    letters and digits stand where Unicode has them. Only a character that the font's own table
    lists is drawn, so an empty box never enters the data.
    """
    from matplotlib.ft2font import FT2Font

    table = FT2Font(str(font_path(font))).get_charmap()
    return frozenset(chr(code) for code in table)


def fonts_with(character: str, fonts: tuple[str, ...] = FONTS) -> tuple[str, ...]:
    """Return those of ``fonts`` that can draw ``character``, in their order."""
    return tuple(font for font in fonts if character in characters_of(font))
