"""Write ``constraints.txt``: the versions that work together, names and versions only."""

import re
from importlib import metadata
from pathlib import Path

from tlbook.workshop.bootstrap.requirements import normalize

# pip belongs to the venv that installs, tlbook is what is installed.
_LEFT_OUT = {"pip", "tlbook"}
_LINUX_ONLY = re.compile(r"^(nvidia-|cuda-|triton$)")

_HEADER = """\
# Versions that were tested together. Names and versions only: the index is your pip's own.
# Made by `tlbook freeze` from an environment with every extra.
"""


def frozen_lines() -> list[str]:
    """Return ``name==version`` for every installed distribution, sorted."""
    pins = {}
    for distribution in metadata.distributions():
        name = normalize(distribution.metadata["Name"])
        # A build label (2.15.0+cpu) belongs to one index and would not be found on another.
        version = distribution.version.split("+")[0]
        if name not in _LEFT_OUT:
            marker = ' ; sys_platform == "linux"' if _LINUX_ONLY.match(name) else ""
            pins[name] = f"{name}=={version}{marker}"
    return [pins[name] for name in sorted(pins)]


def freeze(path: Path) -> int:
    """Write the pins of this environment to ``path`` and return how many there are."""
    lines = frozen_lines()
    path.write_text(_HEADER + "\n".join(lines) + "\n", encoding="utf-8")
    return len(lines)
