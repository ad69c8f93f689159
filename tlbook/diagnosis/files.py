"""Two files or two folders: CSV of numbers or of texts, pictures, NumPy arrays."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from tlbook.diagnosis.diagnose import diagnose
from tlbook.diagnosis.report import Report
from tlbook.diagnosis.table_files import read_tables

ARRAYS = (".npy", ".npz")
TABLES = (".csv", ".tsv", ".txt")
SIDE = 24
"""Pixels of the pictures' sides, for the network whose features are examined."""


def diagnose_files(
    source: str | Path,
    target: str | Path,
    label: str = "label",
    labeled: str | Path | None = None,
    text: str = "text",
    without: Sequence[str] = (),
    **options: Any,
) -> Report:
    """Return a report on two files or folders.

    Parameters
    ----------
    source, target : str or Path
        Two CSV files (comma, tabulator, semicolon or bar; UTF-8; a decimal comma where the comma
        does not separate) with the same columns: numbers, or one column of texts called ``text``.
        Two ``.npz`` files with ``X`` (and ``y`` for the source), or ``.npy`` arrays whose last
        column is the label (in the target it may be there; it is not read). Two folders of
        pictures, the source with a folder for each class.
    label : str
        Column of the labels. Where the target has it too it is not read.
    labeled : str or Path, optional
        A further file or folder of target rows with labels.
    text : str
        Column of the texts.
    without : sequence of str
        Columns of CSV files to leave out, such as a row number.
    **options
        Of :func:`diagnose`.

    Raises
    ------
    ValueError
        If a file cannot be read or the files do not fit; one line names what is wrong.
    """
    places = {"source": Path(source), "target": Path(target)}
    if labeled is not None:
        places["labeled"] = Path(labeled)
    for name, place in places.items():
        if not place.exists():
            raise ValueError(f"{name}: got {str(place)!r}, want a file or a folder that is there")
    kinds = {name: _kind_of(place, name) for name, place in places.items()}
    if len(set(kinds.values())) > 1:
        shown = ", ".join(f"{places[name].name} ({kind})" for name, kind in kinds.items())
        raise ValueError(f"target: got {shown}, want files of one kind")
    if not options.get("quiet", True):
        print("    0 s  reading the files …", flush=True)
    notes: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()
    if kinds["source"] == "table":
        tables = read_tables(places, label, text, without)
        given, notes, lines = tables.given, tables.notes, tables.code
    else:
        if without:
            raise ValueError(f"without: got {list(without)!r}, want none: only tables have columns")
        read = {"pictures": _pictures, "arrays": _arrays}[kinds["source"]]
        given = {name: read(each, name, labels=name != "target") for name, each in places.items()}
    options.setdefault("names", (places["source"].name, places["target"].name))
    report = diagnose(given["source"], given["target"][0], given.get("labeled"), **options)
    code = report.code
    if lines:  # in the place of the first line, which says what is to be read
        code = "\n".join([*lines, *code.splitlines()[1:]])
    first = _named_rows(kinds["target"], places["target"], report.purchase.first)
    return replace(report, notes=(*notes, *report.notes), code=code, first_named=first)


def _named_rows(kind: str, place: Path, rows: Sequence[int]) -> str:
    """Return target rows as one finds them in the file or folder; empty for arrays."""
    if kind == "table":
        lines = ", ".join(str(row + 2) for row in rows)
        return f"lines {lines} of {place.name} (line 1 has the names of the columns)"
    if kind == "pictures":
        paths = _picture_files(place)
        return ", ".join(paths[row].relative_to(place).as_posix() for row in rows)
    return ""


def _picture_files(place: Path) -> list[Path]:
    from tlbook.data.online.pictures import SUFFIXES
    from tlbook.data.own.folders import files_below

    return [path for path in files_below(place) if path.suffix.lower() in SUFFIXES]


def _kind_of(place: Path, name: str) -> str:
    if place.is_dir():
        return "pictures"
    if place.suffix.lower() in ARRAYS:
        return "arrays"
    if place.suffix.lower() in TABLES:
        return "table"
    raise ValueError(
        f"{name}: got {place.name}, want a folder of pictures or a file that ends in "
        f"{', '.join((*TABLES, *ARRAYS))}"
    )


def _arrays(place: Path, name: str, *, labels: bool) -> tuple[Any, Any]:
    """Return X and y (None for the target) of NumPy files; pickles are refused."""
    try:
        loaded = np.load(place, allow_pickle=False)
        if isinstance(loaded, np.ndarray):
            return _last_column(loaded, place, name, labels)
        found = {key: loaded[key] for key in loaded.files}
    except (ValueError, OSError, EOFError, zipfile.BadZipFile) as error:
        if str(error).startswith(f"{name}:"):
            raise
        raise ValueError(
            f"{name}: {place.name} cannot be read as arrays of numbers ({type(error).__name__}; "
            "pickled objects are refused)"
        ) from None
    if "X" not in found or (labels and "y" not in found):
        wanted = "X and y" if labels else "X"
        raise ValueError(f"{name}: {place.name} has {', '.join(found) or 'nothing'}, want {wanted}")
    return found["X"], found["y"] if labels else None


def _last_column(array: np.ndarray, place: Path, name: str, labels: bool) -> tuple[Any, Any]:
    if array.ndim != 2 or array.shape[1] < 2:
        raise ValueError(f"{name}: {place.name} has shape {array.shape}, want rows (n, d + 1)")
    return array[:, :-1], array[:, -1] if labels else None


def _pictures(place: Path, name: str, *, labels: bool) -> tuple[Any, Any]:
    """Return pictures as uint8 (n, 3, 24, 24) and their classes; damaged files are refused."""
    from tlbook.data.online.pictures import SUFFIXES, read_pictures
    from tlbook.data.own import list_pictures
    from tlbook.data.own.picture_list import shorten

    if labels:
        inside = list(place.iterdir())
        loose = any(each.suffix.lower() in SUFFIXES for each in inside)
        if loose and not any(each.is_dir() for each in inside):
            raise ValueError(
                f"{name}: got {place.name} with pictures beside each other, want one folder for "
                "each class and the pictures in them"
            )
        try:
            frame = list_pictures(place, quiet=True)
        except ValueError as error:
            raise ValueError(f"{name}: {str(error).removeprefix('folder: ')}") from None
        if frame.attrs["damaged"]:
            raise ValueError(
                f"{name}: damaged pictures: {shorten(frame.attrs['damaged'])}; repair or remove "
                "them"
            )
        paths, y = [Path(each) for each in frame.path], frame.label.to_numpy(dtype=str)
    else:
        paths = _picture_files(place)
        y = None
        if not paths:
            raise ValueError(f"{name}: got {place} without a picture, want some")
    try:
        return read_pictures(paths, SIDE), y
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from None
