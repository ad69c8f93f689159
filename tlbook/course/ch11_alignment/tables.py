"""The stored studies of chapters 10 and 11, read for their tables and claims.

Accuracies are fractions, arrays are sorted by seed so that two of them pair up; what is called a
gain or a loss is in points.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from tlbook._base.checks import check_choice
from tlbook.course.ch11_alignment.choices import (
    FAMILIES,
    candidates,
    oracle_gap,
    points_lost,
    second_choice,
    within_methods,
)
from tlbook.course.results import stored
from tlbook.evaluation.statistics import PairedResult, paired_test

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "BASE",
    "FAMILIES",
    "candidates",
    "gain",
    "oracle_gap",
    "oracle_table",
    "points_lost",
    "second_choice",
    "table",
    "values",
    "within_methods",
]

BASE = "source only"


def values(
    method: str, column: str = "accuracy", *, study: str = "adaptation_table", arm: str = ""
) -> np.ndarray:
    """Return one column of a method over the seeds.

    Parameters
    ----------
    method : str
        As in ``methods.METHODS``.
    column : str
        ``"accuracy"``, ``"seconds"``; under label shift also ``"balanced"``, ``"rare"``.
    study : {"adaptation_table", "adaptation_label_shift"}
    arm : {"", "matched", "label shift"}
        Of the label-shift study.

    Raises
    ------
    ValueError
        If there is no such method, column or arm.
    """
    frame = stored.load(study)
    if arm or "arm" in frame:
        frame = frame[frame.arm == check_choice(arm, "arm", tuple(frame.arm.unique()))]
    frame = frame[frame.method == check_choice(method, "method", tuple(frame.method.unique()))]
    check_choice(column, "column", tuple(frame.columns))
    return frame.sort_values("seed")[column].to_numpy()


def gain(method: str, over: str = BASE, *, column: str = "accuracy", arm: str = "") -> PairedResult:
    """Return what a method gains over another, paired by seed, in points with its interval.

    ``arm`` chooses the arm of the label-shift study; without it the main table is meant.

    Raises
    ------
    ValueError
        If there is no such method, column or arm.
    """
    study = "adaptation_label_shift" if arm else "adaptation_table"
    better, worse = (values(name, column, study=study, arm=arm) for name in (method, over))
    return paired_test(100 * better, 100 * worse)


def table(methods: Sequence[str] | None = None, *, arm: str = "") -> pd.DataFrame:
    """Return a row per method: accuracy, its standard deviation, gain with interval, seconds.

    Parameters
    ----------
    methods : sequence of str, optional
        All by default, in the order of the study.
    arm : {"", "matched", "label shift"}
        Of the label-shift study, which has no seconds but ``balanced`` accuracies.

    Raises
    ------
    ValueError
        If there is no such method or arm.
    """
    import pandas as pd

    study = "adaptation_label_shift" if arm else "adaptation_table"
    frame = stored.load(study)
    if arm:
        frame = frame[frame.arm == check_choice(arm, "arm", tuple(frame.arm.unique()))]
    last = "balanced" if arm else "seconds"
    rows = {}
    for name in frame.method.unique() if methods is None else methods:
        accuracy = 100 * values(name, study=study, arm=arm)
        found = gain(name, arm=arm)
        interval = f"{found.effect:+.1f} [{found.low:+.1f}, {found.high:+.1f}]"
        extra = values(name, last, study=study, arm=arm).mean()
        rows[name] = {
            "accuracy (%)": round(accuracy.mean(), 1),
            "±": round(accuracy.std(ddof=1), 1),
            "gain": "" if name == BASE else interval,
            "balanced (%)" if arm else "seconds": round(100 * extra if arm else extra, 1),
        }
    return pd.DataFrame.from_dict(rows, orient="index")


def oracle_table() -> pd.DataFrame:
    """Return what the choice without labels has cost on the eight tasks of the table.

    One row for each method of which target labels of the development tasks would have chosen other
    settings: accuracies in percent with either, and the loss in points with its paired interval.
    """
    import pandas as pd

    oracle = stored.load("adaptation_oracle")
    rows = {}
    for name, group in oracle.groupby("method", sort=False):
        best = 100 * group.sort_values("seed").accuracy.to_numpy()
        mine = 100 * values(str(name))
        lost = paired_test(best, mine)
        rows[name] = {
            "chosen (%)": round(mine.mean(), 1),
            "oracle": group.settings.iloc[0],
            "oracle (%)": round(best.mean(), 1),
            "oracle's gain": round(float((best - 100 * values(BASE)).mean()), 1),
            "lost": f"{lost.effect:+.1f} [{lost.low:+.1f}, {lost.high:+.1f}]",
        }
    return pd.DataFrame.from_dict(rows, orient="index")
