"""``tlbook run`` and ``tlbook claims``."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from tlbook.course import chapters
from tlbook.workshop.cli.app import (
    Budget,
    Chapters,
    Device,
    HiddenLimit,
    Jobs,
    NotebookFolder,
    On,
    app,
    finish,
)


@app.command()
def run(
    chapter: Chapters = None,
    budget: Budget = "quick",
    seed: Annotated[int, typer.Option(min=0, help="Base seed.")] = 0,
    device: Device = "auto",
    p: Annotated[
        list[str] | None, typer.Option("-p", metavar="NAME=VALUE", help="A chapter's parameter.")
    ] = None,
    jobs: Jobs = None,
    on: On = None,
    out: Annotated[Path | None, typer.Option(help="Folder for the results.")] = None,
    folder: NotebookFolder = None,
    timeout: HiddenLimit = None,
) -> None:
    """Execute chapters without a browser; exit code 1 if one fails or a claim is ✗."""
    from tlbook.workshop.runner import run_chapters

    options = replace(_run_options(budget, seed, device, p, jobs, timeout), on=on)
    finish(all(outcome.good for outcome in run_chapters(chapter or [], options, out, folder)))


def _run_options(
    budget: str,
    seed: int,
    device: str,
    p: list[str] | None,
    jobs: int | None,
    timeout: float | None,
) -> Any:
    from tlbook._base.checks import check_choice, check_positive
    from tlbook.workshop.runner import RunOptions
    from tlbook.workshop.runner.parameters import BUDGETS, DEVICES

    check_choice(budget, "budget", BUDGETS)
    if device.split(":")[0] not in DEVICES:
        raise ValueError(f"device: got {device!r}, want auto, cpu, cuda or mps")
    if timeout is not None:
        check_positive(timeout, "timeout")
    return RunOptions(budget, seed, device, parse_parameters(p or []), jobs, timeout)


def parse_parameters(pairs: list[str]) -> dict[str, Any]:
    """Return ``name=value`` pairs as a dictionary of texts; the chapters say what type they are."""
    parameters = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or not name.isidentifier():
            raise ValueError(f"-p: got {pair!r}, want name=value")
        parameters[name] = value
    return parameters


@app.command()
def claims(
    chapter: Chapters = None,
    stress: Annotated[bool, typer.Option(help="Run at many base seeds.")] = False,
    seeds: Annotated[int, typer.Option(min=1, help="How many base seeds.")] = 20,
    history: Annotated[
        bool, typer.Option("--history", help="What each came to whenever its chapter was stored.")
    ] = False,
    record: Annotated[
        bool, typer.Option("--record", help="Add what the stored chapters print to the history.")
    ] = False,
    budget: Budget = "quick",
    jobs: Jobs = None,
    folder: NotebookFolder = None,
    out: Annotated[Path | None, typer.Option(hidden=True)] = None,
) -> None:
    """List the claims of the last runs, or their history, or try them at many seeds."""
    from rich.console import Console

    from tlbook.workshop.runner.claim_tables import list_claims, list_history, stress_claims

    if stress + history + record > 1:
        raise ValueError("claims: got several of --stress, --history and --record, want one")
    if record:
        from tlbook.workshop import claim_history

        for one in map(chapters.find, chapter) if chapter else chapters.CHAPTERS:
            if claim_history.record(one, again=False):
                print(f"{one.stem}: recorded")
        return
    if history:
        list_history(Console(), chapter or [])
        return
    if not stress:
        finish(list_claims(Console(), keys=chapter or []))
    options = _run_options(budget, 0, "auto", None, jobs, None)
    finish(stress_claims(chapter or [], seeds, options, Console(), folder, out))
