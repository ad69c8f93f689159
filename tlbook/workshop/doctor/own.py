"""``tlbook doctor script.py:function``: the battery on the reader's own model, loss or training."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console

READ = {
    "the loss is a number": "10",
    "each term has a gradient": "11",
    "gradients reach every weight": "13",
    "your step moves every weight": "13",
    "what is frozen stays": "06",
    "the discriminator learns": "10",
    "the order of the rows does not matter": "13",
    "a copy of the rows does not matter": "09",
    "target labels are unseen": "01",
    "source labels are seen": "10",
    "the same seed repeats": "13",
}
"""The chapter that teaches what a check asks."""

MARKS = {"well": "✓", "fault": "✗", "not asked": "–"}


def load(place: str) -> Callable[..., Any]:
    """Return the function of ``script.py:function``.

    Raises
    ------
    ValueError
        If the text has another form, or there is no such file or function, or the script stops.
    """
    name, colon, function = place.rpartition(":")
    path = Path(name)
    if not colon or path.suffix != ".py" or not function.isidentifier():
        raise ValueError(f"script: got {place!r}, want script.py:function")
    if not path.is_file():
        raise ValueError(f"script: got {name!r}, which is no file, want script.py:function")
    label = f"_examined_{path.stem}"  # a script may be called like a package
    spec = importlib.util.spec_from_file_location(label, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    folder = str(path.resolve().parent)
    sys.path.insert(0, folder)
    sys.modules[label] = module
    try:
        spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:
        from tlbook.diagnosis.battery.outcome import in_a_line

        raise ValueError(f"script: {name} stops with {in_a_line(error)}") from error
    finally:
        sys.path.remove(folder)
    found = getattr(module, function, None)
    if not callable(found):
        own = [k for k, v in vars(module).items() if getattr(v, "__module__", "") == label]
        there = ", ".join(own) or "no function"
        raise ValueError(f"script: got {function!r}, want a function of {name}: {there}")
    return found


def doctor_of(place: str, console: Console | None = None) -> bool:
    """Run the battery on a reader's function and print its findings; return whether all is well.

    Raises
    ------
    ValueError
        If there is no such function, or it hands over something else than it should.
    """
    from tlbook.diagnosis.battery import checkup

    console = console or Console()
    setup = load(place)
    with console.status("Looking ..."):
        findings = checkup(setup)
    return report(findings, console)


def report(findings: Sequence[Any], console: Console) -> bool:
    """Print a line a finding, and under each fault what to do and where to read more."""
    faults = 0
    for found in findings:
        line = f"{MARKS[found.state]} {found.check}: {found.said}"
        console.print(line, markup=False, highlight=False, soft_wrap=True)
        if found.state == "fault":
            faults += 1
            more = f"    {found.cure}. Chapter {READ[found.check]} shows it."
            console.print(more, markup=False, highlight=False, soft_wrap=True)
    asked = sum(found.state != "not asked" for found in findings)
    said = f"{faults} fault{'s' if faults != 1 else ''}" if faults else "No fault found"
    rest = len(findings) - asked
    was = "was" if rest == 1 else "were"
    console.print(f"{said} in {asked} checks; {rest} {was} not asked.", soft_wrap=True)
    return not faults
