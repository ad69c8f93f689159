"""Stored results: small tables of long runs, with a guard against being out of date.

``data/results/NAME.csv`` holds the numbers; ``NAME.json`` says which command makes them again, on
what machine and with which versions they were made, and the fingerprints of the code they depend
on. Comments, docstrings and formatting do not count as a change.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
from datetime import date
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

ROOT = Path(__file__).resolve().parents[3]
FOLDER = ROOT / "data" / "results"
PACKAGES = ("numpy", "scipy", "scikit-learn", "torch", "torchvision")


class StaleResult(RuntimeError):
    """A stored result no longer belongs to the code that is said to make it."""


def names() -> list[str]:
    """Return the names of the stored results, sorted."""
    return sorted(path.stem for path in FOLDER.glob("*.csv"))


def load(name: str) -> pd.DataFrame:
    """Return the table ``data/results/NAME.csv``.

    Raises
    ------
    ValueError
        If there is no such result.
    """
    import pandas as pd

    return pd.read_csv(_existing(name))


def info(name: str) -> dict[str, Any]:
    """Return the record beside the table: command, machine, versions, date, code, files."""
    path = _existing(name).with_suffix(".json")
    if not path.is_file():
        raise StaleResult(f"stored result {name!r} has no {path.name}: run its study again")
    return json.loads(path.read_text(encoding="utf-8"))


def save(
    name: str,
    frame: pd.DataFrame,
    command: str,
    fingerprint: dict[str, dict[str, str]],
    seconds: float | None = None,
    device: str = "CPU",
    machine: str | None = None,
) -> None:
    """Write a table with the record that lets anyone check and repeat it.

    Parameters
    ----------
    name : str
        Name of the result (letters, digits, ``-`` and ``_``).
    frame : pandas.DataFrame
        The numbers; they are written with six significant digits.
    command : str
        The command that makes the table again.
    fingerprint : dict
        Of the study that made it: hashes of the definitions (``"code"``) and ``"files"`` behind it.
    seconds : float, optional
        How long the run took.
    device : str
        What computed: "CPU", or the name of the accelerator.
    machine : str, optional
        In words; by default this one.

    Raises
    ------
    ValueError
        If the table or the fingerprint is empty, or the name is unfit.
    """
    if len(frame) == 0:
        raise ValueError("frame: got an empty table, want at least one row")
    if not fingerprint.get("code"):
        raise ValueError("fingerprint: got no definition, want those that the result depends on")
    path = _path(name)
    text = frame.to_csv(index=False, float_format="%.6g", lineterminator="\n")
    record = {
        "command": command,
        "date": date.today().isoformat(),
        "machine": machine or machine_words(device),
        "versions": _versions(),
        "seconds": None if seconds is None else round(float(seconds), 1),
        "rows": len(frame),
        "csv_sha256": hashlib.sha256(text.encode()).hexdigest(),
        **fingerprint,
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    _write(path, text)
    _write(path.with_suffix(".json"), json.dumps(record, indent=2, ensure_ascii=False) + "\n")


def check(name: str, fingerprint: dict[str, dict[str, str]]) -> None:
    """Raise ``StaleResult`` if the code behind a stored result, or its table, was changed.

    Parameters
    ----------
    name : str
        A stored result.
    fingerprint : dict
        Of its study, today.

    Raises
    ------
    StaleResult
        Names the definitions that changed and the command that makes the result again.
    """
    record = info(name)
    reasons = differences(record, fingerprint)
    text = _existing(name).read_bytes().replace(b"\r\n", b"\n")
    if hashlib.sha256(text).hexdigest() != record["csv_sha256"]:
        reasons.append("its table was edited by hand")
    if reasons:
        raise StaleResult(
            f"stored result {name!r} is out of date: {', '.join(reasons)}. "
            f"Make it again: {record['command']}"
        )


def differences(old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    """Return in words what differs: "draw_glyphs changed", "loop is new", "area is gone"."""
    words = []
    for part in ("code", "files"):
        before, after = old.get(part, {}), new.get(part, {})
        words += [f"{n} changed" for n in before if n in after and before[n] != after[n]]
        words += [f"{n} is new" for n in after if n not in before]
        words += [f"{n} is gone" for n in before if n not in after]
    return words


def machine_words(device: str = "CPU") -> str:
    """Return the machine in words, such as "2 cores x86-64, CPU": no host name, no path."""
    available = getattr(os, "sched_getaffinity", None)
    cores = len(available(0)) if available else os.cpu_count() or 1
    kind = {"x86_64": "x86-64", "AMD64": "x86-64", "aarch64": "arm64"}
    machine = platform.machine()
    return f"{cores} core{'s' * (cores > 1)} {kind.get(machine, machine)}, {device}"


def _versions() -> dict[str, str]:
    found = {"python": platform.python_version()}
    for package in PACKAGES:
        try:
            found[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            continue
    return found


def _path(name: str) -> Path:
    if not isinstance(name, str) or not name.replace("-", "").replace("_", "").isalnum():
        raise ValueError(f"name: got {name!r}, want letters, digits, - and _")
    return FOLDER / f"{name}.csv"


def _existing(name: str) -> Path:
    path = _path(name)
    if not path.is_file():
        raise ValueError(f"name: got {name!r}, want one of {', '.join(names()) or '(none stored)'}")
    return path


def _write(path: Path, text: str) -> None:
    """Write in one step: an interrupted run leaves the old file whole."""
    part = path.with_name(path.name + ".part")
    part.write_text(text, encoding="utf-8", newline="\n")
    os.replace(part, path)
