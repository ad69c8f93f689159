"""The stored tables of chapter 05, read: chosen and best settings, gains, correctness by text."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pandas as pd

from tlbook.evaluation import paired_test

BASE = "no adaptation"


def chosen(frame: Any, name: str) -> dict[str, np.ndarray]:
    """Return for each method the accuracies over the seeds, with the settings that were chosen.

    Parameters
    ----------
    frame : DataFrame
        The stored result ``feature_alignment``.
    name : str
        A case in it.

    Raises
    ------
    ValueError
        If there is no such case.
    """
    rows = frame[(frame.case == name) & (frame.chosen == 1)].sort_values("seed", kind="stable")
    if len(rows) == 0:
        raise ValueError(f"name: got {name!r}, want one of {', '.join(frame.case.unique())}")
    return {m: g.accuracy.to_numpy() for m, g in rows.groupby("method", sort=False)}


def summary(frame: Any, tuning: Any, name: str) -> pd.DataFrame:
    """Return one row per method: pseudo-task, target, paired gain, best setting in hindsight.

    Parameters
    ----------
    frame, tuning : DataFrame
        The stored results ``feature_alignment`` and ``feature_tuning``.
    name : {"digits", "MiniLM", "TF-IDF"}

    Returns
    -------
    DataFrame
        In percent and percentage points: the accuracy of the chosen setting on the pseudo-tasks
        and on the target (mean and SD over seeds), its gain over no adaptation with a 95 %
        interval paired by seed, and the accuracy of the setting that is best *on the target's
        test labels* (an oracle: nobody has it).
    """
    accuracy, rows = chosen(frame, name), {}
    of_case = frame[frame.case == name]
    pseudo = tuning[tuning.case == name].groupby(["method", "settings"]).accuracy.mean()
    for method, values in accuracy.items():
        mine = of_case[of_case.method == method]
        gain = paired_test(values, accuracy[BASE])
        known = method in pseudo.index
        setting = mine[mine.chosen == 1].settings.iloc[0]
        rows[method] = {
            "pseudo-task": 100 * pseudo[method, setting] if known else np.nan,
            "target": 100 * values.mean(),
            "SD": 100 * values.std(ddof=1),
            "gain": 100 * gain.effect,
            "low": 100 * gain.low,
            "high": 100 * gain.high,
            "oracle": 100 * mine.groupby("settings").accuracy.mean().max(),
        }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("method")


def readable(table: pd.DataFrame) -> pd.DataFrame:
    """Return a summary in words: means in percent, gains in points with their 95 % interval.

    Parameters
    ----------
    table : DataFrame
        Of :func:`summary`. A star marks a gain whose interval does not contain 0.
    """
    gains = []
    for row in table.itertuples():
        star = " *" if row.low > 0 or row.high < 0 else ""
        gains.append(f"{row.gain:+.1f} [{row.low:.1f}, {row.high:.1f}]{star}")
    percent = table.map(lambda value: "–" if np.isnan(value) else f"{value:.1f}")
    shown = pd.DataFrame(
        {
            "on the pseudo-tasks": percent["pseudo-task"],
            "on the target": percent["target"],
            "gain [95 %]": gains,
            "best setting in hindsight": percent["oracle"],
        }
    )
    shown.loc[BASE, "gain [95 %]"] = "–"
    return shown


def by_text(frame: Any, name: str, method: str) -> np.ndarray:
    """Return for each torch text how often it was answered rightly, over the stored splits.

    The splits draw from one pool of texts, so the spread over seeds says little about new texts; an
    interval over texts does.

    Parameters
    ----------
    frame : DataFrame
        The stored result ``feature_alignment``.
    name : {"MiniLM", "TF-IDF"}
    method : str
        An aligner, with its chosen settings.

    Returns
    -------
    array of shape (texts,)
        Fraction in [0, 1] of the splits that tested it.

    Raises
    ------
    ValueError
        If the table has no such rows.
    """
    rows = frame[(frame.case == name) & (frame.method == method) & (frame.chosen == 1)]
    if len(rows) == 0:
        raise ValueError(f"method: got {method!r} on {name!r}, want rows of the stored table")
    counts = [Counter(n for t in rows[column] for n in t.split()[1:]) for column in PER_TEXT]
    tested, wrong = counts
    return np.array([1 - wrong[n] / tested[n] for n in sorted(tested, key=int)])


PER_TEXT = ("tested", "wrong")
