"""One set-up of a clone at a time: a lock that the system releases even after a crash."""

import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tlbook._base.lock import Held, take
from tlbook.workshop.bootstrap.project import Project, SetupError


def lock_path(project: Project) -> Path:
    """Return the file of the lock: outside .venv, which a set-up may delete."""
    # One file per clone and user.
    key = hashlib.sha256(f"{project.root}{os.environ.get('USER', '')}".encode()).hexdigest()
    return Path(tempfile.gettempdir()) / f"tlbook-setup-{key[:16]}.lock"


@contextmanager
def setup_lock(project: Project) -> Iterator[None]:
    """Hold the set-up lock of this clone.

    Raises
    ------
    SetupError
        If another set-up of the same clone is running.
    """
    path = lock_path(project)
    try:
        handle = take(path)
    except Held as held:
        raise SetupError(
            f"another set-up of this folder is running ({held}): wait until it is done"
        ) from None
    except OSError as error:
        raise SetupError(f"cannot write {path} ({error.strerror})") from None
    try:
        yield
    finally:
        os.close(handle)
