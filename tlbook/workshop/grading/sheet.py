"""What a teacher gets: a table a question, a table a learner, and a page of feedback for each."""

import csv
import html
import io
import re
from collections.abc import Sequence
from pathlib import Path

from tlbook.workshop.grading.run import Graded

_QUESTION = ("learner", "chapter", "question", "points", "out of", "status", "feedback", "note")
_LONGEST = 200
"""Bytes of a file name, which systems allow 255 of."""
_LEARNER = ("learner", "chapter", "points", "out of", "seconds", "trouble")


def write(folder: Path, graded: Sequence[Graded]) -> None:
    """Write ``questions.csv``, ``learners.csv`` and ``feedback/NAME.html`` into a folder."""
    (folder / "feedback").mkdir(parents=True, exist_ok=True)
    questions = [
        (g.name, g.chapter, a.question, _number(a.points), _number(a.out_of), a.feedback.status)
        + (a.feedback.message, a.note)
        for g in graded
        for a in g.answers
    ]
    learners = [
        (g.name, g.chapter, _number(g.points), _number(g.out_of), f"{g.seconds:.0f}", g.trouble)
        for g in graded
    ]
    write_table(folder / "questions.csv", _QUESTION, questions)
    write_table(folder / "learners.csv", _LEARNER, learners)
    for g, name in zip(graded, _file_names([g.name for g in graded]), strict=True):
        (folder / "feedback" / f"{name}.html").write_text(page(g), encoding="utf-8")


def _file_names(learners: Sequence[str]) -> list[str]:
    """Return a file name for each learner: none is another's, also where case does not count."""
    names: list[str] = []
    for learner in learners:
        plain = re.sub(r"[^\w.+-]", "_", learner)
        while len(plain.encode()) > _LONGEST:
            plain = plain[:-1]
        taken, name, number = {each.lower() for each in names}, plain, 2
        while name.lower() in taken:
            name, number = f"{plain}-{number}", number + 1
        names.append(name)
    return names


def _number(value: float) -> str:
    return f"{value:g}"


def write_table(path: Path, header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Write a table that a spreadsheet can open without running any cell of it.

    The mark at its start tells Excel that it is UTF-8; without it names in Chinese are garbled.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows([[_tame(value) for value in row] for row in rows])
    path.write_text(text.getvalue(), encoding="utf-8-sig")


def _tame(value: str) -> str:
    """Return a cell that no spreadsheet runs as a formula; a negative number is none."""
    formula = value[:1] in "=+-@\t" and value and not re.fullmatch(r"-\d+(\.\d+)?", value)
    return f"'{value}" if formula else value


def page(graded: Graded) -> str:
    """Return the feedback of one learner as a page that needs no other file."""
    rows = "".join(
        f"<section><h2>{html.escape(a.question)}: {_number(a.points)} of {_number(a.out_of)}</h2>"
        f"{a.feedback._repr_html_()}</section>"
        for a in graded.answers
    )
    trouble = f"<p><strong>{html.escape(graded.trouble)}</strong></p>" if graded.trouble else ""
    errors = "".join(f"<li>{html.escape(error)}</li>" for error in graded.errors)
    raised = f"<h2>Cells that raised an error</h2><ul>{errors}</ul>" if errors else ""
    title = f"{html.escape(graded.name)}: {_number(graded.points)} of {_number(graded.out_of)}"
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        "<style>body{font:16px/1.5 sans-serif;max-width:46em;margin:2em auto;padding:0 1em}"
        "</style></head><body>"
        f"<h1>{title} points</h1>{trouble}{rows}{raised}</body></html>\n"
    )
