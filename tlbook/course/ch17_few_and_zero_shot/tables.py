"""What the text studies of chapter 17 found: accuracies by seed, and differences text by text."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tlbook._base.checks import check_choice
from tlbook.course.results import stored
from tlbook.evaluation import Interval, t_interval

if TYPE_CHECKING:
    import pandas as pd


def shots() -> pd.DataFrame:
    """Return the rows of ``text_shots`` and ``text_setfit``."""
    import pandas as pd

    parts = [stored.load(name) for name in ("text_shots", "text_setfit")]
    return pd.concat(parts, ignore_index=True)


def budgets(method: str) -> list[int]:
    """Return the labels per topic at which a method was run."""
    rows = shots()
    return sorted(set(rows[rows.method == method].k))


def arm(method: str, k: int = 0, column: str = "accuracy") -> np.ndarray:
    """Return a column of one method at one number of labels per topic, ordered by seed.

    Raises
    ------
    ValueError
        If there is no such method, budget or column.
    """
    rows = shots()
    check_choice(column, "column", rows.columns)
    rows = rows[rows.method == check_choice(method, "method", sorted(set(rows.method)))]
    check_choice(k, "k", budgets(method))
    return rows[rows.k == k].sort_values("seed")[column].to_numpy()


def by_text(method: str, k: int = 0) -> np.ndarray:
    """Return for each torch text the share of its tests that were right, in corpus order.

    A text is in the test of about half of the eight seeds; one that is in none is NaN.
    """
    marks = np.array([list(row) for row in arm(method, k, "marks")])
    tests = (marks != ".").sum(axis=0)
    right = (marks == "1").sum(axis=0)
    return np.where(tests > 0, right / np.maximum(tests, 1), np.nan)


def text_differences(a: tuple[str, int], b: tuple[str, int]) -> np.ndarray:
    """Return for each text method a minus method b, each a (method, labels per topic).

    Both saw the same splits and the same labels, so the difference is paired.
    """
    gap = by_text(*a) - by_text(*b)
    return gap[np.isfinite(gap)]


def text_interval(a: tuple[str, int], b: tuple[str, int]) -> Interval:
    """Return the mean of ``text_differences`` with its 95 % interval over texts."""
    return t_interval(text_differences(a, b))


def wordings(column: str, by: str = "wording") -> pd.Series:
    """Return the mean of a column of ``text_wordings`` for each wording, or for each seed.

    Raises
    ------
    ValueError
        If there is no such column.
    """
    rows = stored.load("text_wordings")
    for name in (column, by):
        check_choice(name, "column", rows.columns)
    return rows.groupby(by, sort=False)[column].mean()
