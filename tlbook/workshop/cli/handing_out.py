"""``tlbook class release``, ``setup`` and ``report``: assignments out, what came back read."""

from pathlib import Path
from typing import Annotated

import typer

from tlbook.course import chapters
from tlbook.workshop.cli.class_kit import kit
from tlbook.workshop.cli.teaching import worth

FORMATS = ("plain", "nbgrader")


@kit.command()
def release(
    chapter: Annotated[str, typer.Argument(help="Number or name.")],
    out: Annotated[Path, typer.Option(help="Folder for the files.")],
    format: Annotated[str, typer.Option(help="plain (for tlbook grade) or nbgrader.")] = "plain",
    points: Annotated[
        list[str] | None, typer.Option(metavar="q1=2", help="Points of a question; 1 if not set.")
    ] = None,
    questions: Annotated[
        str, typer.Option(metavar="q1,q3", help="The exercises to hand out; all if left out.")
    ] = "",
) -> None:
    """Write a chapter as an assignment: the learner's copy, the teacher's key, the limits."""
    from tlbook.workshop.handout import nbgrader
    from tlbook.workshop.handout.release import assignment, grade_command, write_plain

    if format not in FORMATS:
        raise ValueError(f"--format: got {format!r}, want one of {', '.join(FORMATS)}")
    chosen = [name for name in questions.replace(" ", "").split(",") if name]
    given = assignment(chapters.find(chapter), dict(worth(p) for p in points or ()), chosen)
    for path in (write_plain if format == "plain" else nbgrader.write)(given, out):
        print(path)
    total = sum(given.points.values())
    print(f"{len(given.points)} exercises, {total:g} points, {given.seconds} s for a notebook")
    if format == "plain":
        print(grade_command(given))
    else:
        print(f"in {out}: nbgrader generate_assignment ch{given.chapter.number}")


@kit.command()
def setup(tool: Annotated[str, typer.Argument(help="nbgrader")]) -> None:
    """Install a tool of the class in an environment of its own (nbgrader; needs the network)."""
    from tlbook.workshop.handout import environment

    if tool != "nbgrader":
        raise ValueError(f"tool: got {tool!r}, want nbgrader")
    print(environment.make())


@kit.command()
def report(
    files: Annotated[
        list[Path],
        typer.Argument(help="questions.csv of tlbook grade, and logs of tlbook lab --events."),
    ],
    out: Annotated[Path, typer.Option(help="Folder for the files.")] = Path("class/report"),
) -> None:
    """Say what the class found hard: questions, mistakes, predictions; no group below five."""
    from tlbook.workshop.handout.report import items, read
    from tlbook.workshop.handout.report_page import write

    answers, predictions = read(files)
    if not answers and not predictions:
        raise ValueError("files: got no answer and no prediction, want a questions.csv or a log")
    for path in write(out, items(answers), items(predictions)):
        print(path)
