"""No process stays behind when the one that started it is gone."""

import os
import signal
import threading
import time

LOOK = 1.0
"""Seconds between two looks at the parent."""


def end_with_parent(parent: int | None = None) -> None:
    """Let this process end when its parent has, however that ended: ``kill -9`` tells no child.

    It ends by SIGTERM, so that a launcher can end its own processes. On Windows, where a process
    keeps the number of a parent that is gone, nothing is done.

    Parameters
    ----------
    parent : int, optional
        Number of the process to live with; by default the present parent.
    """
    if os.name == "nt":
        return
    mine = os.getppid() if parent is None else parent
    threading.Thread(target=_watch, args=(mine,), daemon=True, name="end_with_parent").start()


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(LOOK)
    os.kill(os.getpid(), signal.SIGTERM)
