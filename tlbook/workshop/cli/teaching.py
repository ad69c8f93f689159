"""``tlbook grade``."""

from pathlib import Path
from typing import Annotated

import typer

from tlbook.workshop.cli.app import Jobs, app, finish, made


@app.command()
def grade(
    notebook: Annotated[list[Path], typer.Argument(help="Notebooks of learners, or folders.")],
    chapter: Annotated[
        str | None, typer.Option(help="Number of the chapter; found in the notebook if not set.")
    ] = None,
    points: Annotated[
        list[str] | None, typer.Option(metavar="q1=2", help="Points of a question; 1 if not set.")
    ] = None,
    seconds: Annotated[float, typer.Option(min=1, help="Limit for a notebook.")] = 600.0,
    memory: Annotated[float, typer.Option(min=256, help="Limit in MiB.")] = 4096.0,
    jobs: Jobs = None,
    out: Annotated[Path, typer.Option(help="Folder for the tables and pages.")] = Path("grades"),
) -> None:
    """Run learners' notebooks confined, judge their answers here, write points and feedback."""
    from rich.console import Console

    from tlbook.course import exercises
    from tlbook.workshop.grading import sheet
    from tlbook.workshop.grading.run import found, grade_all
    from tlbook.workshop.grading.sandbox import Limits, Sandbox
    from tlbook.workshop.runner.pool import usable_cores

    key = None if chapter is None else f"ch{chapter.zfill(2)}"
    if key is not None and key not in exercises.chapters():
        raise ValueError(f"--chapter: got {chapter}, want one of {_numbers(exercises.chapters())}")
    points_of = dict(worth(pair) for pair in points or ())
    found(notebook)
    made(out)  # told before hours of grading
    console = Console()
    sandbox = Sandbox()  # its trial runs take seconds: one for all
    for missing in sandbox.missing:
        console.print(f"note: a notebook is not kept from this here: {missing}")
    graded = grade_all(
        notebook,
        chapter=key,
        limits=Limits(seconds, min(seconds, 120.0), memory),
        points=points_of,
        jobs=jobs or usable_cores(),
        sandbox=sandbox,
        tell=lambda g: console.print(
            f"  {g.name}  {g.points:g} of {g.out_of:g}  {g.seconds:.0f} s  {g.trouble}",
            markup=False,
            highlight=False,
        ),
    )
    sheet.write(out, graded)
    console.print(f"{len(graded)} notebooks: {out}/learners.csv, questions.csv, feedback/")
    finish(True)


def _numbers(chapters: tuple[str, ...]) -> str:
    return ", ".join(name.removeprefix("ch") for name in chapters)


def worth(pair: str) -> tuple[str, float]:
    """Return the question and its points from such as ``q1=2``."""
    name, _, value = pair.partition("=")
    try:
        points = float(value)
    except ValueError:
        points = -1.0
    if not name.isidentifier() or not 0 <= points < 1e6:
        raise ValueError(f"--points: got {pair!r}, want such as q1=2")
    return name, points
