"""One or two CSV files of numbers with labels, your own, as a task."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tlbook._base.checks import check_choice
from tlbook.data.catalogue import load_again
from tlbook.data.own.copies import halves, without_copies
from tlbook.data.own.text_list import SEPARATORS, _column, _decoded, _rows, check_separator
from tlbook.data.random import check_seed, generator
from tlbook.domains.task import Domain, Task

if TYPE_CHECKING:
    import pandas as pd

KINDS = ("classification", "regression")


def load_csv_numbers(
    seed: int = 0,
    *,
    source: str | Path | None = None,
    target: str | Path | None = None,
    test: str | Path | None = None,
    label: str = "label",
    columns: Sequence[str] | None = None,
    kind: str = "classification",
    separator: str | None = None,
    encoding: str = "utf-8",
    duplicates: str = "drop",
) -> Task:
    """Return tables of numbers as a task: from one file to the other.

    Inputs are float64 of shape (n, columns). A fifth of the source is the validation part. Half of
    the target is its training part and half its test part, each with its share of every class; with
    ``test`` the whole target is the training part and this file the test part. With ``target``
    alone the task has no source rows.

    Parameters
    ----------
    seed : int
        Seed of the splits.
    source, target, test : str or Path
        CSV files with a line of column names. The target's labels are sealed: they are there to be
        bought by :meth:`Task.label` and to grade.
    label : str
        Name of the column with the labels: any words or numbers, a class for each; in a regression
        numbers.
    columns : sequence of str, optional
        Which columns are the inputs, in this order; by default all but the label's, in the order of
        the first file. Every file has them, in any order.
    kind : {"classification", "regression"}
    separator : str, optional
        Between columns, one character; by default the one of comma, tabulator, semicolon and bar
        that gives the most columns.
    encoding : str
    duplicates : {"drop", "keep"}
        Rows of the source that the target has too, and rows of its training part that ``test`` has
        too, are left out, or kept; either way a printed line counts them.

    Raises
    ------
    ValueError
        If a file is missing or lacks a column, a value is missing or no number (with its line and
        column), or a class has fewer than two rows or does not occur in the source.
    """
    check_seed(seed)
    check_choice(kind, "kind", KINDS)
    if target is None:
        raise ValueError("target: got nothing, want the path of a CSV file")
    reading: dict[str, Any] = {"label": label, "columns": columns, "kind": kind}
    reading |= {"separator": separator, "encoding": encoding}
    learned = None if source is None else _table(source, "source", reading)
    if learned is not None:
        reading["columns"] = tuple(learned.columns[:-2])
    train = _table(target, "target", reading)
    reading["columns"] = tuple(train.columns[:-2])
    given = [frame for frame in (learned, train) if frame is not None]
    classes = _classes(given[0], kind)
    if test is None:
        train, graded = _halves(train, seed, kind)
    else:
        graded = _table(test, "test", reading)
        train = without_copies(train, graded, "target", "test", duplicates)
    for frame, name in ((train, "target"), (graded, "test")):
        _check_known(frame, name, classes)
    if learned is not None:
        import pandas as pd

        both = pd.concat([train, graded])
        learned = without_copies(learned, both, "source", "target", duplicates)

    def part(frame: pd.DataFrame) -> Callable[[], tuple[np.ndarray, np.ndarray]]:
        X = frame[list(reading["columns"])].to_numpy(dtype=float)
        y = frame["label"].to_numpy()
        if classes is not None:
            y = np.searchsorted(classes, y.astype(str))
        return lambda: (X, y.astype(float) if classes is None else y)

    learning = validation = None
    if learned is not None:
        X, y = part(learned)()
        order = generator("validation of csv-numbers", seed).permutation(len(y))
        held, kept = np.split(order, [max(1, len(y) // 5)])
        learning = Domain("numbers", X[kept], y[kept], classes)
        validation = Domain("numbers, validation", X[held], y[held], classes)
    files = {"source": source, "target": target, "test": test}
    return Task(
        "csv-numbers",
        seed=seed,
        options={
            **{name: None if path is None else str(path) for name, path in files.items()},
            **reading,
            "columns": None if columns is None else tuple(columns),
            "duplicates": duplicates,
        },
        source=learning,
        validation=validation,
        target_train=part(train),
        target_test=part(graded),
        classes=classes,
        kind=kind,
        recipe=load_again,
        provenance=" → ".join(f"{len(frame):,} rows" for frame in given)
        + f" of {len(reading['columns'])} numbers",
    )


def _table(path: str | Path, name: str, reading: dict[str, Any]) -> pd.DataFrame:
    """Return the chosen columns as numbers, then ``label`` and ``content`` (a hash of the row)."""
    import pandas as pd

    place = Path(path).expanduser()
    if not place.is_file():
        raise ValueError(f"{name}: got {str(path)!r}, want a CSV file that is there")
    written = _decoded(place, reading["encoding"])
    check_separator(reading["separator"])
    separator = reading["separator"] or _separator(written)
    header, lines = _rows(written, place.name, separator, None)
    label = _column(header, reading["label"], "label", place.name, separator)
    names = reading["columns"] or [c.strip() for i, c in enumerate(header) if i != label]
    if not names:
        raise ValueError(f"columns: {place.name} has the label alone, want one column of numbers")
    numbers = [_column(header, each, "columns", place.name, separator) for each in names]
    if label in numbers:
        raise ValueError(f"columns: got {reading['label']!r}, which is the label, want others")
    X = np.array(
        [
            [_number(row[n], place.name, line, header[n]) for n in numbers]
            for line, row in lines
        ]
    ).reshape(len(lines), len(numbers))  # fmt: skip
    y: list[Any] = [row[label].strip() for _, row in lines]
    for (line, _), word in zip(lines, y, strict=True):
        if not word:
            raise ValueError(f"label: {place.name} has no label in line {line}, want one a row")
    if reading["kind"] == "regression":
        y = [
            _number(word, place.name, line, reading["label"])
            for (line, _), word in zip(lines, y, strict=True)
        ]
    frame = pd.DataFrame(X, columns=list(names))
    frame["label"] = pd.Series(y, dtype=object)
    frame["content"] = [hashlib.blake2b(row.tobytes(), digest_size=12).hexdigest() for row in X]
    if len(frame) < 2:
        raise ValueError(f"{name}: {place.name} has {len(frame)} rows, want at least 2")
    return frame


def _separator(written: str) -> str:
    """Return the separator that occurs most in the first line."""
    first = next(line for line in written.splitlines() if line.strip())
    return max(SEPARATORS, key=first.count)


def _number(word: str, file: str, line: int, column: str) -> float:
    try:
        value = float(word)
    except ValueError:
        value = np.nan
    if not np.isfinite(value):
        raise ValueError(
            f"columns: {file} has {word.strip()!r} in line {line}, column {column.strip()!r}, want "
            "a finite number (choose columns=, or fill what is missing first)"
        )
    return value


def _classes(frame: pd.DataFrame, kind: str) -> tuple[str, ...] | None:
    if kind == "regression":
        return None
    classes = tuple(sorted(set(frame.label)))
    if len(classes) < 2:
        raise ValueError(f"label: got the one class {classes[0]!r}, want two or more")
    return classes


def _halves(frame: pd.DataFrame, seed: int, kind: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    rng = generator("halves of csv-numbers", seed)
    if kind == "classification":
        return halves(frame, rng, "target")
    first = halves(frame.assign(label="all"), rng, "target")[0].index
    return frame.loc[first], frame.drop(index=first)


def _check_known(frame: pd.DataFrame, name: str, classes: tuple[str, ...] | None) -> None:
    if classes is not None and (unknown := sorted(set(frame.label) - set(classes))):
        raise ValueError(
            f"{name}: got the classes {', '.join(unknown[:5])}, want classes out of "
            f"{', '.join(classes[:20])}"
        )
