"""Stored studies as chapters read them for tables and claims: what is compared, in which case.

Arrays are sorted by seed, so that two of them pair up.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tlbook._base.checks import check_choice
from tlbook.evaluation.statistics import paired_test

if TYPE_CHECKING:
    import pandas as pd


def rows(frame: pd.DataFrame, **where: Any) -> pd.DataFrame:
    """Return the rows of a case, such as ``bias="scale"``.

    Raises
    ------
    ValueError
        If there is no such column or case.
    """
    for name, value in where.items():
        check_choice(name, "where", tuple(frame.columns))
        frame = frame[frame[name] == check_choice(value, name, tuple(frame[name].unique()))]
    return frame


def values(frame: pd.DataFrame, column: str, **where: Any) -> np.ndarray:
    """Return one column over the seeds, (seeds,); ``where`` names the case and what is compared.

    Raises
    ------
    ValueError
        As :func:`rows`, or if the case leaves several rows a seed.
    """
    check_choice(column, "column", tuple(frame.columns))
    frame = rows(frame, **where)
    if frame.seed.duplicated().any():
        case = [name for name in frame if name != "seed" and 1 < frame[name].nunique() < 7]
        raise ValueError(f"where: got {where}, want one case of {', '.join(case)}")
    return frame.sort_values("seed")[column].to_numpy()


def gained(more: np.ndarray, less: np.ndarray, factor: float = 1.0) -> str:
    """Return what one has more than another in the words of a table: "+1.8 [+0.0, +3.6]"."""
    found = paired_test(factor * more, factor * less)
    return f"{found.effect:+.1f} [{found.low:+.1f}, {found.high:+.1f}]"
