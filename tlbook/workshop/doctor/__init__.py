"""``tlbook doctor``: is everything here that the workbook needs, and if not, what to do."""

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from tlbook.course import chapters
from tlbook.workshop.bootstrap.project import Project, is_ready, runs_inside
from tlbook.workshop.bootstrap.requirements import read_constraints, read_project
from tlbook.workshop.doctor.check import Check
from tlbook.workshop.doctor.machine import check_cache, check_cores, check_disk, check_memory
from tlbook.workshop.doctor.shipped import check_chapters, check_sums
from tlbook.workshop.doctor.software import (
    check_chromium,
    check_installation,
    check_kernel,
    check_packages,
    check_python,
)
from tlbook.workshop.doctor.torch_pair import check_device, check_pair, probe_torch

__all__ = ["Check", "doctor", "examine"]


def examine(project: Project) -> list[Check]:
    """Run every check; each looks at one thing and none raises."""
    from tlbook.data import cache_dir

    own = runs_inside(project)
    pins = read_constraints(project.constraints)
    probe = probe_torch()
    return [
        check_python(),
        check_installation(own, is_ready(project, ())),
        check_packages(read_project(project.pyproject), pins, exact=own),
        check_pair(probe),
        check_device(probe),
        check_cores(),
        check_memory(),
        check_disk("disk of the project", project.root),
        check_disk("disk of the cache", cache_dir()),
        check_cache(cache_dir()),
        check_sums(project.root / "tlbook" / "data"),
        check_chapters(chapters.CHAPTERS),
        check_kernel(),
        check_chromium(),
    ]


def report(checks: Sequence[Check], console: Console) -> bool:
    """Print the table and the cures; return whether everything that is needed is there."""
    table = Table()
    table.add_column("")
    table.add_column("check", no_wrap=True)
    table.add_column("found", overflow="fold")
    for check in checks:
        mark = "[green]✓[/]" if check.ok else "[red]✗[/]" if check.required else "[yellow]![/]"
        table.add_row(mark, check.name, check.detail)
    console.print(table)
    for check in checks:
        if not check.ok:
            console.print(f"{check.name}: {check.cure}", markup=False, highlight=False)
    good = all(check.ok or not check.required for check in checks)
    console.print("Everything needed is here." if good else "Something is wrong: see above.")
    return good


def doctor(project: Project | None = None, console: Console | None = None) -> bool:
    """Examine this machine and the installation, print what was found, say if all is well."""
    console = console or Console()
    with console.status("Looking ..."):
        checks = examine(project or Project())
    return report(checks, console)
