"""``tlbook diagnose``: the transfer report on two files or folders of your own."""

from pathlib import Path
from typing import Annotated

import typer

from tlbook.workshop.cli.app import On, app, made, needs_on


@app.command()
def diagnose(
    source: Annotated[Path, typer.Argument(help="CSV, .npy, .npz or folder; with labels.")],
    target: Annotated[Path, typer.Argument(help="The same of the target; labels are not read.")],
    label: Annotated[str, typer.Option(help="Column of the labels.")] = "label",
    text: Annotated[str, typer.Option(help="Column of the texts.")] = "text",
    without: Annotated[
        list[str] | None,
        typer.Option(help="A column to leave out, such as a row number; may be repeated."),
    ] = None,
    labeled: Annotated[
        Path | None, typer.Option(help="Target rows with labels, drawn at random.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder for report.html, report.json and report.txt.")
    ] = None,
    seconds: Annotated[float, typer.Option(min=1, help="Budget of the rehearsals.")] = 120,
    seed: Annotated[int, typer.Option(min=0)] = 0,
    on: On = None,
    folder: Annotated[
        Path | None, typer.Option(help="With --on: a folder that all machines see.")
    ] = None,
) -> None:
    """Write a report: is there a shift, of which kind, what would help, what to label."""
    from tlbook.diagnosis import diagnose_files

    needs_on(folder, on)
    if out is not None:
        made(out)  # now, and not after minutes of work
    options = {"seconds": seconds, "seed": seed, "on": on, "folder": folder}
    report = diagnose_files(
        source, target, label, labeled, text, without or (), quiet=False, **options
    )
    print()
    print(report.text(), end="")
    if out is not None:
        print(f"\nThe report is in {report.save(out)}: report.html, report.json, report.txt.")
