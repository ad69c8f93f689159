"""Unpack archives that may be damaged or hostile: all of it in its folder, or nothing."""

from __future__ import annotations

import bz2
import contextlib
import errno
import gzip
import lzma
import os
import shutil
import tarfile
import tempfile
import zipfile
import zlib
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import IO, Any

LARGEST = 8 << 30
"""Bytes an archive may unpack to."""
MOST = 300_000
"""Files and folders an archive may hold."""
HEADER = 1 << 20
"""Bytes that the headers of one entry may take: names and attributes, read into memory."""
LONGEST = 1024
"""Characters of a name; the systems allow about as many."""

_BROKEN = (
    tarfile.TarError,
    zipfile.BadZipFile,
    EOFError,
    zlib.error,
    lzma.LZMAError,
    OSError,
    RuntimeError,  # zipfile: a password is needed
    NotImplementedError,  # zipfile: a method of compression that it does not know
    ValueError,
    MemoryError,
)
_OF_THE_DISK = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EACCES, errno.EPERM)
_PACKED = {b"\x1f\x8b": gzip.open, b"BZh": bz2.open, b"\xfd7zXZ": lzma.open}


def extract(archive: Path, folder: Path, largest: int = LARGEST, most: int = MOST) -> Path:
    """Unpack a tar (also .gz, .bz2, .xz) or zip archive as ``folder``, whole or not at all.

    It is unpacked into a temporary folder beside, and renamed at the end. Only plain files and
    folders with relative names that stay inside are accepted: no links of either kind, no
    devices. A folder that is there already is returned as it is.

    Parameters
    ----------
    archive, folder : Path
        What to unpack, and what the folder is to be called.
    largest, most : int
        Bytes and entries at most. Headers count as bytes, and those of one entry may take a
        megabyte.

    Raises
    ------
    ValueError
        If the archive is damaged, is none, holds something that is not accepted, or unpacks to
        more than ``largest`` bytes or ``most`` entries. Nothing is left behind.
    """
    if folder.is_dir():
        return folder
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        inside = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    except OSError as error:
        raise ValueError(f"{folder.parent}: cannot be written ({error.strerror})") from None
    try:
        limits = _Limits(largest, most)
        unpack = _unzip if zipfile.is_zipfile(archive) else _untar
        unpack(archive, inside, limits)
        if not limits.entries:
            raise Refused("there is nothing in it")
        inside.chmod(0o755)
        with contextlib.suppress(FileExistsError):
            os.rename(inside, folder)
    except Refused as error:
        raise ValueError(f"{archive}: refused, nothing was unpacked: {error}") from None
    except _BROKEN as error:
        if isinstance(error, OSError) and error.errno in _OF_THE_DISK:
            raise ValueError(
                f"{archive}: cannot be unpacked into {folder.parent} ({error.strerror}); "
                "nothing is left there"
            ) from None
        raise ValueError(
            f"{archive}: damaged or no archive, nothing was unpacked ({_short(str(error))})"
        ) from None
    finally:
        if inside.exists():
            shutil.rmtree(inside, ignore_errors=True)
    return folder


class Refused(Exception):
    """An entry that no honest archive of data has."""


_LARGE = "its headers are larger than those of any honest archive"


class _Limits:
    def __init__(self, largest: int, most: int) -> None:
        self.largest, self.most = largest, most
        self.bytes = self.entries = 0

    def count(self, size: int, entries: int = 1) -> None:
        self.bytes += size
        self.entries += entries
        if self.bytes > self.largest:
            raise Refused(f"it unpacks to more than {self.largest / 1e9:.1f} GB")
        if self.entries > self.most:
            raise Refused(f"it holds more than {self.most:,} entries")


class _Bounded:
    """A file whose headers are counted while they are read, before they fill the memory."""

    def __init__(self, file: IO[bytes], limits: _Limits) -> None:
        self.file, self.limits = file, limits
        self.left: int | None = None

    def headers(self, most: int) -> None:
        """Count what is read from now on, and refuse more than ``most`` bytes of it."""
        self.left = most

    def contents(self) -> None:
        """Count no longer: the size of what follows is known."""
        self.left = None

    def read(self, size: int = -1) -> bytes:
        if self.left is None:
            return self.file.read(size)
        if size > self.left:
            raise Refused(_LARGE)
        data = self.file.read(size if size >= 0 else self.left + 1)
        self.left -= len(data)
        if self.left < 0:
            raise Refused(_LARGE)
        self.limits.count(len(data), entries=0)
        return data

    def __getattr__(self, name: str) -> Any:
        return getattr(self.file, name)


def _short(text: str) -> str:
    return text if len(text) < 200 else text[:120] + " …"


def _inside(name: str) -> None:
    """Refuse a name that is absolute or leads out of the folder, on any system."""
    told = _short(repr(name))
    if len(name) > LONGEST:
        raise Refused(f"the entry {told} has a name of {len(name):,} characters")
    windows, posix = PureWindowsPath(name), PurePosixPath(name)
    if posix.is_absolute() or windows.is_absolute() or windows.drive or windows.root:
        raise Refused(f"the entry {told} has an absolute name")
    if ".." in windows.parts or ".." in posix.parts:
        raise Refused(f"the entry {told} leads out of the folder")
    if "\0" in name:
        raise Refused(f"the entry {told} has a NUL in its name")


def _untar(archive: Path, inside: Path, limits: _Limits) -> None:
    with archive.open("rb") as file:
        start = file.read(6)
    unpacked: Any = next(
        (opener for magic, opener in _PACKED.items() if start.startswith(magic)), open
    )
    with unpacked(archive, "rb") as file:
        stream: Any = _Bounded(file, limits)
        stream.headers(HEADER)
        tar: Any
        with tarfile.TarFile(fileobj=stream) as tar:  # reads the first header
            while (member := tar.next()) is not None:
                tar.members.clear()  # else their names stay in memory
                stream.contents()
                _inside(member.name)
                if not (member.isreg() or member.isdir()):
                    link = member.islnk() or member.issym()
                    kind = "a link" if link else "neither file nor folder"
                    raise Refused(f"the entry {member.name!r} is {kind}")
                if member.size < 0:
                    raise Refused(f"the entry {member.name!r} has {member.size} bytes")
                limits.count(member.size)
                _put(tar.extractfile(member), inside / member.name)
                stream.headers(HEADER)
        # Read to the end: the sums of .gz and .bz2 come last.
        while rest := file.read(1 << 20):
            limits.count(len(rest), entries=0)


def _put(contents: IO[bytes] | None, path: Path) -> None:
    """Write a file, or make a folder, without what the archive says of owner, rights and time.

    ``TarFile.extract`` would need its filter for that, which came with Python 3.11.4.
    """
    if contents is None:
        path.mkdir(parents=True, exist_ok=True)
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    with contents, path.open("wb") as file:
        shutil.copyfileobj(contents, file)


def _unzip(archive: Path, inside: Path, limits: _Limits) -> None:
    with archive.open("rb") as file:
        stream: Any = _Bounded(file, limits)
        stream.headers(HEADER + 100 * limits.most)  # the list of all entries, read at once
        with zipfile.ZipFile(stream) as zipped:
            stream.contents()
            for member in zipped.infolist():
                # As written: zipfile itself would drop a leading slash and carry on.
                _inside(member.orig_filename)
                kind = (member.external_attr >> 16) & 0o170000
                if kind not in (0, 0o100000, 0o040000):
                    raise Refused(f"the entry {member.filename!r} is neither file nor folder")
                limits.count(member.file_size)
                zipped.extract(member, inside)
