"""The chapter table of the README, with run times as ``tlbook run`` measured them."""

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tlbook.course.chapters import Chapter

START = "<!-- chapters: made by `tlbook table`, do not edit -->"
END = "<!-- end of chapters -->"


class TableError(ValueError):
    """A README whose chapter table cannot be written or is out of date."""


def minutes_to_read(notebook: Path) -> int:
    """Return the minutes that a chapter's opening names; 0 where it names none."""
    if not notebook.exists():
        return 0
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    opening = "".join("".join(c["source"]) for c in cells[:3] if c["cell_type"] == "markdown")
    named = re.search(r"\*\*Time:\*\*\s+(?:about\s+)?(\d+)\s+minutes", opening)
    return int(named[1]) if named else 0


def _row(chapter: Chapter, measured: str) -> str:
    minutes = minutes_to_read(chapter.path)
    link = f"[{chapter.title}](notebooks/{chapter.file})"
    return f"| {chapter.number} | {link} | {f'{minutes} min' if minutes else ''} | {measured} |"


def _measured(entry: dict[str, Any] | None) -> str:
    return f"{entry['seconds']:.0f} s | {entry['peak_mib']:.0f} MiB" if entry else "not measured | "


def make_table(chapters: Sequence[Chapter], report: dict[str, Any], earlier: str = "") -> str:
    """Return the table as Markdown; only runs at the quick budget count.

    A chapter without such a run keeps the times of its row in the ``earlier`` table.
    """
    quick = good_quick_runs(report)
    before = {row.split("](")[-1].split(")")[0]: row.split("|")[-3:-1] for row in _rows(earlier)}
    lines = ["| | Chapter | To read | Quick run | Peak memory |", "|---|---|---:|---:|---:|"]
    for chapter in chapters:
        kept = None if chapter.stem in quick else before.get(f"notebooks/{chapter.file}")
        measured = "|".join(kept).strip() if kept else _measured(quick.get(chapter.stem))
        lines.append(_row(chapter, measured))
    if hours := round(sum(minutes_to_read(chapter.path) for chapter in chapters) / 60):
        lines += ["", f"To read and play, all of them take about {hours} hours."]
    if any(chapter.stem in quick for chapter in chapters):
        lines += ["", f"Measured by `tlbook run`, one core for each chapter ({report['machine']})."]
    return "\n".join(lines)


def good_quick_runs(report: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the entries of chapters that passed at the quick budget, by name."""
    return {
        entry["name"]: entry
        for entry in report["chapters"]
        if entry["budget"] == "quick" and entry["status"] == "passed"
    }


def _rows(table: str) -> list[str]:
    return [line for line in table.splitlines() if line.startswith("| ") and "](" in line]


def _split(text: str) -> tuple[str, str, str]:
    before, start, rest = text.partition(START)
    inside, end, after = rest.partition(END)
    if not start or not end:
        raise TableError(f"README: the markers {START!r} and {END!r} are missing")
    return before, inside, after


def write_table(readme: Path, chapters: Sequence[Chapter], report: dict[str, Any]) -> None:
    """Put the table between the markers of the README.

    Raises
    ------
    TableError
        If no chapter has a good run at the quick budget: there is nothing to write.
    """
    if not {chapter.stem for chapter in chapters} & set(good_quick_runs(report)):
        raise TableError(
            "runs: there is no good quick run here, so the table stays as it is; "
            "run 'tlbook run' first"
        )
    before, inside, after = _split(readme.read_text(encoding="utf-8"))
    content = f"{before}{START}\n{make_table(chapters, report, inside)}\n{END}{after}"
    readme.write_text(content, encoding="utf-8", newline="\n")


def check_table(readme: Path, chapters: Sequence[Chapter]) -> None:
    """Compare numbers, titles and links of the table with the chapters; times may differ.

    Raises
    ------
    TableError
        If a chapter is missing, too many, renamed, out of order, or was never measured.
    """
    _, inside, _ = _split(readme.read_text(encoding="utf-8"))
    rows = _rows(inside)
    found = [tuple(part.strip() for part in row.split("|")[1:3]) for row in rows]
    wanted = [(c.number, f"[{c.title}](notebooks/{c.file})") for c in chapters]
    if found != wanted:
        raise TableError("README: the chapter table is out of date: run 'tlbook table'")
    if any("not measured" in row for row in rows):
        raise TableError("README: a chapter has no time: run 'tlbook run', then 'tlbook table'")
