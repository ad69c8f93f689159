"""Data for many jobs: written once beside the results, read by each worker when it needs them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from tlbook.scale.folder import made, write_whole


@dataclass(frozen=True)
class Parcel:
    """Where something lies that is too large to travel with each job, and its sha256."""

    path: str
    sha256: str

    def open(self) -> Any:
        """Return what was packed; a process reads it once.

        Raises
        ------
        ValueError
            If the file is not what was packed, or this machine does not see it.
        """
        return _opened(self)


def pack_parcel(things: Any, folder: str | Path) -> Parcel:
    """Write anything that can be pickled into a folder that all workers see.

    Parameters
    ----------
    things : anything
        Arrays, fitted models, functions of a notebook.
    folder : str or Path
        On a disk that all machines have under the same path.
    """
    import cloudpickle

    data = cloudpickle.dumps(things)
    sha256 = hashlib.sha256(data).hexdigest()
    path = made(folder) / f"{sha256[:16]}.parcel"
    write_whole(path, data)
    return Parcel(str(path), sha256)


@lru_cache(maxsize=2)
def _opened(parcel: Parcel) -> Any:
    import pickle

    try:
        data = Path(parcel.path).read_bytes()
    except OSError as error:
        raise ValueError(
            f"parcel: {parcel.path} is not seen from this machine, want a folder that all share"
        ) from error
    if hashlib.sha256(data).hexdigest() != parcel.sha256:
        raise ValueError(f"parcel: {parcel.path} is not what was packed")
    return pickle.loads(data)
