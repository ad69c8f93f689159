"""``tlbook class …``: what a teacher hands out, shows and prints."""

from pathlib import Path
from typing import Annotated

import typer

from tlbook.course import chapters
from tlbook.workshop.cli.app import app, made

kit = typer.Typer(
    help="For teachers: talks, paper, apps, plans, assignments, a report.",
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.add_typer(kit, name="class")

Numbers = Annotated[list[str] | None, typer.Argument(help="Numbers or names; all if left out.")]
Out = Annotated[Path, typer.Option(help="Folder for the files.")]


@kit.command()
def slides(
    numbers: Numbers = None,
    out: Out = Path("class/slides"),
    live: Annotated[
        bool, typer.Option("--live", help="As notebooks for jupyterlab-rise: the cells run.")
    ] = False,
) -> None:
    """Write chapters as talks: one HTML file each, offline. Add ?notes to the address for notes.

    With --live a talk is a notebook. Open it in JupyterLab, run all cells, press Alt+R.
    """
    from tlbook.workshop.talk.live import write_live
    from tlbook.workshop.talk.page import write_talk

    write, ending = (write_live, "ipynb") if live else (write_talk, "html")
    chosen = _chosen(numbers)
    made(out)
    for chapter in chosen:
        target = out / f"{chapter.stem}.{ending}"
        print(f"{target}: {write(chapter.path, target)} slides")


@kit.command()
def pdf(numbers: Numbers = None, out: Out = Path("class/paper")) -> None:
    """Print chapters to PDF with an installed Chromium or Chrome, formulas included, offline."""
    from tlbook.workshop.talk.printed import write_pdf

    chosen = _chosen(numbers)
    made(out)
    for chapter in chosen:
        target = out / f"{chapter.stem}.pdf"
        try:
            write_pdf(chapter.path, target)
        except RuntimeError as error:
            raise ValueError(str(error)) from None
        print(target)


@kit.command("app")
def as_app(
    name: Annotated[str, typer.Argument(help="An experiment, such as gradient_reversal.")],
    port: Annotated[int, typer.Option(min=1, max=65535)] = 8866,
    ip: Annotated[str, typer.Option(help="0.0.0.0 lets phones of your network in.")] = "localhost",
    browser: Annotated[bool, typer.Option(help="Open the web browser.")] = True,
) -> None:
    """Serve one experiment as an app for the projector or for phones."""
    from tlbook.workshop.talk.phone import serve

    try:
        code = serve(name, port, ip, browser)
    except RuntimeError as error:
        raise ValueError(str(error)) from None
    raise typer.Exit(code)


@kit.command()
def plan(
    numbers: Numbers = None,
    length: Annotated[int, typer.Option(min=20, help="Minutes of a lesson.")] = 45,
) -> None:
    """Print lesson plans and three courses, with minutes computed from the text."""
    from tlbook.workshop.talk.plan import COURSES, activities, lesson, minutes, sessions

    chosen = _chosen(numbers)
    if numbers:
        for chapter in chosen:
            print(f"{chapter.number} {chapter.title}")
            acts, planned = activities(chapter.path), lesson(chapter.path, length)
            for title, part in planned:
                print(f"  {part:3d} min  {title}")
                for kind, name in acts.pop(title, ()):
                    print(f"           {kind:4s}  {_act(chapter, kind, name)}")
            for title, left in acts.items():
                print(f"  at home  {title}")
                for kind, name in left:
                    print(f"           {kind:4s}  {_act(chapter, kind, name)}")
        return
    known = {chapter.number: minutes(chapter.path) for chapter in chosen}
    print("chapter  reading  exercises  experiments  together (minutes)")
    for number, found in known.items():
        row = f"{found.reading:7d}  {found.exercises:9d}  {found.widgets:11d}  {found.total:8d}"
        print(f"{number:7s}  {row}")
    totals = {number: found.total for number, found in known.items()}
    for name, parts in COURSES.items():
        hours = sum(totals.get(number, 0) for number in parts) / 60
        print(f"{name} ({hours:.1f} hours, without breaks):")
        for session, group, together in sessions(name, totals):
            print(f"  {session:18s}  {', '.join(group)} ({together} min)")


def _act(chapter: chapters.Chapter, kind: str, name: str) -> str:
    from tlbook.workshop.handout.asked import words

    if kind == "show":
        return f"{name} (tlbook class app {name})"
    return f"{name:6s} {words(chapter.number, name)}"


def _chosen(numbers: list[str] | None) -> list[chapters.Chapter]:
    return [chapters.find(n) for n in numbers] if numbers else list(chapters.CHAPTERS)
