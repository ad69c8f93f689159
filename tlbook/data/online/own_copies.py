"""Your own copies of public files: the content counts, not the archive around it.

A file that lies unpacked, or packed in another way, in the folder of its group is used where its
content has the known sum. Where no sum of the content is known, it is used too, and a printed line
says that it was compared with nothing. A file under the *expected* name still has to be that file.
"""

from __future__ import annotations

import bz2
import gzip
import hashlib
import lzma
import zlib
from functools import cache
from pathlib import Path

from tlbook.data.online.remote import Remote, digest, fault

CONTENT = {
    "train-images-idx3-ubyte": "6bbc9ace898e44ae57da46a324031adb",
    "train-labels-idx1-ubyte": "a25bea736e30d166cdddb491f175f624",
    "t10k-images-idx3-ubyte": "2646ac647ad5339dbf082846283269ea",
    "t10k-labels-idx1-ubyte": "27ae3e4e09519cfbb04c329615203637",
}
"""md5 of MNIST's files without their packing (compared over several public records)."""

TREES = {
    "cifar-10-python.tar.gz": ("cifar-10-batches-py",),
    "images.tar.gz": ("images",),
    "annotations.tar.gz": ("annotations",),
    "20news-bydate.tar.gz": ("20news-bydate-train", "20news-bydate-test"),
}
"""Folders that an unpacked archive has at its top."""

PACKED = {b"\x1f\x8b": gzip.decompress, b"BZh": bz2.decompress, b"\xfd7zXZ": lzma.decompress}


def content(path: Path) -> bytes:
    """Return what is in a file, unpacked where it is packed by gzip, bzip2 or xz.

    Raises
    ------
    ValueError
        If it is packed and damaged.
    """
    data = path.read_bytes()
    try:
        return next((f(data) for start, f in PACKED.items() if data.startswith(start)), data)
    except (OSError, EOFError, zlib.error, lzma.LZMAError) as error:
        raise ValueError(f"{path} cannot be unpacked ({error})") from None


def places(remote: Remote) -> list[Path]:
    """Return where a copy of a packed file may lie, under names other than the expected one."""
    stem, _, packing = remote.file.rpartition(".")
    if f".{packing}" not in (".gz", ".bz2", ".xz") or remote.file in TREES:
        return []
    names = [stem, stem.replace("-idx", ".idx")]
    files = [f"{name}{end}" for name in dict.fromkeys(names) for end in ("", ".gz", ".bz2", ".xz")]
    return [remote.path.with_name(file) for file in files if file != remote.file]


def own_file(remote: Remote) -> Path | None:
    """Return a copy with the right content, or None.

    Raises
    ------
    ValueError
        If there is one whose content has another sum than it should.
    """
    stem = remote.file.rpartition(".")[0]
    wanted = CONTENT.get(stem)
    if remote.here:
        if not wanted or fault(remote.path, remote) is None:
            return None
        try:
            return remote.path if _sum(remote.path) == wanted else None
        except ValueError:  # whoever fetches it says that it is damaged
            return None
    for path in places(remote):
        if not path.is_file():
            continue
        if wanted is None:
            say(path)
        elif (found := _sum(path)) != wanted:
            raise ValueError(f"{path}: the md5 of its content is {found}, want {wanted}")
        return path
    return None


def lies_unpacked(remote: Remote) -> bool:
    """Return whether all folders of an archive lie beside it."""
    inside = TREES.get(remote.file, ())
    return bool(inside) and all((remote.path.parent / name).is_dir() for name in inside)


def own_tree(remote: Remote) -> Path | None:
    """Return the folder in which the archive lies unpacked, or None.

    Raises
    ------
    ValueError
        If a file of CIFAR-10 has another sum than torchvision's list says.
    """
    if remote.here or not lies_unpacked(remote):
        return None
    inside, folder = TREES[remote.file], remote.path.parent
    sums = cifar_sums() if remote.file.startswith("cifar") else {}
    for file, wanted in sums.items():
        path = folder / inside[0] / file
        if not path.is_file() or digest(path, "md5") != wanted:
            raise ValueError(f"{path} is missing, or its md5 is not {wanted}")
    if not sums:
        for name in inside:
            say(folder / name)
    return folder


def cifar_sums() -> dict[str, str]:
    """Return the md5 of each file of CIFAR-10, from torchvision."""
    from torchvision.datasets import CIFAR10

    return dict((*CIFAR10.train_list, *CIFAR10.test_list))


@cache
def say(path: Path) -> None:
    """Say once that a copy was taken as it is."""
    print(f"{path}: your own copy, compared with no sum")


def _sum(path: Path) -> str:
    return hashlib.md5(content(path), usedforsecurity=False).hexdigest()
