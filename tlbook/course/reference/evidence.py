"""A number in a text, and where it is stored: a claim of a chapter, and often a stored table."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tlbook.course.results import stored
from tlbook.evaluation.claim_log import shown
from tlbook.evaluation.statistics import paired_test

if TYPE_CHECKING:
    import pandas as pd

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Evidence:
    """One measured number: the claim that printed it, and the table that it can be made from.

    Examples
    --------
    >>> Evidence("01", "4 · The whole curve", "Live and stored runs differ", "0.0 points").rows
    False
    """

    chapter: str
    """Two digits, as "09"."""
    heading: str
    """The section in which the claim stands."""
    claim: str
    """How the claim's line begins, after its mark."""
    shown: str
    """Effect and interval, as the claim prints them; a plus sign is left out."""
    table: str = ""
    """Name of a stored result; the fields below say which of its numbers."""
    value: str = "accuracy"
    """The column of the better rows."""
    minus: str = ""
    """The column of the worse rows; by default the same."""
    better: Mapping[str, Any] = field(default_factory=dict)
    """Values that the better rows have in other columns."""
    worse: Mapping[str, Any] = field(default_factory=dict)
    """The same for the worse rows; by default the same rows."""

    @property
    def rows(self) -> bool:
        """Whether a stored table is named."""
        return bool(self.table)


def measured(evidence: Evidence) -> str:
    """Return the effect in points with its interval, computed anew from the stored table.

    The effect is the mean of better − worse over the seeds, with Student's 95 % interval.

    Raises
    ------
    ValueError
        If no table is named, it does not exist, or it has no such column or row.

    Examples
    --------
    >>> known = {"method": "scratch", "budget": 1}, {"method": "raw pixels", "budget": 1}
    >>> gap = Evidence("01", "", "", "", "signs_learning_curves", better=known[0], worse=known[1])
    >>> measured(gap)
    '0.2 points [-1.4, 1.8]'
    """
    if not evidence.rows:
        raise ValueError(f"table: got none for {evidence.claim!r}, want a stored result")
    frame = stored.load(evidence.table)
    better = _values(frame, evidence.better, evidence.value)
    worse = _values(frame, evidence.worse or evidence.better, evidence.minus or evidence.value)
    found = paired_test(100 * better, 100 * worse)
    effect = shown(found.effect, "margin", "points").lstrip("+")
    return f"{effect} [{found.low:z.1f}, {found.high:z.1f}]"


def table(evidence: Iterable[Evidence]) -> pd.DataFrame:
    """Return where each number stands, as the chapter prints it and from its stored table.

    Examples
    --------
    >>> from tlbook.course.reference import faq
    >>> checked = table(faq.find("D0 9.3").evidence)
    >>> list(checked["as printed"]) == list(checked["from the table"])
    True
    """
    import pandas as pd

    rows = [
        {
            "chapter": one.chapter,
            "section": one.heading or "(no notebook yet)",
            "claim": one.claim or "(read from the table)",
            "as printed": one.shown or "(a sentence)",
            "table": one.table or "(live runs)",
            "from the table": measured(one) if one.rows else "",
        }
        for one in evidence
    ]
    return pd.DataFrame(rows)


def _values(frame: pd.DataFrame, where: Mapping[str, Any], column: str) -> Any:
    for name in (*where, column):
        if name not in frame:
            raise ValueError(f"column: got {name!r}, want one of {', '.join(frame.columns)}")
    for name, value in where.items():
        frame = frame[frame[name] == value]
    if frame.empty:
        raise ValueError(f"where: got {dict(where)}, which no row has")
    return frame.sort_values("seed")[column].to_numpy()


def read(file: str, name: str) -> list[dict[str, Any]]:
    """Return the entries ``[[name]]`` of a TOML file beside this module, evidence as objects.

    Raises
    ------
    ValueError
        If an entry's evidence has an unknown field.
    """
    with open(HERE / file, "rb") as source:
        entries: list[dict[str, Any]] = tomllib.load(source)[name]
    for entry in entries:
        try:
            entry["evidence"] = tuple(Evidence(**one) for one in entry.get("evidence", ()))
        except TypeError as error:
            raise ValueError(f"{file}: got {error}, want the fields of Evidence") from None
    return entries
