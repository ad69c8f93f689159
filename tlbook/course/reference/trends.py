"""What the documents expected and feared: what came of it, and what the course measured."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from tlbook.course.reference.evidence import Evidence, read

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Item:
    """One trend or challenge.

    Examples
    --------
    >>> [item.name for item in items() if item.kind == "challenge"][:2]
    ['Domains differ', 'Negative transfer']
    """

    kind: str
    """"trend" or "challenge"."""
    name: str
    documents: tuple[str, ...]
    """Documents and sections that name it."""
    came: str
    """What came of it."""
    measured: str
    """What the course measured."""
    evidence: tuple[Evidence, ...]
    sources: tuple[str, ...] = ()
    """Of what came, where it is more than a look around."""


@cache
def items() -> tuple[Item, ...]:
    """Return all trends, then all challenges."""
    entries = read("trends.toml", "item")
    lists = ("documents", "sources")
    return tuple(Item(**one | {k: tuple(one.get(k, ())) for k in lists}) for one in entries)


def table() -> pd.DataFrame:
    """Return one row a trend or challenge."""
    import pandas as pd

    rows = [
        {
            "kind": item.kind,
            "expected or feared": item.name,
            "named in": ", ".join(item.documents),
            "what came of it": item.came,
            "what the course measured": item.measured,
        }
        for item in items()
    ]
    return pd.DataFrame(rows)
