"""One or two CSV files of labeled texts, your own, as a task."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tlbook.data.catalogue import load_again
from tlbook.data.online.draws import check_limit, sample_rows
from tlbook.data.own.copies import halves, without_copies
from tlbook.data.own.text_list import list_texts
from tlbook.data.random import check_seed, generator
from tlbook.domains.task import Domain, Task

if TYPE_CHECKING:
    import pandas as pd

Each = str | tuple[str, str]
"""One value for both files, or one for the source and one for the target."""


def load_csv_texts(
    seed: int = 0,
    *,
    source: str | Path | None = None,
    target: str | Path | None = None,
    test: str | Path | None = None,
    text: Each = "text",
    label: Each = "label",
    separator: Each | None = None,
    encoding: Each = "utf-8",
    quoting: int | tuple[int | None, int | None] | None = None,
    n_source: int | None = None,
    n_target: int | None = None,
    duplicates: str = "drop",
) -> Task:
    """Return tables of labeled texts as a task: from one to the other, or one alone.

    A fifth of the source is the validation part. Half of the target is its training part and half
    its test part, each with its share of every class and no text in both; with ``test`` the whole
    target is the training part and this file the test part. With ``target`` alone the task has no
    source rows: its source is what an encoder was pretrained on. Inputs are str in arrays of shape
    (n,).

    Parameters
    ----------
    seed : int
        Seed of splits and subsamples.
    source, target, test : str or Path
        CSV files with a line of column names. The target's labels are sealed: they are there to be
        bought by :meth:`Task.label` and to grade. ``test`` is read like the target.
    text, label, separator, encoding, quoting
        See :func:`tlbook.data.list_texts`; a pair names the source's and the target's.
    n_source, n_target : int, optional
        At most so many source rows (validation part included), and rows of the target's training
        part, drawn by ``seed`` with the share of each class kept.
    duplicates : {"drop", "keep"}
        Texts of the source that the target has too, and texts of its training part that ``test``
        has too, are left out, or kept; either way a printed line counts them.

    Raises
    ------
    ValueError
        As :func:`tlbook.data.list_texts`; and for fewer than two classes, fewer than two texts of a
        class, or if the target has a class that the source has not.
    """
    check_seed(seed)
    check_limit(n_source, "n_source", 2)
    check_limit(n_target, "n_target", 2)
    reading: dict[str, Any] = {"text": text, "label": label, "separator": separator}
    reading |= {"encoding": encoding, "quoting": quoting}
    if target is None:
        alone = " (one file alone is the target)" * (source is not None)
        raise ValueError(f"target: got nothing, want the path of a CSV file{alone}")
    if n_source is not None and source is None:
        raise ValueError(f"n_source: got {n_source} without source, want a task with a source")
    learned = None if source is None else _table(source, "source", reading, 0, least=2)
    train = _table(target, "target", reading, 1, least=2 if source is None else 1)
    given = [frame for frame in (learned, train) if frame is not None]
    classes = tuple(sorted(set(given[0].label)))
    _check_known(train, "target", classes, "source")
    if test is None:
        train, graded = halves(train, generator("halves of csv-texts", seed), "target")
    else:
        graded = _table(test, "test", reading, 1)
        _check_known(graded, "test", classes, "target" if learned is None else "source")
        train = without_copies(train, graded, "target", "test", duplicates)
    if learned is not None:
        here = given[-1] if test is None else _both(train, graded)
        learned = without_copies(learned, here, "source", "target", duplicates)

    def part(frame: pd.DataFrame, n: int | None, name: str) -> Callable[[], tuple]:
        X, y = _arrays(frame, classes)
        rows = sample_rows(y, n, f"csv-texts {name}", seed)
        return lambda: (X[rows], y[rows])

    learning = validation = None
    if learned is not None:
        X, y = part(learned, n_source, "source")()
        held = max(1, len(y) // 5)
        learning = Domain("texts", X[held:], y[held:], classes)
        validation = Domain("texts, validation", X[:held], y[:held], classes)
    files = {"source": source, "target": target, "test": test}
    options: dict[str, Any] = {k: None if v is None else str(v) for k, v in files.items()}
    counts = " → ".join(f"{len(frame):,} texts" for frame in given)
    return Task(
        "csv-texts",
        seed=seed,
        options={
            **options,
            **reading,
            "n_source": n_source,
            "n_target": n_target,
            "duplicates": duplicates,
        },
        source=learning,
        validation=validation,
        target_train=part(train, n_target, "target"),
        target_test=part(graded, None, "test"),
        classes=classes,
        recipe=load_again,
        provenance=counts + (f", test {len(graded):,} texts" if test is not None else ""),
    )


def _table(
    path: str | Path, name: str, reading: dict[str, Any], which: int, least: int = 1
) -> pd.DataFrame:
    """Return the texts of one file; ``which`` of a pair of options is its own."""
    options = {k: v[which] if isinstance(v, tuple | list) else v for k, v in reading.items()}
    try:
        frame = list_texts(path, **options)
    except ValueError as error:
        words = str(error)
        # The file is known by the name of its option here.
        raise ValueError(f"{name}{words[4:]}" if words.startswith("file:") else words) from None
    counts = frame.label.value_counts()
    if len(counts) < least:
        raise ValueError(f"{name}: {Path(path).name} has one class, {counts.index[0]}; want two")
    if counts.min() < 2 and name != "test":
        few = ", ".join(map(str, counts.index[counts < 2][:5]))
        raise ValueError(f"{name}: {Path(path).name} has too few texts ({few}), want 2 a class")
    return frame


def _check_known(frame: pd.DataFrame, name: str, classes: tuple[str, ...], known: str) -> None:
    if unknown := sorted(set(frame.label) - set(classes)):
        raise ValueError(
            f"{name}: got the classes {', '.join(unknown[:5])}, which {known} has not; want "
            f"classes out of {', '.join(classes[:20])}"
        )


def _arrays(frame: pd.DataFrame, classes: tuple[str, ...]) -> tuple[np.ndarray, np.ndarray]:
    labels = frame.label.to_numpy(dtype=str)
    return np.array([*frame.text, None], dtype=object)[:-1], np.searchsorted(classes, labels)


def _both(first: pd.DataFrame, second: pd.DataFrame) -> pd.DataFrame:
    import pandas as pd

    return pd.concat([first, second])
