"""The questions asked before a cell runs, read from the chapters' folders."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

HERE = Path(__file__).parents[1]


@dataclass(frozen=True)
class Part:
    """One choice: what is asked, the options in the order shown, the right one.

    ``reasons`` says of every wrong option what the cell shows against it. Where the answer depends
    on the reader's machine ``right`` is empty, and every option has a word to compare with.
    """

    asked: str
    options: tuple[str, ...]
    right: str
    reasons: Mapping[str, str]

    def __post_init__(self) -> None:
        wrong = set(self.options) - {self.right}
        if len(self.options) < 2 or len(set(self.options)) != len(self.options):
            raise ValueError(f"options: got {list(self.options)}, want two or more, all different")
        if self.right and self.right not in self.options:
            raise ValueError(f"right: got {self.right!r}, want one of {', '.join(self.options)}")
        if set(self.reasons) != wrong:
            raise ValueError(f"reasons: got {sorted(self.reasons)}, want one for {sorted(wrong)}")


@dataclass(frozen=True)
class Prediction:
    """A question with one part or several, and the heading under which its answer stands."""

    name: str
    parts: tuple[Part, ...]
    see: str

    @property
    def anchor(self) -> str:
        """The heading as JupyterLab and exported pages address it."""
        return self.see.replace(" ", "-")


def parse(chapter: str, tables: list[dict[str, Any]]) -> tuple[Prediction, ...]:
    """Return the predictions of one chapter's file, named ``"02.1"``, ``"02.2"`` in its order.

    Parameters
    ----------
    chapter : str
        Its number, such as "02" or "19a".
    tables : list of dict
        The ``[[prediction]]`` tables: ``see``, and either ``options``, ``right`` and ``reasons``
        or ``part`` tables that have these and ``asked``.

    Raises
    ------
    ValueError
        If a field is missing, unknown or does not fit; the message names the prediction.

    Examples
    --------
    >>> two = {"see": "1 · A start", "options": ["up", "down"], "right": "up"}
    >>> parse("02", [two | {"reasons": {"down": "The line rises."}}])[0].name
    '02.1'
    """
    found = []
    for number, table in enumerate(tables, start=1):
        name = f"{chapter}.{number}"
        single = {key: value for key, value in table.items() if key != "see"}
        try:
            parts = [Part(**_fields(part)) for part in single.pop("part", None) or [single]]
            found.append(Prediction(name, tuple(parts), table["see"]))
        except (TypeError, KeyError, ValueError) as error:
            raise ValueError(f"prediction {name}: {error}") from error
    return tuple(found)


def _fields(table: Mapping[str, Any]) -> dict[str, Any]:
    return {"asked": "", **table, "options": tuple(table["options"])}


@cache
def of_chapter(chapter: str) -> tuple[Prediction, ...]:
    """Return the predictions of a chapter, in order; none where it has no file.

    Raises
    ------
    ValueError
        If the file is not as it should be.
    """
    files = sorted(HERE.glob(f"ch{chapter}_*/predictions.toml"))
    if not files:
        return ()
    with files[0].open("rb") as file:
        return parse(chapter, tomllib.load(file)["prediction"])


def find(name: str) -> Prediction:
    """Return one prediction by its name, such as ``"02.1"``.

    Raises
    ------
    ValueError
        If there is none of this name.
    """
    chapter = name.partition(".")[0] if isinstance(name, str) else ""
    known = {one.name: one for one in of_chapter(chapter)} if chapter.isalnum() else {}
    if name not in known:
        wanted = ", ".join(known) or "a chapter's number, a dot and a number, as in '02.1'"
        raise ValueError(f"name: got {name!r}, want {wanted}")
    return known[name]
