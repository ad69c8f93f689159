"""What ``tlbook data`` prints and ``tlbook data fetch`` does."""

from __future__ import annotations

from typing import Any


def print_data() -> None:
    """Print two tables: data sets, and weights of other libraries."""
    from rich.console import Console
    from rich.table import Table

    from tlbook.data import available, online_dir
    from tlbook.data.weight_files.online import PRETRAINED

    console = Console()
    frame = available()
    table = Table("here?", *map(str, frame.columns))
    for row in frame.itertuples(index=False):
        table.add_row(status(row.name), *map(str, row))
    console.print(table)
    table = Table("here?", "weights", "size", "of", "licence", "without them")
    for name, entry in PRETRAINED.items():
        size = f"{sum(remote.size for remote in entry.files) / 1e6:.0f} MB"
        table.add_row(status(name), name, size, entry.library, entry.licence, entry.instead)
    console.print(table)
    console.print("`tlbook data fetch NAME` downloads one. By hand: put its files into")
    console.print(f"{online_dir()} (data/README.md names them).", soft_wrap=True)


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
