"""Features in shards: files that several machines write and any reads, block by block."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import numpy as np

from tlbook._base.checks import check_array, check_labels, check_positive
from tlbook.scale.folder import made, write_whole

LARGEST = float(np.finfo(np.float32).max)
BLOCK = 8192
"""Rows in memory at a time: 25 MB of 384 features in double precision."""


def write_shard(folder: str | Path, number: int, Z: Any, y: Any = None) -> Path:
    """Write features (and labels) as one shard, whole or not at all.

    Parameters
    ----------
    folder : str or Path
        All shards of one data set; on a disk that the machines share.
    number : int
        Of the shard. Who writes the same number again replaces it.
    Z : array of shape (n, d)
        Stored in single precision.
    y : array of shape (n,), optional
        Labels.

    Returns
    -------
    Path

    Raises
    ------
    ValueError
        If Z is not a matrix of numbers that single precision can hold, or y does not fit it.
    """
    check_positive(number, "number", zero_ok=True, integer=True)
    Z = np.asarray(check_array(Z, "Z", ndim=2))
    if Z.dtype.kind == "f" and Z.size and np.abs(Z).max() > LARGEST:
        raise ValueError(
            f"Z: got {np.abs(Z).max():.3g}, want at most {LARGEST:.3g}, as float32 has"
        )
    Z = np.ascontiguousarray(Z, dtype=np.float32)
    path = made(folder) / f"shard-{number:06d}.npy"
    labels = labels_of(path)
    if y is not None:
        write_whole(labels, partial(np.save, arr=check_labels(y, len(Z)), allow_pickle=False))
    write_whole(
        path, partial(np.save, arr=Z, allow_pickle=False)
    )  # last: where it is, its labels are
    if y is None:
        labels.unlink(missing_ok=True)
    return path


def labels_of(shard: Path) -> Path:
    """Return where the labels of a shard lie."""
    return shard.with_name(shard.stem + ".labels")


class Shards:
    """The shards of a folder, mapped into memory: only the rows that are read are there.

    Parameters
    ----------
    folder : str or Path

    Raises
    ------
    ValueError
        If there is no shard, one is damaged, or they differ in the number of features.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> import numpy as np
    >>> from tlbook.scale import Shards, write_shard
    >>> with TemporaryDirectory() as folder:
    ...     for number in range(3):  # three workers, say
    ...         _ = write_shard(folder, number, np.full((5, 2), number), y=np.full(5, number))
    ...     shards = Shards(folder)
    ...     print(shards.rows, shards.dim, [len(Z) for Z, y in shards.blocks(4)])
    15 2 [4, 1, 4, 1, 4, 1]
    """

    def __init__(self, folder: str | Path) -> None:
        self.files = sorted(Path(folder).glob("shard-*.npy"))
        if not self.files:
            raise ValueError(f"folder: got {str(folder)!r} without a shard, want shard-*.npy")
        widths = {self._open(file).shape[1] for file in self.files}
        if len(widths) > 1:
            raise ValueError(f"folder: got shards of {sorted(widths)} features, want one number")
        self.dim = widths.pop()

    @staticmethod
    def _open(file: Path) -> np.ndarray:
        try:
            found = np.load(file, mmap_mode="r", allow_pickle=False)
        except (ValueError, EOFError):
            raise ValueError(f"folder: {file} is not whole, want it written again") from None
        if found.ndim != 2:
            raise ValueError(f"folder: {file} has shape {found.shape}, want (rows, features)")
        return found

    @cached_property
    def rows(self) -> int:
        """Number of rows in all."""
        return sum(len(self._open(file)) for file in self.files)

    @cached_property
    def classes(self) -> np.ndarray:
        """The labels that occur, sorted."""
        found = [np.unique(self._labels(file)) for file in self.files]
        return np.unique(np.concatenate(found))

    def _labels(self, file: Path) -> np.ndarray:
        if not labels_of(file).exists():
            raise ValueError(f"folder: {file.name} has no labels, want a labeled shard")
        return np.load(labels_of(file), mmap_mode="r", allow_pickle=False)

    def blocks(
        self, rows: int = BLOCK, labels: bool = True
    ) -> Iterator[tuple[np.ndarray, np.ndarray | None]]:
        """Go through all rows in their order: (features, labels) of at most so many rows.

        Features are copies in double precision; labels are ``None`` where there are none.
        """
        check_positive(rows, "rows", integer=True)
        for file in self.files:
            Z = self._open(file)
            y = self._labels(file) if labels and labels_of(file).exists() else None
            for start in range(0, len(Z), rows):
                part = slice(start, start + rows)
                yield Z[part].astype(np.float64), None if y is None else np.asarray(y[part])

    def sample(self, n: int, seed: int = 0) -> np.ndarray:
        """Return ``n`` rows (all, where there are fewer) drawn without replacement."""
        chosen = np.random.default_rng(seed).permutation(self.rows)[:n]
        chosen.sort()
        found, before = [], 0
        for file in self.files:
            Z = self._open(file)
            inside = chosen[(chosen >= before) & (chosen < before + len(Z))] - before
            found.append(np.asarray(Z[inside], dtype=np.float64))
            before += len(Z)
        return np.concatenate(found)
