"""The sums of a folder's files, written and compared by several processes, each its share."""

from __future__ import annotations

import hashlib
from pathlib import Path

SUMS = "SHA256SUMS"
"""Begins the names of the files of sums, one of each process that wrote."""


def write_sums(folder: Path, rank: int, of: int) -> None:
    """Write down the sums of this process's share of the files."""
    lines = [f"{_sum(folder / name)}  {name}\n" for name in _names(folder)[rank::of]]
    path = folder / f"{SUMS}.{rank}"
    path.write_text("".join(lines), encoding="utf-8", newline="\n")


def damage(folder: Path, rank: int, of: int) -> str:
    """Return what is wrong with this process's share of the files, or nothing.

    A file without a sum is wrong, and so is a sum without its file.
    """
    wanted: dict[str, str] = {}
    for path in sorted(folder.glob(f"{SUMS}.*")):
        try:
            lines = path.read_text(encoding="utf-8").splitlines()
        except (OSError, UnicodeDecodeError):
            return f"{path.name} is damaged"
        wanted |= {name: found for found, _, name in (line.partition("  ") for line in lines)}
    there = set(_names(folder))
    for name in sorted(there | set(wanted))[rank::of]:
        if name not in there:
            return f"{name} is missing"
        if name not in wanted:
            return f"{name} has no sum in {SUMS}"
        if _sum(folder / name) != wanted[name]:
            return f"{name} is damaged"
    return ""


def _names(folder: Path) -> list[str]:
    return sorted(p.name for p in folder.iterdir() if not p.name.startswith(f"{SUMS}."))


def _sum(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
