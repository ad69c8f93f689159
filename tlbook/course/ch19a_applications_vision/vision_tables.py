"""The stored studies of vision and driving in chapter 19, read for their tables and claims.

Arrays are sorted by seed, so that two of them pair up.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tlbook._base.checks import check_choice
from tlbook.course.results import compared, stored
from tlbook.evaluation.statistics import PairedResult, paired_test

if TYPE_CHECKING:
    import pandas as pd

STUDIES: dict[str, tuple[str, str]] = {
    "detection_scenes": ("arm", "n"),
    "detection_many": ("arm", "n"),
    "segmentation_weather": ("method", "weather"),
    "imitation_drift": ("arm", "pictures"),
}
"""For each study the column that names what is compared, and the one that names the case."""


def values(study: str, arm: str, case: Any, column: str) -> np.ndarray:
    """Return one column over the seeds, (seeds,); a case is scenes, a weather, labeled pictures.

    Raises
    ------
    ValueError
        If there is no such study, arm, case or column.
    """
    who, where = STUDIES[check_choice(study, "study", STUDIES)]
    return compared.values(stored.load(study), column, **{who: arm, where: case})


def gain(study: str, arm: str, over: str, case: Any, column: str) -> PairedResult:
    """Return what an arm has more than another, paired by seed, with its interval.

    Raises
    ------
    ValueError
        As :func:`values`.
    """
    return paired_test(values(study, arm, case, column), values(study, over, case, column))


def table(study: str, column: str, over: str, factor: float = 1.0) -> pd.DataFrame:
    """Return a row per case and arm: mean, standard deviation, and the gain with its interval.

    Parameters
    ----------
    study, column : str
        As in :func:`values`.
    over : str
        The arm that the others are compared with.
    factor : float
        100 makes percent of fractions.

    Raises
    ------
    ValueError
        As :func:`values`.
    """
    import pandas as pd

    check_choice(study, "study", STUDIES)
    frame, (who, where) = stored.load(study), STUDIES[study]
    check_choice(column, "column", tuple(frame.columns))
    rows = []
    for (case, arm), group in frame.dropna(subset=[column]).groupby([where, who], sort=False):
        found = factor * group[column]
        row = {where: case, who: arm, column: found.mean(), "±": found.std(ddof=1), "gain": ""}
        if arm != over and over in set(frame[frame[where] == case][who]):
            mine, theirs = (values(study, name, case, column) for name in (str(arm), over))
            row["gain"] = compared.gained(mine, theirs, factor)
        rows.append(row)
    return pd.DataFrame(rows).round(1)
