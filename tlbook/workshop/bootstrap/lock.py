"""One set-up of a clone at a time: a lock that the system releases even after a crash."""

import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tlbook.workshop.bootstrap.project import Project, SetupError


def _lock_path(project: Project) -> Path:
    # Outside .venv, which a set-up may delete; one file per clone and user.
    key = hashlib.sha256(f"{project.root}{os.environ.get('USER', '')}".encode()).hexdigest()
    return Path(tempfile.gettempdir()) / f"tlbook-setup-{key[:16]}.lock"


def _try_lock(handle: int) -> bool:
    try:
        if os.name == "nt":
            import msvcrt

            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]
        else:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


@contextmanager
def setup_lock(project: Project) -> Iterator[None]:
    """Hold the set-up lock of this clone.

    Raises
    ------
    SetupError
        If another set-up of the same clone is running.
    """
    handle = os.open(_lock_path(project), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        if not _try_lock(handle):
            raise SetupError("another set-up of this folder is running: wait until it is done")
        yield
    finally:
        os.close(handle)
