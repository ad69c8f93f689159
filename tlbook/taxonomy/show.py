"""A decision as plain text and as HTML."""

from __future__ import annotations

import textwrap
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tlbook.taxonomy.decision import Advice, Decision
    from tlbook.taxonomy.syllabus import Reference

WIDTH = 96


def title(decision: Decision) -> str:
    """Return the setting with its family, where the name does not say it already."""
    extra = {"no transfer": "no transfer needed", "outside the three": "outside Pan & Yang's table"}
    words = extra.get(decision.family, decision.family)
    return decision.setting if words in decision.setting else f"{decision.setting} ({words})"


def as_text(decision: Decision) -> str:
    """Return setting, reason, path, methods and chapters as lines of at most 96 characters."""
    steps = " → ".join(f"{s.question} {s.answer}" for s in decision.path)
    parts = [
        _wrapped("setting:  ", title(decision)),
        _wrapped("why:      ", decision.reason),
        _wrapped("path:     ", steps),
        _wrapped("note:     ", decision.note),
        "fits:",
        *(_wrapped("  + ", str(a)) for a in decision.fits),
        "does not fit:",
        *(_wrapped("  - ", str(a)) for a in decision.unfit),
        _wrapped("chapters: ", " · ".join(map(str, decision.chapters))),
    ]
    return "\n".join(parts)


def _wrapped(head: str, words: str) -> str:
    return textwrap.fill(
        words, WIDTH, initial_indent=head, subsequent_indent=" " * len(head), break_long_words=False
    )


def as_html(decision: Decision) -> str:
    """Return the decision as a table of methods under its reason; links to finished chapters."""
    steps = " → ".join(f"{escape(s.question)} <b>{escape(s.answer)}</b>" for s in decision.path)
    links = " · ".join(map(_link, decision.chapters))
    return (
        '<div style="border-left: 4px solid #0072B2; padding: 2px 12px; max-width: 62em">'
        f'<div style="font-size: 1.15em"><b>{escape(title(decision))}</b></div>'
        f"<p>{escape(decision.reason)}</p>"
        f"<p>{steps}</p>"
        f"<p><i>On the name.</i> {escape(decision.note)}</p>"
        f"{_table('Fits', decision.fits)}"
        f"<details><summary>Does not fit ({len(decision.unfit)} methods, each with its reason)"
        f"</summary>{_table('Does not fit', decision.unfit)}</details>"
        f"<p><b>Chapters:</b> {links}</p></div>"
    )


def _table(heading: str, advice: tuple[Advice, ...]) -> str:
    left = 'style="text-align: left"'
    rows = "".join(
        f"<tr><td {left}>{escape(a.method)}</td><td {left}>{escape(a.kind)}</td>"
        f"<td {left}>{escape(a.why)}</td><td {left}>{', '.join(a.chapters)}</td></tr>"
        for a in advice
    )
    names = (heading, "transfers", "why", "chapter")
    head = "".join(f"<th {left}>{name}</th>" for name in names)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"


def _link(chapter: Reference) -> str:
    words = escape(str(chapter))
    return f'<a href="{escape(chapter.file)}">{words}</a>' if chapter.file else words
