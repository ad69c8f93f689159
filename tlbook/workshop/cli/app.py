"""The command-line application that the other files of this package add their commands to."""

import os
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(
    help="The Transfer Learning Workbook.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

Chapters = Annotated[list[str] | None, typer.Argument(help="Numbers or names; all if left out.")]
Budget = Annotated[str, typer.Option(help="quick (seconds) or full (minutes).")]
Device = Annotated[str, typer.Option(help="auto, cpu, cuda or mps.")]
Jobs = Annotated[int | None, typer.Option(min=1, help="Chapters at a time; one a core if not set.")]


def _place(on: str | None) -> str | None:
    """Refuse at once what ``--on`` does not understand: chapters and rehearsals take minutes."""
    if on is None:
        return None
    from tlbook.scale.engines import check_place

    return check_place(on, "--on", more="")


On = Annotated[
    str | None,
    typer.Option(
        metavar="WHERE", help="local, dask://HOST:PORT or slurm: run elsewhere.", callback=_place
    ),
]
NotebookFolder = Annotated[
    Path | None, typer.Option("--dir", help="Folder of notebooks, such as workbook.")
]
HiddenLimit = Annotated[float | None, typer.Option("--timeout", hidden=True)]


def needs_on(folder: Path | None, on: str | None) -> None:
    """Refuse a folder for rows where none travel."""
    if folder is not None and on is None:
        raise ValueError(f"--folder: got {str(folder)!r} without --on, want both or none")


def made(folder: Path) -> Path:
    """Make the folder of ``--out``, before the work of a command and not after it.

    Raises
    ------
    ValueError
        If a file is in the way, or nothing can be written there.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ValueError(f"--out: got {folder} ({error.strerror}), want a folder") from None
    if not os.access(folder, os.W_OK):
        raise ValueError(f"--out: got {folder}, where nothing can be written, want another folder")
    return folder


def finish(good: bool) -> None:
    """End the command with exit code 0 or 1."""
    raise typer.Exit(0 if good else 1)
