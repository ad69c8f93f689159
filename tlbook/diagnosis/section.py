"""One part of a report, as sentences, a table and a figure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

Bars = tuple[tuple[str, float, float, float], ...]


@dataclass(frozen=True)
class Section:
    """One part of the report.

    Attributes
    ----------
    title : str
    lines : list of str
        Sentences.
    header, rows : tuple of str; sequence of tuples of str
        A table, where there is a header; the first column names the row.
    caption : str
    bars : tuple of (name, value, low, high)
        A figure of values with intervals.
    figure : str
        What the figure shows, in a sentence.
    unit : str
    clouds : pair of arrays (n, 2), optional
        A figure of source and target rows.
    code : str
    """

    title: str
    lines: list[str]
    header: tuple[str, ...] = ()
    rows: Sequence[tuple[str, ...]] = ()
    caption: str = ""
    bars: Bars = ()
    figure: str = ""
    unit: str = ""
    clouds: Any = None
    code: str = ""
