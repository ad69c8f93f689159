"""Stored results: small tables of long runs, with a guard against being out of date.

``data/results/NAME.csv`` holds the numbers; ``NAME.json`` says which command makes them again, on
what machine and with which versions they were made, and the fingerprints of the code they depend
on. Comments, docstrings and formatting do not count as a change.
"""

from __future__ import annotations

import ast
import hashlib
import json
import os
import platform
from collections.abc import Iterable
from datetime import date
from importlib import metadata
from pathlib import Path, PurePosixPath
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
    """Return the record beside the table: command, machine, versions, seconds, date, modules."""
    path = _existing(name).with_suffix(".json")
    if not path.is_file():
        raise StaleResult(f"stored result {name!r} has no {path.name}: run its study again")
    return json.loads(path.read_text(encoding="utf-8"))


def save(
    name: str,
    frame: pd.DataFrame,
    command: str,
    modules: Iterable[str],
    seconds: float | None = None,
    device: str = "CPU",
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
    modules : iterable of str
        Files the numbers depend on, relative to the repository (``"tlbook/training.py"``); a
        folder stands for the Python files in it. Other files (weights) count by their bytes.
    seconds : float, optional
        How long the run took.
    device : str
        What computed: "CPU", or the name of the accelerator.

    Raises
    ------
    ValueError
        If the table is empty, the name is unfit, or a module does not exist.
    """
    if len(frame) == 0:
        raise ValueError("frame: got an empty table, want at least one row")
    path = _path(name)
    text = frame.to_csv(index=False, float_format="%.6g", lineterminator="\n")
    record = {
        "command": command,
        "date": date.today().isoformat(),
        "machine": machine_words(device),
        "versions": _versions(),
        "seconds": None if seconds is None else round(float(seconds), 1),
        "rows": len(frame),
        "csv_sha256": hashlib.sha256(text.encode()).hexdigest(),
        "modules": fingerprints(modules),
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    _write(path, text)
    _write(path.with_suffix(".json"), json.dumps(record, indent=2, ensure_ascii=False) + "\n")


def check(name: str) -> None:
    """Raise ``StaleResult`` if the code behind a stored result, or its table, was changed.

    Raises
    ------
    StaleResult
        Names the changed files and the command that makes the result again.
    """
    record = info(name)
    reasons = []
    for module, old in record["modules"].items():
        try:
            new = fingerprint(module)
        except ValueError:
            reasons.append(f"{module} is gone")
            continue
        if new != old:
            reasons.append(f"{module} changed")
    text = _existing(name).read_bytes().replace(b"\r\n", b"\n")
    if hashlib.sha256(text).hexdigest() != record["csv_sha256"]:
        reasons.append("its table was edited by hand")
    if reasons:
        raise StaleResult(
            f"stored result {name!r} is out of date: {', '.join(reasons)}. "
            f"Make it again: {record['command']}"
        )


def fingerprints(modules: Iterable[str]) -> dict[str, str]:
    """Return ``{file: fingerprint}`` for the files (and the Python files in folders) given."""
    if isinstance(modules, str):
        raise ValueError(f"modules: got the text {modules!r}, want a list of file names")
    files: list[str] = []
    for module in modules:
        folder = ROOT / module
        inside = sorted(folder.rglob("*.py")) if folder.is_dir() else []
        files += [path.relative_to(ROOT).as_posix() for path in inside] or [str(module)]
    if not files:
        raise ValueError("modules: got none, want the files that the result depends on")
    return {file: fingerprint(file) for file in dict.fromkeys(files)}


def fingerprint(module: str) -> str:
    """Return the hash of a file: for Python its syntax tree without docstrings, else its bytes."""
    pure = PurePosixPath(module)
    path = ROOT / pure
    if pure.is_absolute() or ".." in pure.parts or not path.is_file():
        raise ValueError(f"modules: got {module!r}, want a file of the repository")
    if path.suffix != ".py":
        return hashlib.sha256(path.read_bytes()).hexdigest()[:16]
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return hashlib.sha256(_canonical(tree).encode()).hexdigest()[:16]


def machine_words(device: str = "CPU") -> str:
    """Return the machine in words, such as "2 cores x86-64, CPU": no host name, no path."""
    available = getattr(os, "sched_getaffinity", None)
    cores = len(available(0)) if available else os.cpu_count() or 1
    kind = {"x86_64": "x86-64", "AMD64": "x86-64", "aarch64": "arm64"}
    machine = platform.machine()
    return f"{cores} core{'s' * (cores > 1)} {kind.get(machine, machine)}, {device}"


def _canonical(node: Any) -> str:
    """Write a syntax tree as text that is the same for every Python version.

    Only the fields that are set are written: new versions of Python add empty ones.
    """
    if isinstance(node, list):
        return "[" + ",".join(map(_canonical, node)) + "]"
    if not isinstance(node, ast.AST):
        return f"{type(node).__name__}:{node!r}"
    parts = []
    for field, value in ast.iter_fields(node):
        if field == "body" and isinstance(value, list):
            value = _without_docstring(node, value)
        if value is None or value == [] or field in ("kind", "type_comment", "ctx"):
            continue
        parts.append(f"{field}={_canonical(value)}")
    return f"{type(node).__name__}({','.join(parts)})"


def _without_docstring(node: ast.AST, body: list[ast.stmt]) -> list[ast.stmt]:
    """Drop bare strings: docstrings, and the comments under a constant."""
    return [
        s
        for s in body
        if not (
            isinstance(s, ast.Expr)
            and isinstance(s.value, ast.Constant)
            and isinstance(s.value.value, str)
        )
    ]


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
