"""The stored episodes, probes and collapses of chapter 17, read for its tables and claims.

Accuracies are fractions over the eight trainings, sorted by seed, so that two of them pair up.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tlbook._base.checks import check_choice
from tlbook.course.results import stored

if TYPE_CHECKING:
    import pandas as pd


def values(study: str, column: str = "accuracy", **where: Any) -> np.ndarray:
    """Return one column of a study at the rows that ``where`` names, shape (seeds,).

    Parameters
    ----------
    study : {"episodes", "query_batchnorm", "self_supervised", "collapse"}
    column : str
    **where
        One value for each other column that tells rows apart, such as ``method="MAML"``.

    Raises
    ------
    ValueError
        If there is no such column or value, or a seed has more rows than one.

    Examples
    --------
    >>> values("episodes", domain="signs", shots=1, method="MAML").shape
    (8,)
    """
    frame = stored.load(study)
    for name, value in where.items():
        check_choice(name, "where", tuple(frame.columns))
        frame = frame[frame[name] == check_choice(value, name, tuple(frame[name].unique()))]
    check_choice(column, "column", tuple(frame.columns))
    if frame.seed.duplicated().any():
        raise ValueError(f"where: got {where}, want columns until each seed has one row")
    return frame.sort_values("seed")[column].to_numpy()


def episode_table(shots: int) -> pd.DataFrame:
    """Return accuracy in percent of each method (rows) in each domain (columns).

    "±" is the half-width of the 95 % interval over 600 episodes of one training, on average.
    """
    frame = stored.load("episodes")
    return _table(
        frame.method.unique(),
        frame.domain.unique(),
        lambda method, domain: _cell("episodes", shots=shots, method=method, domain=domain),
    )


def batchnorm_table() -> pd.DataFrame:
    """Return the accuracy of each way to ask a network with BatchNorm, in each domain."""
    frame = stored.load("query_batchnorm")
    return _table(
        frame.way.unique(),
        frame.domain.unique(),
        lambda way, domain: _cell("query_batchnorm", way=way, domain=domain),
    )


def probe_table(place: str) -> pd.DataFrame:
    """Return mean probe accuracy in percent: networks (rows) by labels per class (columns)."""
    frame = stored.load("self_supervised")
    here = frame[frame.place == check_choice(place, "place", tuple(frame.place.unique()))]
    wide = here.groupby(["network", "labels"], sort=False).accuracy.mean().unstack()
    return (100 * wide).round(1)


def collapse_table(step: int = 150) -> pd.DataFrame:
    """Return the random start and the state of each arm after ``step`` steps, means over seeds.

    All arms start at the same network; the loss of the start is that of the whole VICReg.
    """
    import pandas as pd

    frame = stored.load("collapse")
    columns = ["loss", "spread", "spread_features", "rank_projections", "rank_features", "accuracy"]
    start = frame[(frame.step == 0) & (frame.arm == "VICReg")].assign(arm="random start")
    there = frame[frame.step == check_choice(step, "step", tuple(frame.step.unique()))]
    return pd.concat([start, there]).groupby("arm", sort=False)[columns].mean()


def _table(rows: Any, columns: Any, cell: Any) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame({c: {r: cell(r, c) for r in rows} for c in columns})


def _cell(study: str, **where: Any) -> str:
    mean = 100 * values(study, **where).mean()
    return f"{mean:.1f} ± {100 * values(study, 'half', **where).mean():.1f}"
