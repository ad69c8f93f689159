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
On = Annotated[
    str | None,
    typer.Option(metavar="WHERE", help="local, dask://HOST:PORT or slurm: run elsewhere."),
]
HiddenFolder = Annotated[Path | None, typer.Option("--dir", hidden=True)]
HiddenLimit = Annotated[float | None, typer.Option("--timeout", hidden=True)]


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
