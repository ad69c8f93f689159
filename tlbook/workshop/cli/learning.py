"""Commands for learners: ``lab``, ``reset``, ``doctor``, and those of set-up."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from tlbook.course import chapters
from tlbook.workshop.cli.app import app, finish


@app.command()
def lab(
    chapter: Annotated[str, typer.Argument(help="Chapter to open.")] = "00",
    port: Annotated[
        int | None, typer.Option(min=1, max=65535, help="Port; a free one if not set.")
    ] = None,
    ip: Annotated[str, typer.Option(help="Address to listen on.")] = "localhost",
    browser: Annotated[bool, typer.Option(help="Open the web browser.")] = True,
    events: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="For a class: also write predictions and checks to this file, without a name.",
        ),
    ] = None,
) -> None:
    """Open the workbook in JupyterLab, on your own copy of the chapters (workbook/)."""
    from tlbook.course.events import ask_for_log
    from tlbook.workshop import lab as laboratory

    chosen = chapters.find(chapter)
    laboratory.check_place(ip, port)  # before anything is copied
    if events is not None:
        ask_for_log(events)
    book = laboratory.Workbook(chapters.root() / "workbook")
    laboratory.prepare(book, [c.path for c in chapters.CHAPTERS])
    laboratory.launch(book.folder, chosen.file, port, ip, browser)


@app.command()
def reset(chapter: Annotated[str, typer.Argument(help="Chapter, such as 02.")]) -> None:
    """Give a fresh copy of a chapter; the old one is kept beside it with its date."""
    from tlbook.workshop.lab import Workbook

    shipped = chapters.find(chapter)
    kept = Workbook(chapters.root() / "workbook").reset(shipped.path)
    print(f"workbook/{shipped.file} is fresh.")
    if kept:
        print(f"Your earlier copy is workbook/{kept.name}.")


@app.command()
def doctor(
    script: Annotated[
        str | None,
        typer.Argument(
            metavar="[SCRIPT.PY:FUNCTION]",
            help="Your own function; docs/doctor.md says what it returns.",
        ),
    ] = None,
) -> None:
    """Check Python, packages, device, disk, data and kernel; exit code 1 with cures if broken.

    With SCRIPT.PY:FUNCTION, check your own model, loss or training function instead.
    """
    if script is not None:
        from tlbook.workshop.doctor.own import doctor_of

        finish(doctor_of(script))
    from tlbook.workshop.doctor import doctor as examine

    finish(examine())


def _add_bootstrap_commands() -> None:
    """List the commands of set-up in the help; the standard-library part runs them."""
    descriptions = {
        "setup": "Make .venv and install the packages. A second run takes no time.",
        "clean": "Delete caches and executed copies; workbook/ is never touched.",
        "wheels": "Make a wheel folder for machines without a network.",
    }
    settings = {"allow_extra_args": True, "ignore_unknown_options": True}
    for name, description in descriptions.items():
        app.command(name, help=description, context_settings=settings, add_help_option=False)(
            _bootstrap_command(name)
        )


def _bootstrap_command(name: str) -> Callable[[typer.Context], None]:
    def command(context: typer.Context) -> None:
        from tlbook.workshop.bootstrap import main as bootstrap_main

        raise typer.Exit(bootstrap_main([name, *context.args]))

    return command


_add_bootstrap_commands()
