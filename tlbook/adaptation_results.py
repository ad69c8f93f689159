"""The stored studies of chapters 10 and 11, read for their tables and claims.

Accuracies are fractions, arrays are sorted by seed so that two of them pair up; what is called a
gain or a loss is in points.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from tlbook._checks import check_choice
from tlbook.evaluation import stored
from tlbook.evaluation.statistics import PairedResult, paired_test

if TYPE_CHECKING:
    import pandas as pd

BASE = "source only"
LEAST = 5.0
"""Effective number of the ten classes below which a network has collapsed."""


def values(
    method: str, column: str = "accuracy", *, study: str = "adaptation_table", arm: str = ""
) -> np.ndarray:
    """Return one column of a method over the seeds.

    Parameters
    ----------
    method : str
        As in ``adaptation_methods``.
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


# -- choosing without labels ----------------------------------------------------------------------

FAMILIES: dict[str, tuple[str, ...]] = {
    "adversarial": ("DANN", "CDAN", "ADDA"),
    "distances": ("MK-MMD", "JAN", "Deep CORAL"),
    "target answers": (
        "entropy",
        "information maximization",
        "self-training",
        "mean teacher",
        "MMD + self-training",
    ),
}
"""Methods whose settings are compared with each other; "all" adds source only and AdaBN."""


def candidates(guarded: bool = True) -> pd.DataFrame:
    """Return one row per task, method and setting: mean criteria and target accuracy.

    Criteria and accuracy are means over the training seeds. With ``guarded`` the settings of which
    one run has collapsed (fewer than five effective classes) are left out.
    """
    tuning, scores = stored.load("adaptation_tuning"), stored.load("adaptation_criteria")
    keys = ["task_seed", "method", "settings"]
    both = tuning.merge(scores, on=[*keys, "seed"], validate="one_to_one")
    groups = both.groupby(keys, sort=False)
    means = groups.mean().drop(columns="seed").reset_index()
    if guarded:
        means = means[(groups["classes"].min() >= LEAST).to_numpy()]
    return means.reset_index(drop=True)


def points_lost(family: str = "all", *, guarded: bool = True) -> pd.DataFrame:
    """Return what each criterion loses against the best setting, in points, one column per task.

    On each task a criterion picks the setting with its largest mean over the training seeds; the
    loss is the accuracy of the best setting minus that of the one picked. ``random`` is the mean
    over all settings.

    Parameters
    ----------
    family : str
        ``"all"``, a family in ``FAMILIES``, or the name of one method.
    guarded : bool
        Leave out settings that have collapsed, for every criterion and for the best one.

    Returns
    -------
    DataFrame
        Criteria in rows, sorted by the mean; a column per task seed, and ``mean``.

    Raises
    ------
    ValueError
        If the family is unknown.
    """
    import pandas as pd

    from tlbook.selection import CRITERIA

    frame = candidates(guarded)
    known = tuple(frame.method.unique())
    check_choice(family, "family", ("all", *FAMILIES, *known))
    members = known if family == "all" else FAMILIES.get(family, (family,))
    rows: dict[str, dict[int, float]] = {name: {} for name in (*CRITERIA, "random")}
    for seed, group in frame[frame.method.isin(members)].groupby("task_seed"):
        accuracy = 100 * group.accuracy
        for name in CRITERIA:
            rows[name][seed] = accuracy.max() - accuracy[group[name].idxmax()]
        rows["random"][seed] = accuracy.max() - accuracy.mean()
    lost = pd.DataFrame.from_dict(rows, orient="index")
    return lost.assign(mean=lost.mean(axis=1)).sort_values("mean", kind="stable")


def oracle_gap(criterion: str = "agreement") -> pd.DataFrame:
    """Return for each method the settings chosen by a criterion, the best ones, and the loss.

    Chosen over both tasks together, as ``CHOSEN`` was; accuracies in percent, loss in points.

    Raises
    ------
    ValueError
        If the criterion is unknown.
    """
    import pandas as pd

    from tlbook.selection import CRITERIA

    check_choice(criterion, "criterion", CRITERIA)
    all_tasks = candidates(guarded=False).groupby(["method", "settings"], sort=False)
    mean = all_tasks.mean()
    honest = stored.load("adaptation_tuning").groupby(["method", "settings"])["classes"].min()
    rows = {}
    for name in mean.index.unique("method"):
        mine, kept = mean.loc[name], honest.loc[name] >= LEAST
        picked = mine[criterion].where(kept.reindex(mine.index)).idxmax()
        best = mine.accuracy.idxmax()
        rows[name] = {
            "chosen": picked,
            "accuracy (%)": round(100 * mine.accuracy[picked], 1),
            "best": best,
            "best (%)": round(100 * mine.accuracy[best], 1),
            "lost": round(100 * (mine.accuracy[best] - mine.accuracy[picked]), 1),
        }
    return pd.DataFrame.from_dict(rows, orient="index")
