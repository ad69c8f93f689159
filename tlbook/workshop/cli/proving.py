"""``tlbook test``, ``check`` and ``bench``."""

from typing import Annotated

import typer

from tlbook.course import chapters
from tlbook.workshop.cli.app import app, finish


@app.command()
def test() -> None:
    """Check everything: lint, types, tests, chapters, browser; with the network blocked."""
    from tlbook.workshop.stages import TEST, run_stages

    finish(run_stages(TEST, chapters.root(), offline=True))


@app.command()
def check() -> None:
    """The daily loop: lint, format, types, unit tests."""
    from tlbook.workshop.stages import CHECK, run_stages

    finish(run_stages(CHECK, chapters.root()))


@app.command()
def bench(
    name: Annotated[list[str] | None, typer.Argument(help="Which; all if left out.")] = None,
    quick: Annotated[bool, typer.Option("--quick", help="Fewer repeats.")] = False,
    device: Annotated[
        str | None, typer.Option(help="cpu or cuda, for the benchmarks of training.")
    ] = None,
) -> None:
    """Measure speed and memory as ratios to plain versions and other packages."""
    from tlbook.workshop.stages import BENCH, Stage, run_stages

    options = (*(name or ()), *(("--quick",) if quick else ()))
    options += ("--device", device) if device else ()
    stages = [Stage(stage.name, (*stage.arguments, *options)) for stage in BENCH]
    finish(run_stages(stages, chapters.root()))


@app.command()
def contract() -> None:
    """Check that the notebooks have what every chapter must have (used by pre-commit)."""
    from tlbook.workshop.contract import main

    finish(main([str(chapter.path) for chapter in chapters.CHAPTERS]) == 0)
