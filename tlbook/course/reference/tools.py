"""Every tool that the documents name: what it is, its state, and what to use."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from tlbook.course.reference.evidence import read

if TYPE_CHECKING:
    import pandas as pd


@cache
def tools() -> tuple[dict[str, Any], ...]:
    """Return the entries: name, documents, what, state, use, sources."""
    entries = read("tools.toml", "tool")
    return tuple({k: v for k, v in entry.items() if k != "evidence"} for entry in entries)


def table() -> pd.DataFrame:
    """Return one row a tool.

    Examples
    --------
    >>> table().set_index("tool").loc["AdaptDL", "state, November 2026"]
    'Still: 0.2.11 of April 2022.'
    """
    import pandas as pd

    rows = [
        {
            "tool": one["name"],
            "named in": ", ".join(one["documents"]),
            "what it is": one["what"],
            "state, November 2026": one["state"],
            "what to use": one["use"],
        }
        for one in tools()
    ]
    return pd.DataFrame(rows)
