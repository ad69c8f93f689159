"""Commands for authors: data, weights, stored results, notebooks, the chapter table."""

import os
from pathlib import Path
from typing import Annotated

import typer

from tlbook.course import chapters
from tlbook.workshop.cli.app import On, app, finish, needs_on

data = typer.Typer(help="List the data and weights of the course; fetch those that are online.")
app.add_typer(data, name="data", invoke_without_command=True)


@data.callback()
def list_data(context: typer.Context) -> None:
    """List the data and weights of the course, and whether each is here."""
    if context.invoked_subcommand is None:
        from tlbook.workshop.cli.listing import print_data

        print_data()


@data.command("fetch")
def fetch_data(
    names: Annotated[list[str], typer.Argument(help="Data sets or weights, such as pets.")],
) -> None:
    """Download public data sets or pretrained weights now, to have them without a network."""
    from tlbook.workshop.cli.listing import fetch

    for name in names:
        print(fetch(name))


@app.command()
def pretrain(name: Annotated[str, typer.Argument(help="Which network.")] = "signnet") -> None:
    """Make the shipped weights again."""
    from tlbook.course.pretraining.make import pretrain as make

    print(f"wrote {os.path.relpath(make(name))}")


@app.command()
def results(
    name: Annotated[str | None, typer.Argument(help="A study; all of them for --check.")] = None,
    check: Annotated[bool, typer.Option("--check", help="Only compare with the code.")] = False,
    confirm: Annotated[
        int | None,
        typer.Option(min=1, metavar="N", help="Run N random jobs again and compare the numbers."),
    ] = None,
    jobs: Annotated[int, typer.Option(min=1, help="Processes.")] = 1,
    on: On = None,
    folder: Annotated[
        Path | None, typer.Option(help="With --on: where a stopped run goes on from.")
    ] = None,
) -> None:
    """Make a stored result again, confirm it by a sample, or check that none is out of date."""
    from tlbook.workshop import study_runs

    if check:
        finish(study_runs.check_results(name))
    if name is None:
        raise ValueError(f"name: got nothing, want one of {', '.join(study_runs.known())}")
    needs_on(folder, on)
    if confirm is not None and on is not None:
        raise ValueError("--on: got it with --confirm, want one of them")
    if confirm is not None:
        study_runs.confirm_result(name, confirm, jobs)
    else:
        study_runs.make_result(name, jobs, on, folder)


@app.command()
def store(
    chapter: Annotated[str, typer.Argument(help="Number, stem or path of a notebook.")],
    check: Annotated[bool, typer.Option("--check", help="Execute, but write nothing.")] = False,
) -> None:
    """Execute a chapter from top to bottom and put clean outputs into notebooks/."""
    from tlbook.workshop import claim_history
    from tlbook.workshop.store import SIZE_WARNING, find_notebook
    from tlbook.workshop.store import store as store_notebook

    path = find_notebook(chapter)
    size = store_notebook(path, write=not check)
    finished = next((one for one in chapters.CHAPTERS if one.path == path.resolve()), None)
    if finished and not check:
        claim_history.record(finished)
    print(f"{path.name}: {'could be stored' if check else 'stored'}, {size / 1000:.0f} kB")
    if size > SIZE_WARNING:
        print(f"note: {path.name} is above 1 MB; make its figures fewer or smaller")


@app.command()
def table(
    check: Annotated[bool, typer.Option("--check", help="Compare, write nothing.")] = False,
) -> None:
    """Write the chapter table of the README with the times of the last runs."""
    from tlbook.workshop.readme_table import check_table, write_table
    from tlbook.workshop.runner import load_latest

    readme = chapters.root() / "README.md"
    if check:
        check_table(readme, chapters.CHAPTERS)
    else:
        report = load_latest(chapters.root() / "runs" / "latest.json")
        write_table(readme, chapters.CHAPTERS, report)


@app.command(hidden=True)
def animate() -> None:
    """Write docs/widget.gif, the widget in the README (for maintainers)."""
    from tlbook.workshop import animation

    print(f"{animation.write(chapters.root() / animation.FILE)} bytes")


@app.command(hidden=True)
def freeze() -> None:
    """Write constraints.txt and docs/licenses.md from this environment (for maintainers)."""
    from tlbook.workshop import licenses, pin

    root = chapters.root()
    print(f"{pin.freeze(root / 'constraints.txt')} pins")
    print(f"{licenses.write(root / 'docs' / 'licenses.md')} licenses")
