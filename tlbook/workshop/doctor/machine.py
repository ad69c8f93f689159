"""The machine: cores, memory, disk, and a cache folder that can be written to."""

import os
import shutil
from pathlib import Path

import psutil

from tlbook.workshop.doctor.check import Check
from tlbook.workshop.runner.pool import usable_cores

_GIB = 2**30
DISK_GIB = 1.0
MEMORY_GIB = 3.0


def check_cores(cores: int | None = None) -> Check:
    """Two cores run two chapters at a time; one is enough, only slower."""
    cores = usable_cores() if cores is None else cores
    return Check(
        "cores",
        cores >= 2,
        f"{cores} usable",
        "every chapter runs on one core; 'tlbook run' and the tests take about twice as long",
        required=False,
    )


def check_memory(available_bytes: float | None = None) -> Check:
    """A chapter's kernel with torch takes about 1 GB."""
    memory = psutil.virtual_memory()
    available = (memory.available if available_bytes is None else available_bytes) / _GIB
    return Check(
        "memory",
        available >= MEMORY_GIB,
        f"{available:.1f} GB free of {memory.total / _GIB:.1f}",
        "close other programs and notebooks, and use 'tlbook run --jobs 1'",
        required=False,
    )


def _existing_parent(path: Path) -> Path:
    while not path.exists() and path != path.parent:
        path = path.parent
    return path


def check_disk(name: str, folder: Path, needed_gib: float = DISK_GIB) -> Check:
    """Room for rendered data and executed copies."""
    try:
        free = shutil.disk_usage(_existing_parent(folder)).free / _GIB
    except OSError as error:
        return Check(name, False, f"cannot be read: {error.strerror}", "choose another disk")
    return Check(
        name,
        free >= needed_gib,
        f"{free:.1f} GB free",
        f"make room: {needed_gib:g} GB should be free ('make clean' deletes executed copies)",
    )


def check_cache(folder: Path) -> Check:
    """Rendered data are kept in the user's cache folder, so it must take files."""
    trial = folder / f".trial-{os.getpid()}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        trial.write_bytes(b"x")
        trial.unlink()
    except OSError as error:
        return Check(
            "cache folder",
            False,
            f"{folder}: {error.strerror}",
            "set the environment variable TLBOOK_CACHE to a folder you may write to",
        )
    return Check("cache folder", True, str(folder))
