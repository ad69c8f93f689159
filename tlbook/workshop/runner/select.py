"""Which notebooks a run executes, and the run itself."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from rich.console import Console

from tlbook.course import chapters
from tlbook.workshop.runner.display import print_outcomes, run_with_progress
from tlbook.workshop.runner.job import Job, Outcome, RunOptions
from tlbook.workshop.runner.parameters import parameters_for
from tlbook.workshop.runner.pool import usable_cores
from tlbook.workshop.runner.report import save_report

_MOST_WORKERS = 8
_FILE_WIDTH = 140


def wide_console() -> Console:
    """Return a console that leaves room for paths where the output goes to a file."""
    console = Console()
    return console if console.is_terminal else Console(width=_FILE_WIDTH)


def find_notebooks(keys: Sequence[str], folder: Path | None) -> list[Path]:
    """Return the notebooks named by ``keys``, or all: of the course, or of another folder.

    Raises
    ------
    ValueError
        If a key names no notebook, or there is none at all.
    """
    if folder is None:
        found = [chapters.find(key).path for key in keys] or [c.path for c in chapters.CHAPTERS]
    else:
        every = sorted(folder.glob("*.ipynb"))
        found = every if not keys else []
        for key in keys:
            matches = [p for p in every if key == p.stem or p.stem.startswith(f"{key.zfill(2)}_")]
            if not matches:
                names = ", ".join(p.stem for p in every)
                raise ValueError(f"chapter: got {key!r}, want one of {names}")
            found += matches
    if not found:
        raise ValueError("chapter: there is no notebook to run")
    return list(dict.fromkeys(found))


def new_run_folder(root: Path) -> Path:
    """Return a new folder ``runs/<date>_<time>``, also when two runs start in one second."""
    stamp = datetime.now().strftime("%Y-%m-%d_%H%M%S")
    for suffix in ("", *(f"_{k}" for k in range(2, 100))):
        folder = root / f"{stamp}{suffix}"
        try:
            folder.mkdir(parents=True)
        except FileExistsError:
            continue
        return folder
    raise ValueError(f"out: cannot make a new folder in {root}")


def make_jobs(
    notebooks: Sequence[Path],
    out: Path,
    options: RunOptions,
    own: Sequence[dict[str, Any]] | None = None,
) -> list[Job]:
    """Return one job a notebook; of the parameters asked for, it gets those that it has.

    ``own`` has them by notebook, if they were read before.
    """
    chosen = parameters_for(notebooks, options.parameters) if own is None else own
    common = {"seed": options.seed, "budget": options.budget, "device": options.device}
    return [
        Job(path.stem, path, out, {**common, **more}, options.time_limit)
        for path, more in zip(notebooks, chosen, strict=True)
    ]


def run_chapters(
    keys: Sequence[str],
    options: RunOptions,
    out: Path | None = None,
    folder: Path | None = None,
    console: Console | None = None,
) -> list[Outcome]:
    """Execute chapters and print the table; the report lies in ``out`` (``runs/<time>``)."""
    console = console or wide_console()
    notebooks = find_notebooks(keys, folder)
    own = parameters_for(notebooks, options.parameters)  # before anything is made
    runs = chapters.root() / "runs"
    target = out or new_run_folder(runs)
    target.mkdir(parents=True, exist_ok=True)
    workers = options.jobs or min(usable_cores(), _MOST_WORKERS)
    jobs = make_jobs(notebooks, target, options, own)
    count = f"{len(jobs)} chapter{'s' if len(jobs) > 1 else ''}"
    where = f"on {options.on}" if options.on else f"{min(workers, len(jobs))} at a time"
    console.print(f"{count}, {where}, budget {options.budget}")
    if options.on is None:
        outcomes = run_with_progress(jobs, workers, console)
    else:
        from tlbook.workshop.elsewhere import run_jobs_on

        outcomes = run_jobs_on(options.on, jobs)
    latest = runs / "latest.json" if out is None and folder is None else None
    save_report(target, outcomes, options, latest)
    print_outcomes(outcomes, console)
    return outcomes
