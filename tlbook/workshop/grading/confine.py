"""Give up rights, then become the command: ``python -m … confine LIMITS.json COMMAND …``.

Runs between the namespace without a network and the learner's notebook. It hides the homes and the
temporary folders behind empty ones, in which only what is needed lies, read-only but for the
notebook's own folder; it sets limits, and takes another user where this one may choose.
"""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from typing import Any

try:
    import resource
except ImportError:  # Windows has none
    resource = None  # type: ignore[assignment]


def hide(hidden: Sequence[str], kept: Sequence[str], own: str) -> None:
    """Cover folders by empty ones, and put back ``kept`` (read-only) and ``own``."""
    sources = {path: os.open(path, os.O_PATH) for path in sorted({*kept, own}, key=len)}
    for folder in hidden:
        if os.path.isdir(folder):
            _mount("-t", "tmpfs", "-o", "mode=1777", "tmpfs", folder)
    for path, handle in sources.items():
        os.makedirs(path, exist_ok=True)
        _mount("--bind", f"/proc/self/fd/{handle}", path, handles=[handle])
        if path != own:
            _mount("-o", "remount,bind,ro", path)
        os.close(handle)


def _mount(*arguments: str, handles: Sequence[int] = ()) -> None:
    subprocess.run(
        ["mount", "--no-canonicalize", *arguments],
        check=True,
        capture_output=True,
        pass_fds=handles,
    )


def limit(limits: dict[str, Any]) -> None:
    """Set the limits of this process and of all that it starts."""
    if resource is not None:
        for name, value in (
            ("RLIMIT_CORE", 0),
            ("RLIMIT_NPROC", limits["processes"]),
            ("RLIMIT_FSIZE", limits["file_bytes"]),
            ("RLIMIT_DATA", limits["data_bytes"]),
        ):
            if hasattr(resource, name):
                resource.setrlimit(getattr(resource, name), (value, value))
    if limits["user"]:
        os.setgroups([])
        os.setgid(limits["user"])
        os.setuid(limits["user"])


if __name__ == "__main__":
    what = json.loads(sys.argv[1])
    if what["hidden"]:
        hide(what["hidden"], what["kept"], what["own"])
    os.chdir(what["own"])
    limit(what)
    os.execvp(sys.argv[2], sys.argv[2:])
