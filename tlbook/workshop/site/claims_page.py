"""The claims of all stored chapters on one page: sentence, effect, interval, mark, history."""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from html import escape
from pathlib import Path

from tlbook.course.chapters import CHAPTERS, Chapter, root
from tlbook.workshop import claim_history
from tlbook.workshop.claim_history import Outcome
from tlbook.workshop.printed_claims import MARKS, Claim, claims_of, named
from tlbook.workshop.site.claim_picture import picture
from tlbook.workshop.site.text import section_link, table

SHOWN = 20
"""Runs of this machine whose marks are shown."""


def earlier_marks(runs: Path) -> dict[tuple[str, str], str]:
    """Return the marks of each claim in the runs that are kept here, the oldest first.

    The key is a chapter's stem and the name of the claim in it.
    """
    marks: dict[tuple[str, str], str] = defaultdict(str)
    reports = [json.loads(path.read_text("utf-8")) for path in runs.rglob("report.json")]
    for report in sorted(reports, key=lambda report: report["when"]):
        for entry in report["chapters"]:
            claims = [Claim(claim["mark"], claim["text"]) for claim in entry["claims"]]
            for name, claim in named(claims).items():
                marks[entry["name"], name] += claim.mark
    return dict(marks)


def page(runs: Path | None = None, histories: Path | None = None) -> str:
    """Return the page as Markdown.

    Parameters
    ----------
    runs, histories : Path, optional
        Where ``tlbook run`` leaves its reports, and the folder of the histories; the project's.
    """
    here = earlier_marks(runs or root() / "runs")
    count: Counter[str] = Counter()
    changed, parts = 0, []
    for chapter in CHAPTERS:
        history = claim_history.load(claim_history.path_of(chapter, histories))
        claims = named(claims_of(chapter.path.read_text(encoding="utf-8")))
        if claims:
            parts += [f"## {chapter.number} · {chapter.title}", ""]
        for name in sorted(claims, key=lambda name: list(MARKS).index(claims[name].mark)):
            count[claims[name].mark] += 1
            past = history.get(name, [])
            changed += len(past) > 1
            marks = here.get((chapter.stem, name), "")[-SHOWN:]
            parts += _claim(chapter, claims[name], past, marks)
    total = ", ".join(f"{count[mark]} {mark} {words}" for mark, words in MARKS.items())
    start = _START.format(all=sum(count.values()), total=total, changed=changed)
    return "\n".join([start, *parts])


_START = """# Claims

Every sentence below is computed when its chapter runs. The page shows the runs
that are stored in the chapters: {all} claims, {total}.

- ✓ sure: the whole 95 % interval is where the sentence says.
- ~ seen, not certain: the mean is there, and the interval is not.
- ✗ not held: the mean is somewhere else. A chapter with such a claim is not stored.

A sentence without an effect is a check that does not scatter. In the small pictures a dot is the
effect, its line the interval, and the dashed line what was asked. Zero is within the picture,
except for a ratio.

**History.** Each time a chapter is stored, what its claims came to is kept in `data/claims`. The
same numbers again are one outcome; {changed} claims have more than one, and their earlier
outcomes are gray in the picture. A sentence that was reworded begins anew; other numbers in it
do not count. "Here" are the marks of the runs on the machine that built this page, the oldest
first.
"""


def _claim(chapter: Chapter, claim: Claim, past: Sequence[Outcome], here: str) -> list[str]:
    """Return one claim as Markdown; its cells are safe: sentences hold bars, stars and dollars."""
    where = section_link(chapter.number, claim.section, claim.section or chapter.title)
    lines = ["```{container} claim", f"**{claim.mark} {MARKS[claim.mark]}** {_safe(claim.text)}"]
    found = [f"**{_safe(claim.effect)}**" + _safe(f" [{claim.interval}]"), f"{_safe(claim.asked)} "
             "asked", _safe(claim.n)] if claim.effect else ["a check"]  # fmt: skip
    lines += ["", f"{', '.join(found)} · {where}", ""]
    if drawn := picture(past):
        lines += [drawn, ""]
    if past:
        lines += _history(past)
    if here:
        lines += ["", f"Here: {_safe(here)}"]
    return [*lines, "```", ""]


def _history(past: Sequence[Outcome]) -> list[str]:
    """Return when the last outcome was stored, and the others to unfold."""
    if len(past) == 1:
        return [f"Stored {_times(past[0])}, version {_safe(past[0].version)}."]
    marks = _safe(" ".join(one.mark for one in past))
    days = sum(one.stored for one in past)
    rows = [(one.mark, _safe(one.effect), _safe(one.interval), f"{one.stored} × {_when(one)}")
            for one in past]  # fmt: skip
    summary = f"{len(past)} outcomes in {days} stored versions: {marks}"
    grid = table(("Mark", "Effect", "Interval", "Stored"), rows)
    return [f"<details><summary>{summary}</summary>", "", grid, "", "</details>"]


def _times(one: Outcome) -> str:
    times = "once" if one.stored == 1 else f"{one.stored} times with these numbers"
    return f"{times}, {_when(one)}"


def _when(one: Outcome) -> str:
    return one.first if one.first == one.last else f"{one.first} to {one.last}"


def _safe(text: str) -> str:
    return re.sub(r"([\\|*_`$~\[\]{}#])", r"\\\1", escape(text, quote=False))
