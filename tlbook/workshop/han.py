"""Chinese letters for pages and paper: those that the course uses, cut out of Noto Sans SC.

Whoever adds a term with a new letter cuts the font anew from any file of Noto Sans SC:
``python -m tlbook.workshop.han NotoSansSC-Regular.otf``
"""

import re
import sys
from base64 import b64encode
from collections.abc import Iterable, Sequence
from pathlib import Path

from tlbook.course.chapters import root

HERE = Path(__file__).parent / "templates" / "han"
FAMILY = "Course Han"
FRONT = "迁移学习术语表"
"""Letters that each page of the site has: a file of their own keeps the first page small."""

LETTERS = re.compile("[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef]")
_RANGE = "U+2E80-9FFF, U+F900-FAFF, U+FF00-FFEF"
_SOURCES = (
    "*.md",
    "docs/*.md",
    "notebooks/*.ipynb",
    "tlbook/**/*.py",
    "tlbook/course/**/*.toml",
    "tlbook/course/**/*.csv",
)


def letters() -> str:
    """Return the Chinese letters of the course, each once: chapters, tables, docstrings, pages."""
    found: set[str] = set()
    for pattern in _SOURCES:
        for path in root().glob(pattern):
            found.update(LETTERS.findall(path.read_text(encoding="utf-8")))
    return "".join(sorted(found))


def missing(text: str) -> str:
    """Return the Chinese letters of a text that the font does not have."""
    from fontTools.ttLib import TTFont

    known = TTFont(HERE / "han.woff").getBestCmap()
    return "".join(sorted(one for one in set(LETTERS.findall(text)) if ord(one) not in known))


def faces(folder: str = "") -> str:
    """Return the style that names the font.

    Parameters
    ----------
    folder : str
        Address of the folder with the two files; if empty the letters are inside the style, for
        pages that are one file.
    """
    if not folder:
        inside = b64encode((HERE / "han.woff").read_bytes()).decode("ascii")
        return _face(f"data:font/woff;base64,{inside}", _RANGE)
    few = ", ".join(f"U+{ord(one):X}" for one in FRONT)
    # Of two faces that have a letter the later one is taken.
    return _face(f"{folder}/han.woff", _RANGE) + _face(f"{folder}/front.woff", few)


def _face(address: str, letters_: str) -> str:
    return (
        f'@font-face {{ font-family: "{FAMILY}"; src: url("{address}") format("woff"); '
        f"font-display: swap; unicode-range: {letters_}; }}\n"
    )


def cut(font: Path, text: Iterable[str], target: Path) -> None:
    """Write the part of a font that has these letters.

    Raises
    ------
    ValueError
        If the file is no font, or has not all letters.
    """
    from fontTools import subset
    from fontTools.ttLib import TTLibError

    wanted = "".join(text)
    options = subset.Options(flavor="woff", layout_features=[], hinting=False)
    try:
        whole = subset.load_font(font, options)
    except (OSError, TTLibError, ImportError) as error:
        raise ValueError(f"font: got {font} ({error}), want a font file of Noto Sans SC") from None
    absent = "".join(one for one in wanted if ord(one) not in whole.getBestCmap())
    if absent:
        raise ValueError(f"font: got {font} without {absent}, want one with all letters")
    cutter = subset.Subsetter(options)
    cutter.populate(text=wanted)
    cutter.subset(whole)
    subset.save_font(whole, target, options)


def main(arguments: Sequence[str]) -> None:
    """Cut both files anew."""
    if len(arguments) != 1:
        raise SystemExit("want one argument: a font file of Noto Sans SC")
    try:
        cut(Path(arguments[0]), letters(), HERE / "han.woff")
        cut(Path(arguments[0]), FRONT, HERE / "front.woff")
    except ValueError as error:
        raise SystemExit(str(error)) from None


if __name__ == "__main__":
    main(sys.argv[1:])
