"""Everything that a run starts carries a mark in its environment, by which all of it is found.

Children inherit the mark however they were started. One that has left its family (a daemon, whose
parent is gone) is found all the same.
"""

import os
import secrets
import time
from collections.abc import Iterator
from itertools import count

import psutil

NAME = "TLBOOK_RUN"
RUN = f"{os.getpid()}.{secrets.token_hex(6)}"
"""The mark of all that this process starts; each job adds a number."""
_numbers = count(1)


def new_mark() -> str:
    """Return a mark for one more job of this process."""
    return f"{RUN}.{next(_numbers)}."


def marked(mark: str) -> Iterator[psutil.Process]:
    """Yield the living processes whose mark begins like this, without this one."""
    for process in psutil.process_iter():
        try:
            has = process.environ().get(NAME, "").startswith(mark)
            if has and process.pid != os.getpid() and process.status() != psutil.STATUS_ZOMBIE:
                yield process
        except (psutil.Error, OSError):
            continue  # another user's, or gone


def end_marked(mark: str, seconds: float = 5.0) -> None:
    """Kill all marked processes, and those that they start meanwhile."""
    end = time.monotonic() + seconds
    while (found := list(marked(mark))) and time.monotonic() < end:
        for process in found:
            try:
                process.kill()
            except (psutil.Error, OSError):
                continue
        psutil.wait_procs(found, timeout=0.5)
