"""Two CSV files as a practitioner has them: read, brought to the same columns, or refused."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tlbook.diagnosis.soundness import MOST_COLUMNS

if TYPE_CHECKING:
    import pandas as pd

DECIMAL_COMMA = re.compile(r"[+-]?\d*,\d+([eE][+-]?\d+)?")
THOUSANDS = re.compile(r"[+-]?\d{1,3}(,\d{3})+")


@dataclass(frozen=True, eq=False)
class Tables:
    """What was read.

    Attributes
    ----------
    given : dict of (rows, labels)
        Of each file; no labels for the target.
    notes : tuple of str
        What was done on the way.
    code : tuple of str
        The lines that read the same rows in a script.
    """

    given: dict[str, tuple[Any, Any]]
    notes: tuple[str, ...]
    code: tuple[str, ...]


def read_tables(
    places: dict[str, Path], label: str, text: str, without: Sequence[str] = ()
) -> Tables:
    """Return rows and labels of each file.

    Parameters
    ----------
    places : dict of Path
        ``source``, ``target`` and perhaps ``labeled``.
    label, text : str
        Columns of the labels and of the texts.
    without : sequence of str
        Columns to leave out.

    Raises
    ------
    ValueError
        If a file cannot be read or the files do not fit; one line names what is wrong.
    """
    notes: list[str] = []
    frames = {name: _read_csv(place, name) for name, place in places.items()}
    for column in without:
        if all(column not in frame.columns for frame in frames.values()):
            raise ValueError(
                f"without: got {column!r}, want a column of {places['source'].name}, which has "
                f"{_some(frames['source'].columns)}"
            )
    read_columns = set(frames["source"].columns)
    frames = {name: f.drop(columns=list(without), errors="ignore") for name, f in frames.items()}
    labels = {name: _labels(frames[name], places[name], name, label) for name in frames}
    frames = {name: frame.drop(columns=label, errors="ignore") for name, frame in frames.items()}
    source = frames["source"]
    asked_for = text != "text" and text not in source.columns
    if asked_for or (text in source.columns and not _numeric(source[text])):
        rows: dict[str, Any] = {}
        for name, frame in frames.items():
            rows[name] = _texts(frame, places[name], name, text)
        more = [c for c in source.columns if c != text]
        if more:
            notes.append(f"only the column {text} was read, and not {_some(more)}")
    else:
        rows = {name: _numbers(f, places[name], name, notes) for name, f in frames.items()}
        rows = {name: _in_order(rows, name, places) for name in rows}
    given = {name: (rows[name], labels[name]) for name in rows}
    of_texts = text if isinstance(rows["source"], list) else ""
    calls = [_call(places[name], frames[name], notes) for name in ("source", "target")]
    code = _code(calls, label, of_texts, [c for c in without if c in read_columns])
    return Tables(given, tuple(notes), code)


def _call(place: Path, frame: pd.DataFrame, notes: list[str]) -> str:
    """Return the call of pandas that reads a file as it was read here."""
    options = "" if frame.attrs["separator"] == "," else f", sep={frame.attrs['separator']!r}"
    if any(note.startswith(f"decimal commas of {place.name} ") for note in notes):
        options += ", decimal=','"
    if frame.attrs["spaces"]:
        options += ", skipinitialspace=True"
    shown = place.name if place.is_absolute() else place.as_posix()  # a report is passed on
    return f"pd.read_csv({shown!r}{options})"


def _code(calls: list[str], label: str, text: str, without: Sequence[str]) -> tuple[str, ...]:
    lines = ["import pandas as pd", f"source = {calls[0]}", f"target = {calls[1]}"]
    if text:
        lines.append(f"source_texts, target_texts = list(source[{text!r}]), list(target[{text!r}])")
        return (*lines, f"ys = source[{label!r}].to_numpy()")
    frame = f"source.drop(columns={[label, *without]!r})"
    return (
        *lines,
        f"Xs, ys = {frame}, source[{label!r}].to_numpy()",
        "Xs, Xt = Xs.to_numpy(float), target[Xs.columns].to_numpy(float)",
    )


def _read_csv(place: Path, name: str) -> pd.DataFrame:
    import pandas as pd

    try:
        with open(place, "rb") as file:
            first = file.readline(50_000_000)
    except OSError as error:
        raise ValueError(f"{name}: {place.name} cannot be opened ({error.strerror})") from None
    if not first.strip():
        raise ValueError(f"{name}: {place.name} is empty, want a line of column names and rows")
    separator = max(",\t;|", key=lambda each: first.count(each.encode()))
    columns = first.count(separator.encode()) + 1
    if columns > MOST_COLUMNS + 1:
        raise ValueError(
            f"{name}: {place.name} has {columns:,} columns, want at most {MOST_COLUMNS:,}"
        )
    try:
        frame = pd.read_csv(place, sep=separator, encoding="utf-8-sig", skipinitialspace=True)
    except UnicodeError:
        raise ValueError(
            f"{name}: {place.name} is not UTF-8; save it as UTF-8 (iconv -f gb18030 -t utf-8)"
        ) from None
    except (pd.errors.ParserError, pd.errors.EmptyDataError, ValueError) as error:
        reason = str(error).splitlines()[0]
        raise ValueError(f"{name}: {place.name} cannot be read as a table ({reason})") from None
    if not len(frame):
        raise ValueError(f"{name}: {place.name} has no rows, want some below the column names")
    frame.attrs["spaces"] = re.search(rb"[,;|\t] ", first) is not None
    frame.columns = [str(column).strip() for column in frame.columns]
    if len(set(frame.columns)) < len(frame.columns):
        twice = next(c for c in frame.columns if list(frame.columns).count(c) > 1)
        raise ValueError(f"{name}: {place.name} has two columns {twice!r}, want another name each")
    frame.attrs["separator"] = separator
    return frame


def _labels(frame: pd.DataFrame, place: Path, name: str, label: str) -> np.ndarray | None:
    """Return the labels as texts; None for the target, whose labels are not read."""
    if name == "target":
        return None
    if label not in frame.columns:
        names = list(frame.columns)
        bare = sum(_is_number(column) for column in names) > len(names) / 2
        hint = "its first line looks like a row: add a line of column names" if bare else "--label"
        raise ValueError(
            f"{name}: {place.name} has no column {label!r} of labels; it has {_some(names, 8)} "
            f"({hint})"
        )
    y = frame[label]
    if y.isna().any():
        row = int(y.isna().to_numpy().argmax()) + 2
        raise ValueError(f"{name}: {place.name} has no {label} in line {row}, want one in each")
    if y.dtype.kind == "f" and (y == y.round()).all():
        y = y.astype("int64")  # 1.0 in one file and 1 in another are one class
    return y.astype(str).str.strip().to_numpy(dtype=str)


def _texts(frame: pd.DataFrame, place: Path, name: str, text: str) -> list[str]:
    if text not in frame.columns:
        raise ValueError(
            f"{name}: {place.name} has no column {text!r} of texts; it has {_some(frame.columns)}"
        )
    missing = frame[text].isna()
    if missing.any():
        row = int(missing.to_numpy().argmax()) + 2
        raise ValueError(f"{name}: {place.name} has no {text} in line {row}, want words")
    return frame[text].astype(str).to_list()


def _numbers(frame: pd.DataFrame, place: Path, name: str, notes: list[str]) -> pd.DataFrame:
    """Return a frame of floats; decimal commas are read, words are refused with their column."""
    frame = frame.copy()
    with_commas = []
    for column in frame.columns:
        if _numeric(frame[column]):
            continue
        values = frame[column].dropna().astype(str).str.strip()
        commas = [v for v in values if DECIMAL_COMMA.fullmatch(v)]
        read = all(DECIMAL_COMMA.fullmatch(v) or _is_number(v) for v in values)
        if frame.attrs["separator"] == "," or not commas or not read:
            raise ValueError(_not_of_numbers(frame[column], place, name))
        if all(THOUSANDS.fullmatch(v) for v in commas):
            raise ValueError(
                f"{name}: column {column!r} of {place.name} has {commas[0]!r}, which may be a "
                "decimal comma or thousands; want a decimal point"
            )
        frame[column] = frame[column].astype(str).str.replace(",", ".").astype(float)
        with_commas.append(column)
    if with_commas:
        notes.append(f"decimal commas of {place.name} were read in {_some(with_commas)}")
    return frame.astype(float)


def _not_of_numbers(column: pd.Series, place: Path, name: str) -> str:
    odd = [(row, v) for row, v in enumerate(column) if not _is_number(v)]
    row, value = odd[0]
    what = f"{name}: column {str(column.name)!r} of {place.name}"
    if len(odd) <= len(column) / 2:
        return (
            f"{what} has {len(odd)} value(s) that are no numbers, the first in line {row + 2}: "
            f"{str(value)[:40]!r}; mend them, or leave the column out (--without)"
        )
    return (
        f"{what} is not of numbers (it has {str(value)[:40]!r}); leave it out (--without), turn "
        "its values into columns of 0 and 1 (pandas.get_dummies), or read it as texts (--text)"
    )


def _in_order(rows: dict[str, Any], name: str, places: dict[str, Path]) -> pd.DataFrame:
    """Return a file's columns in the order of the source's, or say which ones are missing."""
    own, frame = rows["source"], rows[name]
    missing = [c for c in own.columns if c not in frame.columns]
    more = [c for c in frame.columns if c not in own.columns]
    if missing or more:
        said = [f"lacks {_some(missing)}"] * bool(missing) + [f"has {_some(more)}"] * bool(more)
        raise ValueError(
            f"{name}: {places[name].name} {' and '.join(said)}; want the columns of "
            f"{places['source'].name} (--without leaves some out)"
        )
    return frame[list(own.columns)]


def _numeric(column: pd.Series) -> bool:
    return column.dtype.kind in "biuf"


def _is_number(value: Any) -> bool:
    try:
        float(value)
    except (TypeError, ValueError):
        return False
    return True


def _some(names: Any, most: int = 5) -> str:
    listed = [str(each) for each in names]
    more = f" and {len(listed) - most} more" if len(listed) > most else ""
    return ", ".join(listed[:most]) + more
