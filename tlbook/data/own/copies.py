"""Copies of one picture or text: kept on one side of every split, and found between files."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tlbook._base.checks import check_choice

if TYPE_CHECKING:
    import pandas as pd

WAYS = ("drop", "keep")


def halves(
    frame: pd.DataFrame, rng: np.random.Generator, name: str
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return two halves of the rows of every class, no content in both.

    Raises
    ------
    ValueError
        If a class has fewer than two different contents.
    """
    unique = frame.drop_duplicates("content")
    chosen: list[str] = []
    for _, inside in unique.groupby("label"):
        order = rng.permutation(inside.content.to_numpy(dtype=str))
        chosen += order[: len(order) // 2].tolist()
    first = frame.content.isin(chosen)
    if few := sorted(set(frame.label) - (set(frame.label[first]) & set(frame.label[~first]))):
        raise ValueError(f"{name}: want at least 2 different rows in each class, not in {few[0]}")
    return frame[first], frame[~first]


def without_copies(
    rows: pd.DataFrame, other: pd.DataFrame, which: str, where: str, duplicates: str
) -> pd.DataFrame:
    """Return the rows whose content is not in ``other``, and say how many were left out.

    Raises
    ------
    ValueError
        If ``duplicates`` is unknown, or nothing is left.
    """
    check_choice(duplicates, "duplicates", WAYS)
    copies = rows.content.isin(set(other.content))
    if not copies.any():
        return rows
    done = "left out of" if duplicates == "drop" else "kept in"
    print(f"{done} {which}: {copies.sum():,} rows that {where} has too")
    if duplicates == "keep":
        return rows
    if copies.all():
        raise ValueError(f"{which}: every row of it is in {where} too, want other rows")
    return rows[~copies]
