"""One run at a time in a folder of checkpoints.

The course's guard of stored results skips the calls of these functions: they decide no number.
"""

from __future__ import annotations

import errno
import os
import shutil
import sys
from pathlib import Path
from typing import Any

from tlbook._base.lock import Held, take
from tlbook.training.checkpoint import CheckpointError

FILE = ".lock"
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG) if os.name == "posix" else (errno.ENOSPC,)
_FORBIDDEN = (errno.EACCES, errno.EROFS, errno.EPERM)
_held: dict[Path, int] = {}


def holds(path: Path) -> bool:
    """Whether this process has the folder."""
    return path.absolute() in _held


def hold(checkpoints: Any, first: bool) -> None:
    """Take a folder of checkpoints until :func:`release`, or the end of this process.

    Of several processes that train together, only the ``first`` one takes it. ``checkpoints`` is
    what has a ``path``, or None.

    Raises
    ------
    CheckpointError
        If another process trains there; the message says which. If the path is no folder, or
        the lock of another user, who does not share it.
    """
    if checkpoints is None or not first:
        return
    path = checkpoints.path
    if path.absolute() in _held:
        return
    try:
        path.mkdir(parents=True, exist_ok=True)
        _held[path.absolute()] = take(path / FILE)
    except Held as held:
        raise CheckpointError(
            f"checkpoint: {path} is in use by another run ({held}). Use another folder, or wait "
            "until that run has ended."
        ) from None
    except OSError as error:
        if error.errno in _FORBIDDEN and os.access(path, os.W_OK):
            raise CheckpointError(
                f"checkpoint: {path / FILE} belongs to another user ({error.strerror}), whose run "
                "may be at work there. Use another folder."
            ) from None
        if error.errno in _FORBIDDEN:
            return  # a finished run may be read where nobody can write; a save will say it
        if error.errno in _FULL:
            raise _full(path, error) from None
        raise CheckpointError(
            f"checkpoint: got {str(path)!r}, want a folder ({error.strerror})"
        ) from None


def release(checkpoints: Any) -> None:
    """Let the folder go, and say plainly if a checkpoint could not be written.

    Raises
    ------
    CheckpointError
        In place of the system's error of a full disk, or of a folder that cannot be written.
    """
    if checkpoints is None:
        return
    path, error = checkpoints.path, sys.exc_info()[1]
    part = path / f".writing-{os.getpid()}"
    try:
        if isinstance(error, OSError) and (part.exists() or str(path) in str(error.filename)):
            shutil.rmtree(part, ignore_errors=True)
            if error.errno in _FULL:
                raise _full(path, error) from error
            if error.errno in _FORBIDDEN:
                raise CheckpointError(
                    f"checkpoint: cannot write in {path} ({error.strerror})"
                ) from error
    finally:
        handle = _held.pop(path.absolute(), None)
        if handle is not None:
            os.close(handle)


def _full(path: Path, error: OSError) -> CheckpointError:
    whole = sorted(each.name for each in path.glob("step-*"))
    goes_on = f"it then goes on from {whole[-1]}" if whole else "no checkpoint was written yet"
    return CheckpointError(
        f"checkpoint: the disk of {path} is full ({error.strerror}): make room and call fit "
        f"again; {goes_on}"
    )
