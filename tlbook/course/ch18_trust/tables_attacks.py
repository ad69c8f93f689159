"""The stored studies of attribution, attacks and backdoor: tables, and values over the seeds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tlbook._base.checks import check_choice
from tlbook.course.results import stored
from tlbook.evaluation import paired_test

if TYPE_CHECKING:
    import pandas as pd

EDGES = "edges (no network)"
VICTIMS = ("base", "frozen child", "fine-tuned child", "from scratch")


def over_seeds(study: str, column: str, **where: Any) -> np.ndarray:
    """Return a column of the rows of a stored study that have these values, sorted by seed.

    Raises
    ------
    ValueError
        If a column is unknown, or there is not one row for each seed.
    """
    frame = stored.load(study)
    for name, value in {column: None, **where}.items():
        check_choice(name, "column", tuple(frame.columns))
        if value is not None:
            frame = frame[frame[name] == value]
    if not len(frame) or frame.seed.duplicated().any():
        raise ValueError(f"where: got {where}, want what leaves one row a seed of {study}")
    return frame.sort_values("seed")[column].to_numpy()


def inside(method: str, redrawn: int = 0, column: str = "inside") -> np.ndarray:
    """Return a column of ``attribution`` for a method, after this many layers are drawn again."""
    return over_seeds("attribution", column, method=method, redrawn=redrawn)


def attribution_table() -> pd.DataFrame:
    """Return mass on the glyph, the difference from the edges, and what random weights change.

    In percent; the interval is over eight draws of pictures. ``where not empty`` leaves out the
    maps that are 0 everywhere; elsewhere they count as mass 0.
    """
    import pandas as pd

    frame = stored.load("attribution")
    rows = {}
    for name in frame.method[frame.redrawn == 0].unique():
        found, empty = inside(name), inside(name, column="empty")
        less = paired_test(100 * found, 100 * inside(EDGES))
        rows[name] = {
            "mass on the letter (%)": 100 * found.mean(),
            "minus edges (points)": f"{less.effect:+.1f} [{less.low:+.1f}, {less.high:+.1f}]",
            "empty maps (%)": 100 * empty.mean(),
            "where not empty (%)": 100 * (found / (1 - empty)).mean(),
            "random network (%)": 100 * inside(name, 7).mean(),
        }
    rows[EDGES]["minus edges (points)"] = "the control"
    return pd.DataFrame.from_dict(rows, orient="index").round(1)


def cascade(method: str) -> np.ndarray:
    """Return the rank correlations with the trained map, (draws, layers drawn again: 0 to 7)."""
    return np.stack([inside(method, n, "correlation") for n in range(8)], axis=1)


def fooled_share(made_on: str, victim: str, epsilon: float = 0.1, kind: str = "") -> np.ndarray:
    """Return over the seeds the share of a network's right answers that an attack takes away.

    Parameters
    ----------
    made_on : str
        A network, ``"base + attacker's head"``, ``"base's features"`` or ``"noise"``.
    victim : str
        One of :data:`VICTIMS`.
    epsilon : float
        0.05 or 0.1.
    kind : {"", "FGSM", "PGD"}
        By default PGD; noise has none.
    """
    kind = kind or ("none" if made_on == "noise" else "PGD")
    where = {"made_on": made_on, "victim": victim, "epsilon": epsilon, "kind": kind}
    return over_seeds("adversarial_transfer", "fooled", **where)


def attack_matrix(epsilon: float = 0.1) -> pd.DataFrame:
    """Return the mean share (%) of right answers lost: where the attack was made × who is hit."""
    frame = stored.load("adversarial_transfer")
    frame = frame[(frame.epsilon == epsilon) & (frame.kind != "FGSM")]
    made_on = frame.made_on.drop_duplicates()
    table = 100 * frame.pivot_table(index="made_on", columns="victim", values="fooled")
    return table.loc[made_on, list(VICTIMS)].round(1).rename_axis(index="made on", columns="hits")


def backdoor(arm: str, k: int, column: str = "success", *, planted: bool = True) -> np.ndarray:
    """Return a column of ``backdoor`` over the seeds, for an arm at k labels of each class."""
    return over_seeds("backdoor", column, arm=arm, k=k, backdoor=planted)


def backdoor_table(k: int) -> pd.DataFrame:
    """Return for each arm at k labels of each class the means, in percent, and the paired effect.

    ``lost under the mark`` is accuracy without the mark minus accuracy with it. The last column is
    the share of marked pictures called the attacker's class, base with backdoor minus without.
    """
    import pandas as pd

    frame = stored.load("backdoor")
    rows = {}
    for arm in frame.arm[frame.k == k].drop_duplicates():
        hit, control = backdoor(arm, k), backdoor(arm, k, planted=False)
        more = paired_test(100 * hit, 100 * control)
        lost = backdoor(arm, k, "accuracy") - backdoor(arm, k, "marked_accuracy")
        rows[arm] = {
            "accuracy (%)": 100 * backdoor(arm, k, "accuracy").mean(),
            "lost under the mark": 100 * lost.mean(),
            "attacker's class (%)": 100 * hit.mean(),
            "unmarked (%)": 100 * backdoor(arm, k, "unmarked").mean(),
            "clean base (%)": 100 * control.mean(),
            "with minus clean": f"{more.effect:+.1f} [{more.low:+.1f}, {more.high:+.1f}]",
        }
    return pd.DataFrame.from_dict(rows, orient="index").round(1)


def shortcut(column: str, kind: str = "tells", network: str = "base") -> np.ndarray:
    """Return a column of ``attribution_shortcut`` over the seeds.

    Parameters
    ----------
    kind : {"tells", "random"}
        What the corner said in the source.
    network : {"base", "head only", "all"}
        The base on letters, or a child on digits.
    """
    return over_seeds("attribution_shortcut", column, kind=kind, network=network)
