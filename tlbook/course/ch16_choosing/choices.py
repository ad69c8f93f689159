"""What choosing settings without target labels has cost, from the stored studies of adaptation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tlbook._base.checks import check_choice
from tlbook.course.ch11_alignment.arms import BASE, arm
from tlbook.course.results import stored

if TYPE_CHECKING:
    import pandas as pd

LEAST = 5.0
"""Effective number of the ten classes below which a network has collapsed."""

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

    Criteria and accuracy are means over the training seeds; reverse validation has one. With
    ``guarded`` the settings of which one run has collapsed (fewer than five effective classes) are
    left out.
    """
    keys = ["task_seed", "method", "settings"]
    both = stored.load("adaptation_tuning")
    for study in ("adaptation_reverse", "adaptation_criteria"):
        both = both.merge(stored.load(study), how="left", on=[*keys, "seed"], validate="1:1")
    groups = both.groupby(keys, sort=False)
    means = groups.mean().drop(columns="seed").reset_index()
    if guarded:
        means = means[(groups["classes"].min() >= LEAST).to_numpy()]
    return means.reset_index(drop=True)


def points_lost(family: str = "all", *, guarded: bool = True) -> pd.DataFrame:
    """Return what each criterion loses against the best setting, in points, one column per task.

    On each task a criterion picks the setting with its largest mean over the training seeds (of
    several that are equal, any: their mean counts); the loss is the accuracy of the best setting
    minus that of the one picked. ``random`` is the mean over all settings.

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
            picked = accuracy[group[name] == group[name].max()]
            rows[name][seed] = accuracy.max() - picked.mean()
        rows["random"][seed] = accuracy.max() - accuracy.mean()
    lost = pd.DataFrame.from_dict(rows, orient="index")
    return lost.assign(mean=lost.mean(axis=1)).sort_values("mean", kind="stable")


def within_methods() -> pd.DataFrame:
    """Return what each criterion loses when it only sets the knobs of one method, in points.

    Settings are chosen over both tasks together, as ``SETTINGS`` were. Criteria in rows, sorted by
    the mean; a column per method that has more than one setting, ``mean`` and ``largest``.
    """
    import pandas as pd

    from tlbook.selection import CRITERIA

    mean, kept = _pooled()
    rows: dict[str, dict[str, float]] = {}
    for criterion in (*CRITERIA, "random"):
        rows[criterion] = {}
        for name in mean.index.unique("method"):
            mine = mean.loc[name]
            if len(mine) > 1:
                honest = mine[kept.loc[name].reindex(mine.index)]
                if criterion != "random":
                    honest = honest[honest[criterion] == honest[criterion].max()]
                rows[criterion][name] = 100 * (mine.accuracy.max() - honest.accuracy.mean())
    lost = pd.DataFrame.from_dict(rows, orient="index")
    mean_lost, largest = lost.mean(axis=1), lost.max(axis=1)
    return lost.assign(mean=mean_lost, largest=largest).sort_values("mean", kind="stable")


def _pooled() -> tuple[pd.DataFrame, pd.Series]:
    """Return means over both tasks by method and settings, and whether no run has collapsed."""
    keys = ["method", "settings"]
    mean = candidates(guarded=False).groupby(keys, sort=False).mean()
    classes = stored.load("adaptation_tuning").groupby(keys, sort=False)["classes"].min()
    return mean, classes >= LEAST


def oracle_gap(criterion: str = "agreement") -> pd.DataFrame:
    """Return for each method the settings chosen by a criterion, the best ones, and the loss.

    Chosen over both tasks together, as ``SETTINGS`` were; accuracies in percent, loss in points.

    Raises
    ------
    ValueError
        If the criterion is unknown.
    """
    import pandas as pd

    from tlbook.selection import CRITERIA

    check_choice(criterion, "criterion", CRITERIA)
    mean, kept = _pooled()
    rows = {}
    for name in mean.index.unique("method"):
        mine = mean.loc[name]
        picked = mine[criterion].where(kept.loc[name].reindex(mine.index)).idxmax()
        best = mine.accuracy.idxmax()
        rows[name] = {
            "chosen": picked,
            "accuracy (%)": round(100 * mine.accuracy[picked], 1),
            "best": best,
            "best (%)": round(100 * mine.accuracy[best], 1),
            "lost": round(100 * (mine.accuracy[best] - mine.accuracy[picked]), 1),
        }
    return pd.DataFrame.from_dict(rows, orient="index")


def oracle_table() -> pd.DataFrame:
    """Return what the choice without labels has cost on the eight tasks of the table.

    One row for each method of which target labels of the development tasks would have chosen other
    settings: accuracies in percent with either, and the loss in points with its paired interval.
    """
    import pandas as pd

    from tlbook.evaluation.statistics import paired_test

    oracle = stored.load("adaptation_oracle")
    rows = {}
    for name, group in oracle.groupby("method", sort=False):
        best = 100 * group.sort_values("seed").accuracy.to_numpy()
        mine, base = (100 * arm("adaptation_table", method) for method in (str(name), BASE))
        lost = paired_test(best, mine)
        rows[name] = {
            "chosen (%)": round(mine.mean(), 1),
            "oracle": group.settings.iloc[0],
            "oracle (%)": round(best.mean(), 1),
            "oracle's gain": round(float((best - base).mean()), 1),
            "lost": f"{lost.effect:+.1f} [{lost.low:+.1f}, {lost.high:+.1f}]",
        }
    return pd.DataFrame.from_dict(rows, orient="index")


def second_choice() -> pd.DataFrame:
    """Return gains over source only with the settings of either criterion, on eight further tasks.

    Rows are the methods of which agreement and the information score choose other settings;
    gains in points, and the second minus the first with its paired interval.
    """
    import pandas as pd

    from tlbook.evaluation.statistics import paired_test

    frame = stored.load("adaptation_second_choice").sort_values("seed")
    accuracy = {key: 100 * g.accuracy.to_numpy() for key, g in frame.groupby(["method", "judge"])}
    base = accuracy["source only", "both"]
    rows = {}
    for name in dict.fromkeys(frame.method):
        if (name, "both") in accuracy:
            continue
        first, second = (
            accuracy[name, judge] for judge in ("agreement", "information maximization")
        )
        found = paired_test(second, first)
        rows[name] = {
            "agreement": round(float((first - base).mean()), 1),
            "information": round(float((second - base).mean()), 1),
            "difference": f"{found.effect:+.1f} [{found.low:+.1f}, {found.high:+.1f}]",
        }
    return pd.DataFrame.from_dict(rows, orient="index")
