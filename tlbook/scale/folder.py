"""A run's folder: one file for each result, written in one step, so a network disk is enough."""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

from tlbook._base.checks import check_folder
from tlbook._base.rights import follow_umask
from tlbook.scale.versions import differences

MARKER = "run.json"


class RunFolder:
    """Results of one run, one file each.

    Nothing is locked and no file has two writers' lines in it: a result is written under a name of
    its own and moved into place. Two workers that did the same job wrote the same thing.

    Parameters
    ----------
    path : Path
        Made where it is not there. A folder that holds this run already is taken up again.
    identity : dict
        ``"run"``, a digest of the jobs, and ``"code"``, versions by package.

    Raises
    ------
    ValueError
        If the folder holds another run, or rows of other code; if it is none and cannot be made.
    """

    def __init__(self, path: str | Path, identity: dict[str, Any]) -> None:
        self.path = made(path)
        self.run = str(identity["run"])
        marker = self.path / MARKER
        if not marker.exists():
            if any(self.path.iterdir()):
                raise ValueError(f"folder: {self.path} has other files, want an empty folder")
            write_whole(marker, json.dumps(identity, indent=1))
            return
        there = _identity(marker)
        if changed := differences(there["code"], identity["code"]):
            raise ValueError(f"folder: {self.path} has rows of other code: {changed}; want another")
        if there["run"] != self.run:
            raise ValueError(f"folder: {self.path} holds another run, want another folder")

    def file(self, key: str) -> Path:
        """Return where the result with this key lies."""
        return file_of(self.path, key)

    def get(self, key: str) -> str | None:
        """Return a result, or ``None`` where it is not there or not whole."""
        with contextlib.suppress(OSError, ValueError):
            text = self.file(key).read_text(encoding="utf-8")
            json.loads(text)
            return text
        return None

    def put(self, key: str, text: str) -> None:
        """Write a result, whole or not at all."""
        write_whole(self.file(key), text)


def _identity(marker: Path) -> dict[str, Any]:
    """Return what a marker says; refuse one that was damaged, or is another program's."""
    try:
        there = json.loads(marker.read_text(encoding="utf-8"))
        return {"run": str(there["run"]), "code": dict(there["code"])}
    except (ValueError, KeyError, TypeError):
        raise ValueError(f"folder: {marker} is not whole, want another folder") from None


def made(path: str | Path, name: str = "folder") -> Path:
    """Return a folder that is there now.

    Raises
    ------
    ValueError
        If a file is in its way, or it cannot be made.
    """
    place = check_folder(path, name).absolute()
    try:
        place.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        want = "want a folder that is there or can be made"
        raise ValueError(f"{name}: got {str(path)!r}, {want} ({error.strerror})") from None
    return place


def file_of(folder: Path, key: str) -> Path:
    """Return where a result lies; 256 folders, because many disks are slow with full ones."""
    return folder / "rows" / key[:2] / f"{key}.json"


def is_shared(folder: str, run: str) -> bool:
    """Whether a worker sees the coordinator's folder, and not one of the same name of its own."""
    try:
        return json.loads((Path(folder) / MARKER).read_text(encoding="utf-8"))["run"] == run
    except (OSError, ValueError, KeyError):
        return False


def write_whole(path: Path, content: str | bytes | Callable[[BinaryIO], object]) -> None:
    """Write a file in one step: who reads sees the old one or the new one, never a part.

    It is not flushed to the disk: where the power fails, what is not whole is made again.

    Parameters
    ----------
    path : Path
    content : str, bytes, or function
        What stands in it, or a function that writes into an open file.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(prefix=".", suffix=".part", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            if callable(content):
                content(file)
            else:
                file.write(content.encode() if isinstance(content, str) else content)
        follow_umask(temporary)
        os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise
