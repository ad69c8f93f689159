"""Two files or two folders: CSV of numbers or of texts, pictures, NumPy arrays."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tlbook.diagnosis.diagnose import diagnose
from tlbook.diagnosis.report import Report
from tlbook.diagnosis.soundness import MOST_COLUMNS

if TYPE_CHECKING:
    import pandas as pd

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
    **options: Any,
) -> Report:
    """Return a report on two files or folders.

    Parameters
    ----------
    source, target : str or Path
        Two CSV files (comma, tabulator, semicolon or bar; UTF-8) with the same columns: numbers, or
        one column of texts called ``text``. Two ``.npz`` files with ``X`` (and ``y`` for the
        source), or ``.npy`` arrays whose last column is the label (in the target it may be there;
        it is not read). Two folders of pictures, the source with a folder for each class.
    label : str
        Column of the labels. Where the target has it too it is not read.
    labeled : str or Path, optional
        A further file or folder of target rows with labels.
    text : str
        Column of the texts.
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
    read = {"pictures": _pictures, "arrays": _arrays, "table": _table}[kinds["source"]]
    given = {
        name: read(place, name, label=label, text=text, labels=name != "target")
        for name, place in places.items()
    }
    if kinds["source"] == "table":
        _check_columns(given, places)
    options.setdefault("names", (places["source"].name, places["target"].name))
    extra = given.get("labeled")
    return diagnose(given["source"], given["target"][0], extra, **options)


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


def _arrays(place: Path, name: str, *, labels: bool, **_: Any) -> tuple[Any, Any]:
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


def _pictures(place: Path, name: str, *, labels: bool, **_: Any) -> tuple[Any, Any]:
    """Return pictures as uint8 (n, 3, 24, 24) and their classes; damaged files are refused."""
    from tlbook.data.online.pictures import SUFFIXES, read_pictures
    from tlbook.data.own import list_pictures
    from tlbook.data.own.folders import files_below
    from tlbook.data.own.picture_list import shorten

    if labels:
        try:
            frame = list_pictures(place, quiet=True)
        except ValueError as error:
            raise ValueError(f"{name}: {str(error).removeprefix('folder: ')}") from None
        if frame.attrs["damaged"]:
            raise ValueError(f"{name}: damaged pictures: {shorten(frame.attrs['damaged'])}")
        paths, y = [Path(each) for each in frame.path], frame.label.to_numpy(dtype=str)
    else:
        paths = [path for path in files_below(place) if path.suffix.lower() in SUFFIXES]
        y = None
        if not paths:
            raise ValueError(f"{name}: got {place} without a picture, want some")
    try:
        return read_pictures(paths, SIDE), y
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from None


def _table(place: Path, name: str, *, label: str, text: str, labels: bool) -> tuple[Any, Any]:
    """Return the rows of a CSV file without its labels, and the labels."""
    frame = _read_csv(place, name)
    y = None
    if label in frame.columns:
        y = frame[label] if labels else None
        frame = frame.drop(columns=label)
    elif labels:
        known = ", ".join(map(str, frame.columns[:8]))
        raise ValueError(
            f"{name}: {place.name} has no column {label!r} of labels; it has {known} (--label)"
        )
    if y is not None and y.isna().any():
        row = int(y.isna().to_numpy().argmax()) + 2
        raise ValueError(f"{name}: {place.name} has no {label} in line {row}, want one in each")
    if text in frame.columns and not _numeric(frame[text]):
        missing = frame[text].isna()
        if missing.any():
            row = int(missing.to_numpy().argmax()) + 2
            raise ValueError(f"{name}: {place.name} has no {text} in line {row}, want words")
        return frame[text].astype(str).to_list(), None if y is None else y.to_numpy(dtype=str)
    for column in frame.columns:
        if not _numeric(frame[column]):
            odd = next(v for v in frame[column] if not _is_number(v))
            raise ValueError(
                f"{name}: column {column!r} of {place.name} is not of numbers (it has {odd!r}); "
                "leave it out, or turn its values into columns of 0 and 1 (pandas.get_dummies)"
            )
    return frame, None if y is None else y.to_numpy(dtype=str)


def _read_csv(place: Path, name: str) -> pd.DataFrame:
    import pandas as pd

    with open(place, "rb") as file:
        first = file.readline(50_000_000)
    if not first.strip():
        raise ValueError(f"{name}: {place.name} is empty, want a line of column names and rows")
    separator = max(",\t;|", key=lambda each: first.count(each.encode()))
    columns = first.count(separator.encode()) + 1
    if columns > MOST_COLUMNS + 1:
        raise ValueError(
            f"{name}: {place.name} has {columns:,} columns, want at most {MOST_COLUMNS:,}"
        )
    try:
        frame = pd.read_csv(place, sep=separator, encoding="utf-8-sig")
    except UnicodeError:
        raise ValueError(
            f"{name}: {place.name} is not UTF-8; save it as UTF-8 (iconv -f gb18030 -t utf-8)"
        ) from None
    except (pd.errors.ParserError, pd.errors.EmptyDataError, ValueError) as error:
        reason = str(error).splitlines()[0]
        raise ValueError(f"{name}: {place.name} cannot be read as a table ({reason})") from None
    if not len(frame):
        raise ValueError(f"{name}: {place.name} has no rows, want some below the column names")
    return frame


def _numeric(column: pd.Series) -> bool:
    return column.dtype.kind in "biuf"


def _is_number(value: Any) -> bool:
    try:
        float(value)
    except (TypeError, ValueError):
        return False
    return True


def _check_columns(given: dict[str, Any], places: dict[str, Path]) -> None:
    own = given["source"][0]
    for name, (rows, _) in given.items():
        if isinstance(rows, list) != isinstance(own, list):
            raise ValueError(f"{name}: {places[name].name} has texts where the other has numbers")
        if isinstance(rows, list):
            continue
        missing = [str(c) for c in own.columns if c not in rows.columns]
        more = [str(c) for c in rows.columns if c not in own.columns]
        if missing or more:
            said = [f"lacks {', '.join(missing[:5])}"] * bool(missing)
            said += [f"has {', '.join(more[:5])}"] * bool(more)
            raise ValueError(
                f"{name}: {places[name].name} {' and '.join(said)}; want the columns of "
                f"{places['source'].name}"
            )
        given[name] = (rows[list(own.columns)], given[name][1])
