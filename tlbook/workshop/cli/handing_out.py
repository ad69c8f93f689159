"""``tlbook class release``, ``setup`` and ``report``: assignments out, what came back read."""

from pathlib import Path
from typing import Annotated

import typer

from tlbook.course import chapters
from tlbook.workshop.cli.app import made
from tlbook.workshop.cli.class_kit import kit
from tlbook.workshop.cli.teaching import worth

FORMATS = ("plain", "nbgrader", "otter")


@kit.command()
def release(
    chapter: Annotated[str, typer.Argument(help="Number or name.")],
    out: Annotated[Path, typer.Option(help="Folder for the files.")],
    format: Annotated[
        str, typer.Option(help="plain (for tlbook grade), nbgrader or otter.")
    ] = "plain",
    points: Annotated[
        list[str] | None, typer.Option(metavar="q1=2", help="Points of a question; 1 if not set.")
    ] = None,
    questions: Annotated[
        str, typer.Option(metavar="q1,q3", help="The exercises to hand out; all if left out.")
    ] = "",
) -> None:
    """Write a chapter as an assignment: the learner's copy, the teacher's key, the limits."""
    from tlbook.workshop.handout import nbgrader, otter
    from tlbook.workshop.handout.release import assignment, grade_command, write_plain

    if format not in FORMATS:
        raise ValueError(f"--format: got {format!r}, want one of {', '.join(FORMATS)}")
    chosen = [name for name in questions.replace(" ", "").split(",") if name]
    given = assignment(chapters.find(chapter), dict(worth(p) for p in points or ()), chosen)
    write = {"plain": write_plain, "nbgrader": nbgrader.write, "otter": otter.write}[format]
    for path in write(given, made(out)):
        print(path)
    total = sum(given.points.values())
    print(f"{len(given.points)} exercises, {total:g} points, {given.seconds} s for a notebook")
    if format == "nbgrader":
        print(f"in {out}: nbgrader generate_assignment ch{given.chapter.number}")
    else:
        print((otter.grade_command if format == "otter" else grade_command)(given))


@kit.command()
def setup(tool: Annotated[str, typer.Argument(help="nbgrader, otter or hub")]) -> None:
    """Install a tool of the class in an environment of its own (needs the network)."""
    from tlbook.workshop.handout.environment import TOOLS, make

    if tool not in TOOLS:
        raise ValueError(f"tool: got {tool!r}, want one of {', '.join(TOOLS)}")
    print(make(TOOLS[tool]))


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
    for path in write(made(out), items(answers), items(predictions)):
        print(path)
