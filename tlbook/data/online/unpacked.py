"""Unpacked archives: the sum of every file is written down when it is made, and compared on use.

The sums lie beside the folder. They find damage, and a folder that somebody else put there; whoever
may write both can still replace both (`SECURITY.md`).
"""

from __future__ import annotations

import os
import shutil
from functools import cache
from pathlib import Path

from tlbook.data.cache import cache_dir
from tlbook.data.online.archives import extract
from tlbook.data.online.remote import Remote, digest


def unpacked(remote: Remote) -> Path:
    """Return the folder of an unpacked archive; its name has the sum that the archive had."""
    sum_ = remote.checksum.partition(":")[2]
    return cache_dir() / "unpacked" / f"{remote.file.partition('.')[0]}-{sum_[:16]}"


def sums_of(folder: Path) -> Path:
    """Return where the sums of an unpacked folder are written down."""
    return folder.with_name(f"{folder.name}.SHA256SUMS")


def lies_whole(remote: Remote) -> bool:
    """Return whether the archive lies unpacked, with its sums (looked for, not compared)."""
    folder = unpacked(remote)
    return folder.is_dir() and sums_of(folder).is_file()


def unpack(archive: Path, remote: Remote) -> Path:
    """Unpack a checked archive in place of whatever lies there, and write its sums down."""
    folder = unpacked(remote)
    sums = sums_of(folder)
    sums.unlink(missing_ok=True)  # first: without them nothing that lies there is used
    if folder.is_dir():
        print(f"{folder}: not as it was unpacked, so it is unpacked again")
        shutil.rmtree(folder)
    extract(archive, folder)
    part = sums.with_name(f"{sums.name}.{os.getpid()}.part")
    lines = [f"{found}  {name}\n" for name, found in _sums(folder).items()]
    part.write_text("".join(lines), encoding="utf-8", newline="\n")
    os.replace(part, sums)
    problem.cache_clear()
    return folder


@cache
def problem(folder: Path) -> str | None:
    """Return what is wrong with an unpacked folder, or None; compared once a process."""
    try:
        lines = sums_of(folder).read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return "its sums are missing"
    wanted = {name: found for found, _, name in (line.partition("  ") for line in lines)}
    found = _sums(folder)
    for name in sorted({*wanted, *found}):
        if name not in found or name not in wanted:
            return f"{name} {'is missing' if name in wanted else 'does not belong there'}"
        if wanted[name] != found[name]:
            return f"{name} has changed"
    return None


def _sums(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_symlink() or not path.is_dir())
    return {
        path.relative_to(folder).as_posix(): "link" if path.is_symlink() else digest(path)
        for path in files
    }
