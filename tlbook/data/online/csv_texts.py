"""Two CSV files of labeled texts, your own, as a task."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from tlbook.data.catalogue import load_again
from tlbook.data.docstrings.task import proportional_order
from tlbook.data.online.draws import check_limit, sample_rows
from tlbook.data.random import check_seed, generator
from tlbook.domains.task import Domain, Task


def load_csv_texts(
    seed: int = 0,
    *,
    source: str | Path | None = None,
    target: str | Path | None = None,
    text: str = "text",
    label: str = "label",
    separator: str = ",",
    n_source: int | None = None,
    n_target: int | None = None,
) -> Task:
    """Return two tables of labeled texts as a task from one to the other.

    A fifth of the source is the validation part. Half of the target is its training part and half
    its test part, each with its share of every class. Inputs are str in arrays of shape (n,).

    Parameters
    ----------
    seed : int
        Seed of splits and subsamples.
    source, target : str or Path
        CSV files in UTF-8 with a line of column names. The target's labels are sealed: they are
        there to be bought by :meth:`Task.label` and to grade.
    text, label : str
        Names of the two columns.
    separator : str
        Between columns; ``"\\t"`` for tables with tabulators.
    n_source, n_target : int, optional
        At most so many source rows (validation part included), and rows of the target's training
        part, drawn by ``seed`` with the share of each class kept.

    Raises
    ------
    ValueError
        If a file is missing, not UTF-8 or no table, has no such column, an empty text or label (the
        line is named), fewer than two classes, fewer than two texts of a class, or if the target
        has a class that the source has not.
    """
    check_seed(seed)
    check_limit(n_source, "n_source", 2)
    check_limit(n_target, "n_target", 2)
    texts_s, names_s = _table(source, "source", text, label, separator)
    texts_t, names_t = _table(target, "target", text, label, separator)
    classes = tuple(sorted(set(names_s)))
    unknown = sorted(set(names_t) - set(classes))
    if unknown:
        raise ValueError(
            f"target: got the classes {', '.join(unknown[:5])}, which source has not; want classes "
            f"out of {', '.join(classes[:20])}"
        )
    y_s, y_t = np.searchsorted(classes, names_s), np.searchsorted(classes, names_t)
    rows = sample_rows(y_s, n_source, "csv-texts source", seed)
    held = max(1, len(rows) // 5)
    order = proportional_order(y_t, generator("halves of csv-texts", seed))
    train, test = order[: len(order) // 2], order[len(order) // 2 :]
    train = train[sample_rows(y_t[train], n_target, "csv-texts target", seed)]

    def part(texts: np.ndarray, y: np.ndarray, chosen: np.ndarray) -> Callable[[], tuple]:
        return lambda: (texts[chosen], y[chosen])

    return Task(
        "csv-texts",
        seed=seed,
        options={
            "source": str(source),
            "target": str(target),
            "text": text,
            "label": label,
            "separator": separator,
            "n_source": n_source,
            "n_target": n_target,
        },
        source=Domain("texts", texts_s[rows[held:]], y_s[rows[held:]], classes),
        validation=Domain("texts, validation", texts_s[rows[:held]], y_s[rows[:held]], classes),
        target_train=part(texts_t, y_t, train),
        target_test=part(texts_t, y_t, test),
        classes=classes,
        recipe=load_again,
        provenance=f"{len(texts_s):,} texts → {len(texts_t):,} texts",
    )


def _table(
    path: str | Path | None, name: str, text: str, label: str, separator: str
) -> tuple[np.ndarray, np.ndarray]:
    """Return the texts and the class names of one file."""
    import pandas as pd

    if path is None:
        raise ValueError(f"{name}: got nothing, want the path of a CSV file")
    file = Path(path).expanduser()
    if not file.is_file():
        raise ValueError(f"{name}: got {str(path)!r}, want a CSV file that is there")
    try:
        frame = pd.read_csv(
            file, sep=separator, dtype=str, keep_default_na=False, encoding="utf-8-sig"
        )
    except UnicodeDecodeError as error:
        raise ValueError(
            f"{name}: {file.name} is not UTF-8 (byte {error.start}); save it as UTF-8"
        ) from None
    except (pd.errors.ParserError, pd.errors.EmptyDataError, ValueError) as error:
        raise ValueError(f"{name}: {file.name} is no table ({str(error).strip()})") from None
    for column, option in ((text, "text"), (label, "label")):
        if column not in frame.columns:
            known = ", ".join(map(repr, frame.columns[:20]))
            raise ValueError(f"{option}: got {column!r}, {file.name} has the columns {known}")
    for column in (text, label):
        blank = np.flatnonzero(frame[column].str.strip() == "")
        if len(blank):
            raise ValueError(
                f"{name}: {file.name} has an empty {column!r} in data row {blank[0] + 1}"
                + (f" and {len(blank) - 1} more" if len(blank) > 1 else "")
            )
    labels = np.array(frame[label].str.strip().tolist())
    values, counts = np.unique(labels, return_counts=True)
    if len(values) < 2 and name == "source":
        raise ValueError(f"source: {file.name} has {len(values)} class(es), want at least 2")
    if len(counts) == 0 or counts.min() < 2:
        few = values[counts < 2][:5] if len(counts) else ["nothing"]
        raise ValueError(
            f"{name}: {file.name} has too few texts ({', '.join(few)}), want 2 a class"
        )
    return np.array([*frame[text], None], dtype=object)[:-1], labels
