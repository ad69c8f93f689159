"""The rights of files that are written beside their place and moved into it.

``tempfile`` makes files that only their owner may read. Moved into a folder that several users
share, they would be of no use to the others. The course's guard of stored results skips the calls
of this module: they decide no number.
"""

from __future__ import annotations

import os
from pathlib import Path
from threading import Lock

_one_at_a_time = Lock()


def follow_umask(path: str | Path) -> None:
    """Give a file the rights that ``open`` would have given: to read and write, less the umask."""
    os.chmod(path, 0o666 & ~_umask())


def _umask() -> int:
    """Return the umask; it can only be read by setting it, so for a moment it is the strictest."""
    with _one_at_a_time:
        mask = os.umask(0o077)
        os.umask(mask)
    return mask
