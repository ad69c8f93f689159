"""The glossary, English and Chinese: one source for the bracketed terms of all chapters."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from typing import TYPE_CHECKING

from tlbook.course.reference.evidence import HERE

if TYPE_CHECKING:
    import pandas as pd

CHINESE = re.compile("[\u4e00-\u9fff]")
BRACKET = re.compile(r"[(（]([^()（）\n]*[\u4e00-\u9fff][^()（）\n]*)[)）]")
LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)")


@dataclass(frozen=True)
class Term:
    """One entry.

    Examples
    --------
    >>> find("linear probe").chinese
    '线性探针'
    """

    english: str
    chinese: str
    definition: str
    chapter: str
    """Where the brackets introduce it: two digits, as "09"."""
    heading: str
    forms: tuple[str, ...]
    """Other English words that stand before the brackets."""
    also: tuple[str, ...]
    """Other Chinese words for it: short forms, and words of the documents."""


@dataclass(frozen=True)
class Bracketed:
    """A Chinese term in brackets and the English words that it belongs to."""

    english: str
    chinese: str


@cache
def terms() -> tuple[Term, ...]:
    """Return all entries, in the order of the chapters."""
    with open(HERE / "glossary.csv", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return tuple(
        Term(
            row["english"],
            row["chinese"],
            row["definition"],
            row["chapter"],
            row["heading"],
            _listed(row["forms"]),
            _listed(row["also"]),
        )
        for row in rows
    )


def find(name: str) -> Term:
    """Return the entry of a term, English or Chinese.

    Raises
    ------
    ValueError
        If the glossary has no such term; the message has some that look like it.

    Examples
    --------
    >>> find("shift").chinese, find("微调").english
    ('偏移', 'fine-tuning')
    """
    asked = plain(name)
    for words in (lambda t: (t.english, t.chinese), lambda t: (*t.forms, *t.also)):
        for term in terms():
            if asked in map(plain, words(term)):
                return term
    like = alike(name, [word for t in terms() for word in (t.english, t.chinese)])
    raise ValueError(f"name: got {name!r}, which is not in the glossary; want a term{like}")


def plain(name: str) -> str:
    """Return a name in small letters, with hyphens as spaces.

    Raises
    ------
    ValueError
        If it is no text.
    """
    if not isinstance(name, str):
        raise ValueError(f"name: got {type(name).__name__}, want a text")
    return " ".join(name.lower().replace("-", " ").split())


def alike(name: str, known: Sequence[str], most: int = 6) -> str:
    """Return names that hold the asked one or look like it, as ", such as …"; empty for none."""
    asked = plain(name)
    within = [each for each in known if asked and asked in plain(each)]
    near = get_close_matches(asked, list(map(plain, known)), most, 0.6)
    chosen = list(dict.fromkeys([*within, *(each for each in known if plain(each) in near)]))[:most]
    return f", such as {', '.join(chosen)}" if chosen else ""


def table() -> pd.DataFrame:
    """Return the glossary for readers: English, Chinese, definition, chapter, section."""
    import pandas as pd

    columns = ["english", "chinese", "definition", "chapter", "heading"]
    rows = [[getattr(term, name) for name in columns] for term in terms()]
    shown = pd.DataFrame(rows, columns=["English", "Chinese", "meaning", "chapter", "section"])
    return shown.sort_values("English", key=lambda c: c.str.lower(), ignore_index=True)


def bracketed(text: str) -> list[Bracketed]:
    """Return the Chinese terms in brackets of a Markdown text, with the words before each.

    English words inside the brackets, before the Chinese ones, come first: ``(few-shot, 小样本)``.

    Examples
    --------
    >>> bracketed("It ends in a **head** (分类头).")
    [Bracketed(english='It ends in a head', chinese='分类头')]
    >>> bracketed("by rank (few-shot, 小样本)")
    [Bracketed(english='few-shot', chinese='小样本')]
    """
    text = LINK.sub(r"\1", text)
    found = []
    for match in BRACKET.finditer(text):
        before = text[: match.start()].rsplit("\n", 1)[-1]
        for piece in match[1].split(","):
            if CHINESE.search(piece):
                found.append(Bracketed(_plain(before), piece.strip()))
                break
            before = piece
    return found


def matching(words: str) -> Term | None:
    """Return the entry with which these words end, the longest one; ``None`` if there is none.

    Examples
    --------
    >>> matching("a classifier under covariate shift").english
    'covariate shift'
    """
    longest, length = None, 0
    for term in terms():
        for form in (term.english, *term.forms):
            if len(form) > length and _ends(words.lower(), form.lower()):
                longest, length = term, len(form)
    return longest


def disagreements(text: str) -> list[Bracketed]:
    """Return the bracketed terms of a text that the glossary lacks or translates otherwise.

    Examples
    --------
    >>> disagreements("a linear probe (线性探针) and a linear probe (线性探测)")[0].chinese
    '线性探测'
    """
    bad = []
    for one in bracketed(text):
        term = matching(one.english)
        if term is None or one.chinese not in (term.chinese, *term.also):
            bad.append(one)
    return bad


def _ends(words: str, form: str) -> bool:
    start = len(words) - len(form)
    return words.endswith(form) and (start == 0 or not words[start - 1].isalnum())


def _plain(words: str) -> str:
    return " ".join(re.sub(r"[*_`$.:;|]+", " ", words).split())


def _listed(cell: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in cell.split(";") if part.strip())
