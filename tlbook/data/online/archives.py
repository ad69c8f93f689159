"""Unpack archives that may be damaged or hostile: all of it in its folder, or nothing."""

from __future__ import annotations

import contextlib
import lzma
import os
import shutil
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path, PurePosixPath, PureWindowsPath

LARGEST = 8 << 30
"""Bytes an archive may unpack to."""
MOST = 300_000
"""Files and folders an archive may hold."""

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
)


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
        Bytes and entries at most.

    Raises
    ------
    ValueError
        If the archive is damaged, is none, holds something that is not accepted, or unpacks to
        more than ``largest`` bytes or ``most`` entries. Nothing is left behind.
    """
    if folder.is_dir():
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    inside = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        unpack = _kind(archive)
        limits = _Limits(largest, most)
        unpack(archive, inside, limits)
        if not limits.entries:
            raise Refused("there is nothing in it")
        inside.chmod(0o755)
        with contextlib.suppress(FileExistsError):
            os.rename(inside, folder)
    except Refused as error:
        raise ValueError(f"{archive}: refused, nothing was unpacked: {error}") from None
    except _BROKEN as error:
        raise ValueError(
            f"{archive}: damaged or no archive, nothing was unpacked ({error})"
        ) from None
    finally:
        if inside.exists():
            shutil.rmtree(inside, ignore_errors=True)
    return folder


class Refused(Exception):
    """An entry that no honest archive of data has."""


class _Limits:
    def __init__(self, largest: int, most: int) -> None:
        self.largest, self.most = largest, most
        self.bytes = self.entries = 0

    def count(self, size: int) -> None:
        self.bytes += size
        self.entries += 1
        if self.bytes > self.largest:
            raise Refused(f"it unpacks to more than {self.largest / 1e9:.1f} GB")
        if self.entries > self.most:
            raise Refused(f"it holds more than {self.most:,} entries")


def _kind(archive: Path) -> Callable[[Path, Path, _Limits], None]:
    if zipfile.is_zipfile(archive):
        return _unzip
    if tarfile.is_tarfile(archive):
        return _untar
    raise ValueError("neither tar nor zip")


def _inside(name: str) -> None:
    """Refuse a name that is absolute or leads out of the folder, on any system."""
    windows, posix = PureWindowsPath(name), PurePosixPath(name)
    if posix.is_absolute() or windows.is_absolute() or windows.drive or windows.root:
        raise Refused(f"the entry {name!r} has an absolute name")
    if ".." in windows.parts or ".." in posix.parts:
        raise Refused(f"the entry {name!r} leads out of the folder")
    if "\0" in name:
        raise Refused(f"the entry {name!r} has a NUL in its name")


def _untar(archive: Path, inside: Path, limits: _Limits) -> None:
    with tarfile.open(archive) as tar:
        for member in tar:
            _inside(member.name)
            if not (member.isreg() or member.isdir()):
                kind = "a link" if member.islnk() or member.issym() else "neither file nor folder"
                raise Refused(f"the entry {member.name!r} is {kind}")
            limits.count(member.size)
            tar.extract(member, inside, filter="data")
        # Read to the end: the sums of .gz and .bz2 come last.
        stream = tar.fileobj
        while stream is not None and stream.read(1 << 20):
            pass


def _unzip(archive: Path, inside: Path, limits: _Limits) -> None:
    with zipfile.ZipFile(archive) as zipped:
        for member in zipped.infolist():
            # As written: zipfile itself would drop a leading slash and carry on.
            _inside(member.orig_filename)
            kind = (member.external_attr >> 16) & 0o170000
            if kind not in (0, 0o100000, 0o040000):
                raise Refused(f"the entry {member.filename!r} is neither file nor folder")
            limits.count(member.file_size)
            zipped.extract(member, inside)
