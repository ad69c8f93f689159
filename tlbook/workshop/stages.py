"""``tlbook test``, ``check`` and ``bench``: lists of stages, each one command."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tlbook.workshop.offline import namespace_prefix
from tlbook.workshop.runner.pool import usable_cores


@dataclass(frozen=True)
class Stage:
    """One step: a name and the arguments for ``python -m``."""

    name: str
    arguments: tuple[str, ...]


@dataclass(frozen=True)
class Result:
    """What a stage came to, and pytest's closing line if it was pytest."""

    stage: Stage
    status: int
    seconds: float
    closing_line: str = ""


# nbval gives each notebook one kernel: --dist loadfile keeps its cells on one worker. Files go out
# in the order of the command line, the long ones first: none is left for one worker at the end.
_WORKERS = str(max(2, min(4, usable_cores())))
_SPREAD = ("--dist", "loadfile", "--no-loadscope-reorder")
_PYTEST = ("pytest", "-n", _WORKERS, *_SPREAD, "--durations", "10")

_LINT = Stage("lint", ("ruff", "check", "."))
_FORMAT = Stage("format", ("ruff", "format", "--check", "."))
_TYPES = Stage("types", ("mypy",))
_UNIT = ("tests/library", "tests/course", "tests/workshop", "tests/exercises")

CHECK: tuple[Stage, ...] = (
    _LINT,
    _FORMAT,
    _TYPES,
    # The slow ones wait for `make test`: this is the daily loop.
    Stage("unit tests", (*_PYTEST, "-m", "not slow", *_UNIT)),
)

TEST: tuple[Stage, ...] = (
    _LINT,
    _FORMAT,
    _TYPES,
    Stage("stored results", ("tlbook", "results", "--check")),
    Stage("chapter table", ("tlbook", "table", "--check")),
    Stage("chapters at a second seed", ("tlbook", "run", "--seed", "1", "--out", "runs/test")),
    # All of pytest in one call, so that its closing line counts everything. The options of
    # nbval add the stored notebooks: lax, but exact on cells tagged nbval-check-output.
    Stage(
        "unit, exercises, contract, stored notebooks, browser",
        (
            *_PYTEST,
            "--continue-on-collection-errors",
            "--nbval-lax",
            "--nbval-current-env",
            "tests/browser",
            "notebooks",
            "tests/notebooks",
            *_UNIT,
        ),
    ),
)

BENCH: tuple[Stage, ...] = (Stage("benchmarks", ("tests.benchmarks",)),)

_CLOSING = re.compile(r"^=+ (.*\b(?:passed|failed|errors?|skipped|no tests ran)\b.*) =+$")
_ANSI = re.compile(r"\x1b\[[0-9;]*m")


def run_stage(stage: Stage, root: Path, prefix: Sequence[str] = ()) -> Result:
    """Run one stage, showing its output as it comes."""
    command = [*prefix, sys.executable, "-m", *stage.arguments]
    # Nothing may wait for input, and one thread a process keeps two workers on two cores.
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONUNBUFFERED": "1"}
    # In the stored notebooks that nbval executes, a claim that does not hold is an error.
    environment |= {"TLBOOK_STRICT": "1", "TLBOOK_QUIET": "1"}
    # A hundred processes would each compile all that they import, and the tests, once more.
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    if sys.stdout.isatty():
        environment["FORCE_COLOR"] = "1"
    closing = ""
    started = time.perf_counter()
    with subprocess.Popen(
        command,
        cwd=root,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            sys.stdout.write(line)
            sys.stdout.flush()
            if match := _CLOSING.match(_ANSI.sub("", line.rstrip())):
                closing = match.group(1)
        status = process.wait()
    return Result(stage, status, time.perf_counter() - started, closing)


def run_stages(
    stages: Sequence[Stage], root: Path, offline: bool = False, console: Console | None = None
) -> bool:
    """Run all stages, also after a failure; print a table; return whether all passed.

    The last line is pytest's own closing line again, so that it stands where one looks for it.
    """
    console = console or Console(soft_wrap=True)
    prefix = namespace_prefix() if offline else []
    if prefix is None:
        console.print("note: no network namespace here; only the test processes are kept offline")
    results = []
    for number, stage in enumerate(stages, start=1):
        console.rule(f"{number} of {len(stages)}: {stage.name}", align="left")
        result = run_stage(stage, root, prefix or ())
        results.append(result)
        verdict = "passed" if result.status == 0 else f"FAILED (status {result.status})"
        console.print(f"{stage.name}: {verdict} in {result.seconds:.1f} s", highlight=False)
    _summary(results, console)
    return all(result.status == 0 for result in results)


def _summary(results: Sequence[Result], console: Console) -> None:
    table = Table(title=f"{sum(r.seconds for r in results):.0f} s in all")
    table.add_column("stage")
    table.add_column("")
    table.add_column("seconds", justify="right")
    for result in results:
        mark = "[green]✓[/]" if result.status == 0 else "[red]✗ failed[/]"
        table.add_row(result.stage.name, mark, f"{result.seconds:.1f}")
    console.print(table)
    failed = [result.stage.name for result in results if result.status]
    console.print(f"FAILED stages: {', '.join(failed)}" if failed else "All stages passed.")
    for result in results:
        if result.closing_line:
            console.print(result.closing_line, markup=False, highlight=False)
