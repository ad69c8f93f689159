"""What each claim came to in the stored runs of its chapter: ``data/claims/NN_stem.csv``.

``tlbook store`` adds to it, and the site and ``tlbook claims --history`` show it. A row is one
outcome: its numbers as printed, the first and last day, and how many stored versions in a row show
it. A claim is known by its sentence, numbers left out: another sentence begins anew.
"""

from __future__ import annotations

import csv
import io
from dataclasses import astuple, dataclass, fields, replace
from datetime import date
from pathlib import Path
from typing import Any

import tlbook
from tlbook.course.chapters import Chapter, root
from tlbook.workshop.printed_claims import Claim, claims_of, named
from tlbook.workshop.whole import write_text

KEPT = 8
"""Outcomes of one claim that are kept; the oldest are dropped."""


@dataclass(frozen=True)
class Outcome:
    """What a claim came to, in ``stored`` versions in a row, from ``first`` to ``last``."""

    claim: str
    first: str
    last: str
    stored: int
    version: str
    mark: str
    effect: str
    interval: str
    asked: str
    n: str

    def repeats(self, claim: Claim) -> bool:
        """Whether a run gave the same mark and numbers again."""
        before = (self.mark, self.effect, self.interval, self.asked, self.n)
        return before == (claim.mark, claim.effect, claim.interval, claim.asked, claim.n)


COLUMNS = tuple(field.name for field in fields(Outcome))
History = dict[str, list[Outcome]]
"""The outcomes of each claim of a chapter, the oldest first."""


def path_of(chapter: Chapter, folder: Path | None = None) -> Path:
    """Return where the history of a chapter lies."""
    return (folder or root() / "data" / "claims") / f"{chapter.stem}.csv"


def load(path: Path) -> History:
    """Return the history in a file; a missing one is empty.

    Raises
    ------
    ValueError
        If it is not such a file.
    """
    if not path.exists():
        return {}
    history: History = {}
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file, strict=True)
        if tuple(reader.fieldnames or ()) != COLUMNS:
            raise ValueError(f"{path.name}: got the columns {reader.fieldnames}, want {COLUMNS}")
        for number, row in enumerate(reader, start=2):
            if None in row.values() or None in row or not str(row["stored"]).isdigit():
                raise ValueError(f"{path.name}, row {number}: got {list(row.values())}")
            texts: dict[str, Any] = dict(row)
            one = Outcome(**texts | {"stored": int(row["stored"])})
            history.setdefault(one.claim, []).append(one)
    return history


def extended(history: History, claims: list[Claim], when: str, version: str) -> History:
    """Return a history with one more stored run; claims that the run lacks are dropped.

    Examples
    --------
    >>> old = extended({}, [Claim("~", "A wins", "+1", "-1, 3")], "2026-01-01", "0.1.0")
    >>> new = extended(old, [Claim("✓", "A wins", "+2", "1, 3")], "2026-01-02", "0.1.0")
    >>> [outcome.mark for outcome in new["A wins"]]
    ['~', '✓']
    """
    new: History = {}
    for name, claim in named(claims).items():
        past = history.get(name, [])
        if past and past[-1].repeats(claim):
            past = [*past[:-1], replace(past[-1], last=when, stored=past[-1].stored + 1)]
        else:
            numbers = (claim.mark, claim.effect, claim.interval, claim.asked, claim.n)
            past = [*past, Outcome(name, when, when, 1, version, *numbers)]
        new[name] = past[-KEPT:]
    return new


def write(history: History, path: Path) -> None:
    """Write a history, whole or not at all."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(astuple(one) for outcomes in history.values() for one in outcomes)
    write_text(path, text.getvalue())


def shows(history: History, claims: list[Claim]) -> bool:
    """Whether a history ends with what a stored chapter prints, and knows no other claim."""
    present = named(claims)
    return list(history) == list(present) and all(
        history[name][-1].repeats(claim) for name, claim in present.items()
    )


def record(chapter: Chapter, again: bool = True, folder: Path | None = None) -> bool:
    """Add what a chapter's stored notebook prints to its history; return whether that changed it.

    ``again`` says that the notebook was run just now: the same outcome then counts once more.
    """
    path = path_of(chapter, folder)
    history, claims = load(path), claims_of(chapter.path.read_text(encoding="utf-8"))
    if not again and shows(history, claims):
        return False
    write(extended(history, claims, date.today().isoformat(), tlbook.__version__), path)
    return True
