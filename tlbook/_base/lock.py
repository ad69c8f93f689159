"""One process at a time: a lock on a file, which the system lets go when its holder ends."""

import os
from datetime import datetime
from pathlib import Path

_BEYOND = 1 << 30  # Windows lets nobody read a locked byte: lock one behind the text


class Held(Exception):
    """Another process holds the lock; the message says which, and since when."""


def take(path: Path) -> int:
    """Take the lock and return its handle; closing it, or the end of this process, lets it go.

    Locks belong to a process: its children have no part in it, and it may take one again. The file
    stays, and says who took it last; its rights follow the umask, so that users who share a folder
    keep each other out.

    Raises
    ------
    Held
        If another process has it.
    OSError
        If the file cannot be made, or a link lies in its place.
    """
    # A link that somebody else left there would have us empty the file that it leads to.
    flags = getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NOFOLLOW", 0)
    handle = os.open(path, os.O_RDWR | os.O_CREAT | flags, 0o666)
    try:
        _lock(handle)
    except OSError:
        holder = os.read(handle, 200).decode("utf-8", "replace").strip()
        os.close(handle)
        raise Held(holder or "another process") from None
    os.ftruncate(handle, 0)
    now = datetime.now().astimezone().isoformat(" ", timespec="seconds")
    os.write(handle, f"process {os.getpid()}, since {now}\n".encode())
    return handle


def _lock(handle: int) -> None:
    if os.name == "nt":
        import msvcrt

        os.lseek(handle, _BEYOND, os.SEEK_SET)
        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]
        finally:
            os.lseek(handle, 0, os.SEEK_SET)
    else:
        import fcntl

        fcntl.lockf(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
