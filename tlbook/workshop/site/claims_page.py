"""The claims of all stored chapters on one page: sentence, effect, interval, mark, earlier runs."""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from dataclasses import dataclass
from html import escape
from pathlib import Path

from tlbook.course.chapters import CHAPTERS, Chapter, root
from tlbook.workshop.site.text import section_link

_LINE = re.compile(r"^([✓~✗]) (?:NOT held: )?(.+)$", re.M)
_NUMBERS = re.compile(r"^(.*): ([^:\[]+) \[([^\]]*)\], (.+) asked, (.+)$")
_HEADING = re.compile(r"(?m)^#+ (.+)$")
_CALLS = re.compile(r"(?<![.\w])(?:tlbook\.)?(?:evaluation\.)?(?:claim|check)\(")
MARKS = {"✗": "not held", "~": "seen, not certain", "✓": "sure"}
"""In the order of the page."""


@dataclass(frozen=True)
class Claim:
    """One line that a stored chapter prints.

    Examples
    --------
    >>> read_line("✓", "B beats A: +3.0 points [1.0, 5.0], more than 1 asked, 8 seeds").effect
    '+3.0 points'
    """

    mark: str
    text: str
    effect: str = ""
    interval: str = ""
    asked: str = ""
    n: str = ""


def read_line(mark: str, line: str) -> Claim:
    """Return the claim of a printed line; a check has no numbers."""
    found = _NUMBERS.match(line)
    return Claim(mark, *found.groups()) if found else Claim(mark, line)


def claims_of(chapter: Chapter) -> list[tuple[str, Claim]]:
    """Return the claims that a stored chapter prints, each with its section."""
    cells = json.loads(chapter.path.read_text(encoding="utf-8"))["cells"]
    found, heading = [], ""
    for cell in cells:
        if cell["cell_type"] == "markdown":
            heading = ([heading] + _HEADING.findall("".join(cell["source"])))[-1]
        if not _CALLS.search("".join(cell["source"])):
            continue  # other lines with a tick: a doctor's findings, a learner's feedback
        for output in cell.get("outputs", ()):
            for mark, line in _LINE.findall("".join(output.get("text", ""))):
                found.append((heading.strip(), read_line(mark, line)))
    return found


def earlier_marks(runs: Path) -> dict[tuple[str, int], str]:
    """Return the marks of each claim in the runs that are kept here, the oldest first.

    The key is a chapter's name and the place of the claim in it: a sentence may carry numbers.
    """
    marks: dict[tuple[str, int], str] = defaultdict(str)
    reports = [json.loads(path.read_text("utf-8")) for path in runs.rglob("report.json")]
    for report in sorted(reports, key=lambda report: report["when"]):
        for entry in report["chapters"]:
            for place, claim in enumerate(entry["claims"]):
                marks[entry["name"], place] += claim["mark"]
    return dict(marks)


def page(runs: Path | None = None) -> str:
    """Return the page as Markdown; ``runs`` is where ``tlbook run`` leaves its reports."""
    earlier = earlier_marks(runs or root() / "runs")
    count: Counter[str] = Counter()
    parts = []
    for chapter in CHAPTERS:
        rows = []
        for place, (heading, claim) in enumerate(claims_of(chapter)):
            count[claim.mark] += 1
            where = section_link(chapter.number, heading, heading or chapter.title)
            rows.append((claim, where, earlier.get((chapter.stem, place), "")[-20:]))
        rows.sort(key=lambda row: list(MARKS).index(row[0].mark))
        if rows:
            parts += [f"## {chapter.number} · {chapter.title}", "", _table(rows), ""]
    total = ", ".join(f"{count[mark]} {mark} {words}" for mark, words in MARKS.items())
    return "\n".join([_START.format(all=sum(count.values()), total=total), *parts])


_START = """# Claims

Every sentence below is computed when its chapter runs. The page shows the runs
that are stored in the chapters: {all} claims, {total}.

- ✓ sure: the whole 95 % interval is where the sentence says.
- ~ seen, not certain: the mean is there, and the interval is not.
- ✗ not held: the mean is somewhere else. A chapter with such a claim is not stored.

A sentence without an effect is a check that does not scatter. "Earlier runs" shows the marks of
the runs that were made on the machine that built this page, the oldest first.
"""


def _table(rows: list[tuple[Claim, str, str]]) -> str:
    """Return a Markdown table whose cells are safe: sentences hold bars, stars and dollars."""
    lines = ["| Mark | Sentence | Effect | 95 % interval | Asked | Runs | Earlier runs | Section |"]
    lines.append("|---" * 8 + "|")
    for claim, where, before in rows:
        mark = f"{claim.mark} {MARKS[claim.mark]}"
        cells = (claim.text, claim.effect, claim.interval, claim.asked, claim.n, before)
        lines.append("| " + " | ".join((mark, *map(_safe, cells), where)) + " |")
    return "\n".join(lines)


def _safe(text: str) -> str:
    return re.sub(r"([\\|*_`$~\[\]{}#])", r"\\\1", escape(text, quote=False))
