"""The stored studies of this notebook, read for its tables and claims.

Arrays are sorted by seed, so that two of them pair up.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from tlbook._base.checks import check_choice
from tlbook.course.results import compared, stored
from tlbook.evaluation.statistics import PairedResult, paired_test

if TYPE_CHECKING:
    import pandas as pd

COMPARED = {
    "vowel_speakers": "method",
    "vowel_recognizer": "method",
    "cytology_clinics": "method",
    "made_messages": "method",
    "word_translation": "map",
    "named_pictures": "arm",
}
"""For each study the column that names what is compared."""

MESSAGES: dict[str, dict[str, Any]] = {
    "spam, mail to chat": {"kind": "spam", "asked": "other channel"},
    "opinions, hotels to gadgets": {"kind": "opinion", "asked": "other channel"},
    "negated opinions": {"kind": "opinion", "asked": "negated"},
}
"""The cases of ``made_messages``."""


def values(study: str, name: str, column: str = "accuracy", **where: Any) -> np.ndarray:
    """Return one column over the seeds, (seeds,), of a method, a map or an arm in one case.

    Raises
    ------
    ValueError
        If there is no such study, name, column or case, or if the case leaves several rows a seed.
    """
    who = COMPARED[check_choice(study, "study", COMPARED)]
    return compared.values(_best(study), column, **{who: name}, **where)


def gain(
    study: str, name: str, over: str, column: str = "accuracy", factor: float = 100, **where: Any
) -> PairedResult:
    """Return what one has more than another, paired by seed, times ``factor``, with its interval.

    Raises
    ------
    ValueError
        As :func:`values`.
    """
    more, less = (factor * values(study, each, column, **where) for each in (name, over))
    return paired_test(more, less)


def table(
    study: str,
    columns: Mapping[str, str],
    *,
    names: Sequence[str] | None = None,
    over: str | None = None,
    factor: float = 100,
    **where: Any,
) -> pd.DataFrame:
    """Return a row for each that is compared, with means, and its gain in the first column.

    Parameters
    ----------
    study, where
        As in :func:`values`.
    columns : mapping from header to column
        What is shown.
    names : sequence of str, optional
        All by default.
    over : str, optional
        Whom the others are compared with, in the first column of ``columns``.
    factor : float
        100 makes percent of fractions.

    Raises
    ------
    ValueError
        As :func:`values`.
    """
    import pandas as pd

    every = compared.rows(_best(study), **where)[COMPARED[study]].unique()
    rows = {}
    for name in map(str, every if names is None else names):
        row: dict[str, Any] = {
            header: round(factor * values(study, name, column, **where).mean(), 1)
            for header, column in columns.items()
        }
        if over is not None:
            first = next(iter(columns.values()))
            more, less = (values(study, each, first, **where) for each in (name, over))
            gained = compared.gained(more, less, factor)
            row[f"gain over {over}"] = "" if name == over else gained
        rows[name] = row
    return pd.DataFrame.from_dict(rows, orient="index")


def across(
    study: str,
    cases: Mapping[str, Mapping[str, Any]],
    column: str = "accuracy",
    factor: float = 100,
) -> pd.DataFrame:
    """Return means as words, a row for each that is compared, a column for each case.

    A place is empty where a case does not have the row.

    Raises
    ------
    ValueError
        As :func:`values`.
    """
    import pandas as pd

    means = {
        case: table(study, {"mean": column}, factor=factor, **where)["mean"]
        for case, where in cases.items()
    }
    order = list(dict.fromkeys(name for rows in means.values() for name in rows.index))
    shown = {
        case: rows.map("{:.1f}".format).reindex(order, fill_value="")
        for case, rows in means.items()
    }
    return pd.DataFrame(shown)


def _best(study: str) -> pd.DataFrame:
    """Return the rows of a study; of several settings of an alignment those that score best.

    Best by the mean accuracy on the target: in favor of the alignments. Target labels are compared
    by their number, so each number is a method of its own.
    """
    frame = stored.load(check_choice(study, "study", COMPARED))
    if "settings" not in frame:
        return frame
    labels = frame.method == "target labels"
    frame = frame.assign(method=frame.method.where(~labels, "target labels, " + frame.settings))
    means = frame.groupby(["method", "settings", "target", "said"], as_index=False).accuracy.mean()
    best = means.sort_values("accuracy").drop_duplicates(["method", "target", "said"], keep="last")
    return frame.merge(best.drop(columns="accuracy"))
