"""``tlbook claims``: what the chapters claim, and whether it holds at other seeds."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from tlbook.course import chapters
from tlbook.workshop.runner.display import run_with_progress
from tlbook.workshop.runner.job import Job, Outcome, RunOptions
from tlbook.workshop.runner.pool import usable_cores
from tlbook.workshop.runner.report import load_latest
from tlbook.workshop.runner.select import find_notebooks, make_jobs, new_run_folder


def _table(title: str, *numbers: str) -> Table:
    table = Table(title=title)
    table.add_column("chapter", no_wrap=True)
    table.add_column("")
    table.add_column("claim", overflow="fold")
    for name in numbers:
        table.add_column(name, justify="right")
    return table


def list_claims(console: Console, report: Path | None = None) -> bool:
    """Print every claim of the last runs; return whether all held.

    Raises
    ------
    ValueError
        If no run has been made.
    """
    content = load_latest(report or chapters.root() / "runs" / "latest.json")
    if not content["chapters"]:
        raise ValueError("claims: there is no run yet: use 'tlbook run' first")
    table = _table(
        f"claims of the runs up to {content['when']}", "effect", "95 % interval", "margin", "n"
    )
    held = []
    for entry in content["chapters"]:
        for claim in entry["claims"]:
            held.append(bool(claim["held"]))
            table.add_row(
                entry["name"].split("_")[0],
                "[green]✓[/]" if claim["held"] else "[red]✗[/]",
                claim["text"],
                f"{claim['effect']:.3g} {claim['unit']}",
                f"{claim['low']:.3g} to {claim['high']:.3g}",
                f"{claim['margin']:.3g}",
                str(claim["n"]),
            )
    console.print(table)
    console.print(f"{sum(held)} of {len(held)} claims held", highlight=False)
    return all(held)


@dataclass
class Stress:
    """How one claim fared over many base seeds."""

    chapter: str
    text: str
    unit: str
    margin: float
    effects: list[float]
    held: int = 0

    @property
    def smallest(self) -> float:
        """The smallest effect; NaN when any effect is not a number."""
        return math.nan if any(map(math.isnan, self.effects)) else min(self.effects)


def tabulate(results: Sequence[tuple[str, Sequence[dict[str, Any]]]]) -> list[Stress]:
    """Collect claims by chapter and place in it; ``results`` holds (chapter, claims) per run.

    The place, not the sentence, is the key: a sentence may carry numbers of its run.
    """
    rows: dict[tuple[str, int], Stress] = {}
    for chapter, claims in results:
        for place, claim in enumerate(claims):
            row = rows.setdefault(
                (chapter, place),
                Stress(chapter, claim["text"], claim["unit"], claim["margin"], []),
            )
            row.effects.append(float(claim["effect"]))
            row.held += bool(claim["held"])
    return [rows[key] for key in sorted(rows)]


def stress_claims(
    keys: Sequence[str],
    seeds: int,
    options: RunOptions,
    console: Console,
    folder: Path | None = None,
    out: Path | None = None,
) -> bool:
    """Run chapters at base seeds 0 … ``seeds`` − 1; return whether every claim always held."""
    notebooks = find_notebooks(keys, folder)
    target = out or new_run_folder(chapters.root() / "runs" / "stress")
    jobs: list[Job] = []
    for seed in range(seeds):
        plain = make_jobs(notebooks, target, replace(options, seed=seed))
        jobs += [replace(job, name=f"{job.name}.seed{seed:02d}", with_html=False) for job in plain]
    outcomes = run_with_progress(jobs, options.jobs or usable_cores(), console)
    results = [(outcome.name.split(".seed")[0], outcome.claims) for outcome in outcomes]
    return print_stress(tabulate(results), outcomes, seeds, console)


def print_stress(
    rows: Sequence[Stress], outcomes: Sequence[Outcome], seeds: int, console: Console
) -> bool:
    """Print how often each claim held and its smallest effect; return whether all always did."""
    table = _table(f"claims at {seeds} base seeds", "held", "smallest effect", "margin")
    for row in rows:
        good = row.held == seeds
        table.add_row(
            row.chapter.split("_")[0],
            "[green]✓[/]" if good else "[red]✗[/]",
            row.text,
            f"{row.held} of {seeds}",
            f"{row.smallest:.3g} {row.unit}",
            f"{row.margin:.3g}",
        )
    console.print(table)
    for outcome in outcomes:
        if outcome.status != "passed":
            console.print(f"{outcome.name}: {outcome.message}", markup=False, highlight=False)
    passed = all(outcome.status == "passed" for outcome in outcomes)
    return passed and all(row.held == seeds for row in rows)
