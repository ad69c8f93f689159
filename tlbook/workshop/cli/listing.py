"""What ``tlbook data`` prints and ``tlbook data fetch`` does."""

from __future__ import annotations

import shutil
import textwrap
from typing import Any


def print_data() -> None:
    """Print what there is, in lines as wide as the terminal: data sets, then weights."""
    from tlbook.data import available, online_dir
    from tlbook.data.weight_files.online import PRETRAINED

    print("Data sets\n")
    for row in available().itertuples(index=False):
        _print_entry(row.name, row.size, f"from {row.source}", f"license: {row.licence}")
    print("\nWeights of other libraries\n")
    for name, entry in PRETRAINED.items():
        size = f"{sum(remote.size for remote in entry.files) / 1e6:.0f} MB"
        licensed = f"license: {entry.licence}"
        _print_entry(name, f"{size}, {entry.library}; without them {entry.instead}", licensed)
    print("\n`tlbook data fetch NAME` downloads one. By hand: put its files into")
    print(f"{online_dir()} (data/README.md names them).")


def _print_entry(name: str, *lines: str) -> None:
    width = min(shutil.get_terminal_size().columns, 100)
    print(f"{name} ({status(name)})")
    for line in lines:
        print(textwrap.fill(line, width, initial_indent="    ", subsequent_indent="      "))


def status(name: str) -> str:
    """Return in words whether a data set or weights are on this machine."""
    from tlbook.data import have, have_weights
    from tlbook.data.catalogue import ENTRIES
    from tlbook.data.online import registry
    from tlbook.data.weight_files.online import PRETRAINED

    if name in PRETRAINED:
        return "yes" if have_weights(name) else "to be downloaded"
    if name in registry.NEEDS:
        return "yes" if have(name) else "to be downloaded"
    return "yours" if ENTRIES[name].source.startswith("yours") else "embedded"


def fetch(name: str) -> str:
    """Download a data set or weights, and return a line that says where they are.

    Raises
    ------
    Offline
        If no server gives a file.
    ValueError
        If the name is unknown, or a file is damaged.
    """
    from tlbook.data import have, weights
    from tlbook.data.catalogue import ENTRIES
    from tlbook.data.online import registry
    from tlbook.data.weight_files.online import PRETRAINED

    if name in PRETRAINED:
        return f"{name}: {weights(name)}"
    if name in registry.NEEDS:
        if have(name) and not all(remote.here for remote in registry.needed(name)):
            return f"{name}: here, unpacked"
        folders: dict[Any, None] = {}
        for group in registry.NEEDS[name]:
            folders |= dict.fromkeys(path.parent for path in registry.files(name, group))
        return f"{name}: {', '.join(map(str, folders))}"
    if name in ENTRIES:
        return f"{name}: nothing to download"
    known = ", ".join(map(repr, (*registry.NEEDS, *PRETRAINED)))
    raise ValueError(f"name: got {name!r}, want one of {known}")
