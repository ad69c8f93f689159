"""``tlbook claims``: what the chapters claim, and whether it holds at other seeds."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from tlbook.course import chapters
from tlbook.workshop.runner.claims import (
    MARKS,
    asked_words,
    count_marks,
    effect_words,
    number,
)
from tlbook.workshop.runner.display import mark_cells, run_with_progress
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


def list_claims(console: Console, report: Path | None = None, keys: Sequence[str] = ()) -> bool:
    """Print every claim of the last run of each chapter; return whether all ran and none is ✗.

    Parameters
    ----------
    console : Console
    report : Path, optional
        ``runs/latest.json`` if left out.
    keys : sequence of str
        Chapters; all that were run if left out.

    Raises
    ------
    ValueError
        If a chapter is unknown, or none of them has been run.
    """
    content = load_latest(report or chapters.root() / "runs" / "latest.json")
    wanted = {chapters.find(key).stem for key in keys}
    entries = [e for e in content["chapters"] if not wanted or e["name"] in wanted]
    if not entries:
        raise ValueError("claims: there is no run yet: use 'tlbook run' first")
    table = _table(f"claims of the runs up to {content['when']}", "effect", "95 %", "asked", "n")
    every = []
    failed = [entry for entry in entries if entry["status"] != "passed"]
    for entry in entries:
        for claim in entry["claims"]:
            every.append(claim)
            checked = claim["form"] == "check"
            span = f"{number(claim['low']):.3g} to {number(claim['high']):.3g}"
            table.add_row(
                entry["name"].split("_")[0],
                f"[{MARKS[claim['mark']]}]{claim['mark']}[/]",
                claim["text"],
                effect_words(claim),
                "" if checked else span,
                asked_words(claim),
                "" if checked else str(claim["n"]),
            )
    counts = count_marks(every)
    console.print(table)
    console.print(
        f"{len(every)} claims: {counts['✓']} ✓ sure, {counts['~']} ~ seen but not certain, "
        f"{counts['✗']} ✗ not held",
        highlight=False,
    )
    for entry in failed:
        message = f"{entry['name']}: the last run {entry['status']}: {entry['message']}"
        console.print(f"[red]✗[/] {escape(message)}", highlight=False)
    return not counts["✗"] and not failed


def list_history(console: Console, keys: Sequence[str] = ()) -> None:
    """Print what each claim came to in the stored versions of its chapter, the oldest first."""
    from tlbook.workshop.claim_history import load, path_of
    from tlbook.workshop.printed_claims import claims_of, named

    table = _table("claims of the stored chapters", "effect", "95 %", "stored", "times")
    for chapter in map(chapters.find, keys) if keys else chapters.CHAPTERS:
        claims = named(claims_of(chapter.path.read_text(encoding="utf-8")))
        for name, outcomes in load(path_of(chapter)).items():
            for index, one in enumerate(outcomes):
                days = one.last if one.first == one.last else f"{one.first} to {one.last}"
                mark = f"[{MARKS[one.mark]}]{one.mark}[/]"
                words = escape(claims[name].text if name in claims else name) if not index else ""
                numbers = (one.effect, one.interval, days, str(one.stored))
                table.add_row(chapter.number, mark, words, *numbers)
    console.print(table)


@dataclass
class Stress:
    """How one claim fared over many base seeds."""

    chapter: str
    claims: list[dict[str, Any]] = field(default_factory=list)

    @property
    def marks(self) -> dict[str, int]:
        """At how many base seeds it was ✓, ~ and ✗."""
        return count_marks(self.claims)

    @property
    def worst(self) -> dict[str, Any]:
        """The claim of the run that came nearest to ✗, or went farthest beyond."""
        return max(self.claims, key=_shortfall)


def _shortfall(claim: dict[str, Any]) -> float:
    """Return how far an effect is from what was asked, from good (low) to bad (high)."""
    effect = number(claim["effect"])
    if claim["form"] == "check" or math.isnan(effect):
        return math.inf if claim["mark"] == "✗" else -math.inf
    return {"at_most": effect, "within": abs(effect)}.get(claim["form"], -effect)


def tabulate(results: Sequence[tuple[str, Sequence[dict[str, Any]]]]) -> list[Stress]:
    """Collect claims by chapter and place in it; ``results`` holds (chapter, claims) per run.

    The place, not the sentence, is the key: a sentence may carry numbers of its run.
    """
    rows: dict[tuple[str, int], Stress] = {}
    for chapter, claims in results:
        for place, claim in enumerate(claims):
            rows.setdefault((chapter, place), Stress(chapter)).claims.append(claim)
    return [rows[key] for key in sorted(rows)]


def stress_claims(
    keys: Sequence[str],
    seeds: int,
    options: RunOptions,
    console: Console,
    folder: Path | None = None,
    out: Path | None = None,
) -> bool:
    """Run chapters at base seeds 0 … ``seeds`` − 1; return whether none is ever ✗."""
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
    """Print how often each claim was ✓, ~ and ✗ and its worst effect; return whether all is good.

    Good is a claim that every run came to and that was ✗ in none.
    """
    table = _table(f"claims at {seeds} base seeds", *MARKS, "worst effect", "asked")
    for row in rows:
        good = _always_held(row, seeds)
        table.add_row(
            row.chapter.split("_")[0],
            "[green]✓[/]" if good else "[red]✗[/]",
            row.claims[0]["text"],
            *mark_cells(row.marks),
            effect_words(row.worst),
            asked_words(row.worst),
        )
    console.print(table)
    for outcome in outcomes:
        if outcome.status != "passed":
            console.print(f"{outcome.name}: {outcome.message}", markup=False, highlight=False)
    passed = all(outcome.status == "passed" for outcome in outcomes)
    return passed and all(_always_held(row, seeds) for row in rows)


def _always_held(row: Stress, seeds: int) -> bool:
    return not row.marks["✗"] and len(row.claims) == seeds
