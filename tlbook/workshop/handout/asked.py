"""What a question or a prediction asks, in the words of its chapter: for people who read tables."""

import re
from functools import cache
from typing import Any

from tlbook.course import chapters

LONGEST = 160
_CALL = re.compile(r"ex\.(q\d+)\.check\(|expect\(\s*[\"']([\w.]+)")
_ASKS = re.compile(r"\*\*(?:Exercise|Predict)[^*]*\*\*\.?:?\s*")


def words(chapter: str, item: str) -> str:
    """Return the first words of a question; empty if the chapter has none of this name.

    Parameters
    ----------
    chapter, item : str
        Such as "02" and "q1" for an exercise, "02" and "02.1" for a prediction.
    """
    return _of_chapter(chapter).get(item, "")


@cache
def _of_chapter(number: str) -> dict[str, str]:
    import nbformat

    try:
        path = chapters.find(number).path
    except ValueError:
        return {}
    return read(nbformat.read(path, as_version=4))


def read(notebook: Any) -> dict[str, str]:
    """Return what each exercise and each prediction of a notebook asks, by its name."""
    found: dict[str, str] = {}
    last = ""
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            for block in re.split(r"\n\s*\n", cell.source):
                if parts := _ASKS.search(block):
                    last = _plain(block[parts.end() :])
            continue
        for question, prediction in _CALL.findall(cell.source):
            found.setdefault(question or prediction, last)
    return found


def _plain(text: str) -> str:
    """Return Markdown as one line of plain words, shortened at a word."""
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", text)
    text = re.sub(r"\\\\(?:mathcal|mid|hat) ?", lambda m: "| " if "mid" in m[0] else "", text)
    text = re.sub(r"\\(?:mathcal|hat|bar) ?", "", text).replace("\\mid", " |")
    text = " ".join(re.sub(r"[*`$>]", "", text).split())
    if len(text) <= LONGEST:
        return text
    return text[:LONGEST].rsplit(" ", 1)[0] + " …"
