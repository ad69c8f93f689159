"""What a run shows: a live list while it goes on, one table at its end."""

import os
import time
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from tlbook.workshop.runner.claims import MARKS, asked_words, effect_words
from tlbook.workshop.runner.job import Job, Outcome
from tlbook.workshop.runner.pool import run_jobs

_MARKS = {"passed": "[green]✓[/]", "failed": "[red]✗ failed[/]", "hung": "[red]✗ hung[/]"}


def relative(path: Path | None) -> str:
    """Return a path as one would type it from the current folder."""
    if path is None:
        return "-"
    try:
        return os.path.relpath(path)
    except ValueError:  # another drive on Windows
        return str(path)


class Progress:
    """The live display: what runs since when, what is done, what waits."""

    def __init__(self, jobs: Sequence[Job], console: Console) -> None:
        self.console = console
        self.total = len(jobs)
        self.running: dict[str, float] = {}
        self.done: list[Outcome] = []
        self.live = Live(self.render(), console=console, refresh_per_second=4, transient=True)

    def started(self, job: Job) -> None:
        self.running[job.name] = time.monotonic()
        if not self.console.is_terminal:
            self.console.print(f"  started {job.name}", highlight=False)

    def ended(self, outcome: Outcome) -> None:
        self.running.pop(outcome.name, None)
        self.done.append(outcome)
        line = f"{_MARKS[outcome.status]} {outcome.name}  {outcome.seconds:.0f} s"
        if outcome.broken:
            line += f"  [red]{outcome.broken} claim(s) not held[/]"
        self.console.print(f"  {line}", highlight=False)

    def tick(self) -> None:
        self.live.update(self.render())

    def render(self) -> Group:
        now = time.monotonic()
        lines = [
            Text(f"  … {name}  {now - start:.0f} s", style="yellow")
            for name, start in list(self.running.items())
        ]
        waiting = self.total - len(self.done) - len(self.running)
        lines.append(Text(f"  {len(self.done)} of {self.total} done, {waiting} waiting"))
        return Group(*lines)


def run_with_progress(jobs: Sequence[Job], workers: int, console: Console) -> list[Outcome]:
    """Run the jobs and show how they go."""
    progress = Progress(jobs, console)
    with progress.live:
        return run_jobs(jobs, workers, progress.started, progress.ended, progress.tick)


def mark_cells(counts: dict[str, int]) -> list[str]:
    """Return how often each mark came, ~ and ✗ in color if they came at all."""
    return [
        f"[{MARKS[mark]}]{count}[/]" if count and mark != "✓" else str(count)
        for mark, count in counts.items()
    ]


def outcome_table(outcomes: Sequence[Outcome]) -> Table:
    """Return the closing table of a run."""
    table = Table(title=f"{sum(o.good for o in outcomes)} of {len(outcomes)} chapters are good")
    table.add_column("chapter", no_wrap=True)
    table.add_column("")
    table.add_column("seconds", justify="right")
    table.add_column("peak MiB", justify="right")
    for mark in MARKS:  # the claims
        table.add_column(mark, justify="right")
    table.add_column("executed copy, HTML", overflow="fold")
    for outcome in outcomes:
        table.add_row(
            outcome.name,
            _MARKS[outcome.status],
            f"{outcome.seconds:.1f}",
            f"{outcome.peak_mib:.0f}",
            *mark_cells(outcome.marks),
            f"{relative(outcome.executed)}\n{relative(outcome.html)}",
        )
    return table


def print_outcomes(outcomes: Sequence[Outcome], console: Console) -> None:
    """Print the closing table, then one line for each thing that went wrong."""
    console.print(outcome_table(outcomes))
    for outcome in outcomes:
        if outcome.message:
            console.print(
                f"{outcome.name}: {outcome.message}", style="red", markup=False, highlight=False
            )
        for claim in outcome.claims:
            if claim["mark"] == "✗":
                found = " (" + effect_words(claim) + ", " + asked_words(claim) + " asked)"
                console.print(
                    f"{outcome.name}: claim not held: {claim['text']}"
                    + (found if claim["form"] != "check" else ""),
                    style="red",
                    markup=False,
                    highlight=False,
                )
