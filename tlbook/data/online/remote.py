"""A file that lives elsewhere: its name, its checksum, and where it is kept once it is here."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tlbook._base.home import refuse_unknown_home
from tlbook.data.cache import cache_dir
from tlbook.data.online.closed import refuse_unreadable

RECORD = "SHA256SUMS"
"""Sums of files whose publisher gives none, written down at their first use."""


class Offline(OSError, ValueError):
    """A file is not here and no server gave it; the message says which, and what to do."""


@dataclass(frozen=True)
class Remote:
    """One file of a data set or of pretrained weights.

    Parameters
    ----------
    folder, file : str
        It is kept as ``online_dir() / folder / file``.
    checksum : str
        ``"md5:…"`` or ``"sha256:…"``. An empty one means that the publisher gives none: then the
        sha256 of the first use is written down, and later files have to agree with it.
    size : int
        Bytes, for messages and as a guard against endless answers.
    addresses : function
        Returns the addresses, best first; asked only when the file has to be downloaded.
    starts : bytes
        What a file without a checksum has to begin with.
    """

    folder: str
    file: str
    checksum: str
    size: int
    addresses: Callable[[], tuple[str, ...]]
    starts: bytes = b""

    @property
    def path(self) -> Path:
        """Return where the file is kept."""
        return online_dir() / self.folder / self.file

    @property
    def here(self) -> bool:
        """Return whether a file of this name is there (not whether it is the right one)."""
        refuse_unreadable(self.path)
        return self.path.is_file()

    @property
    def in_words(self) -> str:
        """Return the size in words."""
        if self.size < 100_000:
            return f"{self.size / 1e3:.1f} kB"
        return f"{self.size / 1e6:.{0 if self.size > 2e7 else 1}f} MB"


def online_dir() -> Path:
    """Return the folder of downloaded files: ``TLBOOK_DATA``, or ``online`` in the cache folder.

    Every data set has its own folder inside. A file put there by hand is used like a downloaded
    one.
    """
    chosen = os.environ.get("TLBOOK_DATA")
    refuse_unknown_home(chosen, "TLBOOK_DATA")
    return Path(chosen).expanduser() if chosen else cache_dir() / "online"


def digest(path: Path, kind: str = "sha256") -> str:
    """Return the digest of a file in hexadecimal digits; ``kind`` is "md5" or "sha256"."""
    with open(path, "rb") as file:
        # md5 is what most publishers give; it guards against damage, not against forgery.
        return hashlib.file_digest(
            file, lambda: hashlib.new(kind, usedforsecurity=False)
        ).hexdigest()


def stated_size(start: bytes) -> int | None:
    """Return how many bytes a file says it has: HDF5 keeps its end in its first block."""
    if not start.startswith(b"\x89HDF\r\n\x1a\n"):
        return None
    place = {0: 40, 1: 44, 2: 28, 3: 28}.get(start[8] if len(start) > 8 else -1, len(start))
    return int.from_bytes(start[place : place + 8], "little")


def fault(path: Path, remote: Remote) -> str | None:
    """Return what is wrong with a file, or ``None``."""
    kind, _, wanted = (remote.checksum or f"sha256:{recorded(remote)}").partition(":")
    with open(path, "rb") as file:
        start = file.read(512)
    page = start.lstrip().lower().startswith((b"<!doctype html", b"<html", b"<?xml"))
    hint = " (it is a web page: an error page, or the login page of a network)" if page else ""
    if not wanted:
        if not start or not start.startswith(remote.starts):
            return f"it does not begin like {remote.file}{hint}"
        size, said = path.stat().st_size, stated_size(start)
        if said in (None, size):
            return None
        return f"its header is of a file of {said:,} bytes, not of {size:,}"
    found = digest(path, kind)
    return None if found == wanted else f"its {kind} is {found}, want {wanted}{hint}"


def check(path: Path, remote: Remote) -> Path:
    """Return ``path`` if it is the expected file; write down the sum of one that has none.

    Raises
    ------
    ValueError
        If the file is damaged or another one.
    """
    problem = fault(path, remote)
    if problem:
        from_record = "" if remote.checksum else f" as at its first use ({online_dir() / RECORD})"
        raise ValueError(
            f"{path} is damaged or not the right file: {problem}{from_record}; "
            "replace it, or delete it to download it again"
        )
    if not remote.checksum and not recorded(remote):
        _record(path, remote)
    return path


def recorded(remote: Remote) -> str:
    """Return the sum written down at the first use of a file, or an empty string."""
    from tlbook.data.weight_files.shipped import expected_sums

    return expected_sums(online_dir()).get(f"{remote.folder}/{remote.file}", "")


def _record(path: Path, remote: Remote) -> None:
    online_dir().mkdir(parents=True, exist_ok=True)
    with open(online_dir() / RECORD, "a", encoding="utf-8") as file:
        file.write(f"{digest(path)}  {remote.folder}/{remote.file}\n")
