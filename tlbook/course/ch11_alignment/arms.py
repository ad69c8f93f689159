"""The small studies of chapter 11 read side by side: what each method gains, paired by task."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tlbook._base.checks import check_choice
from tlbook.course.results import stored
from tlbook.evaluation.statistics import paired_test

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

BASE = "source only"
"""What the gains are measured against."""


def arm(study: str, method: str, column: str = "accuracy", **where: Any) -> np.ndarray:
    """Return one column of a method over the seeds, in their order.

    Parameters
    ----------
    study : str
        A stored result with the columns ``method`` and ``seed``.
    method : str
        One of its methods.
    column : str
        What was measured.
    **where
        Further columns and the value wanted, such as ``task="pen"``.

    Raises
    ------
    ValueError
        If a column, a value or the method is not there.
    """
    frame = stored.load(study)
    for name, value in {**where, "method": method}.items():
        check_choice(name, "where", tuple(frame.columns))
        frame = frame[frame[name] == check_choice(value, name, tuple(frame[name].unique()))]
    check_choice(column, "column", tuple(frame.columns))
    return frame.sort_values("seed")[column].to_numpy()


def arms(study: str, base: str = BASE, **where: Any) -> pd.DataFrame:
    """Return a row per method: accuracy in percent, and the gain over ``base`` in points.

    The gain is the mean over the tasks, with its 95 % interval.
    """
    import pandas as pd

    frame = stored.load(study)
    for name, value in where.items():
        frame = frame[frame[name] == value]
    rows = {}
    for method in frame.method.unique():
        accuracy, start = (100 * arm(study, name, **where) for name in (method, base))
        found = paired_test(accuracy, start)
        interval = f"{found.effect:+.1f} [{found.low:+.1f}, {found.high:+.1f}]"
        gained = "" if method == base else interval
        rows[method] = {"accuracy (%)": round(accuracy.mean(), 1), f"gain over {base}": gained}
    return pd.DataFrame.from_dict(rows, orient="index")


def gains_figure(title: str) -> Figure:
    """Draw what each method of the main table gains: a dot per task, the mean, its interval.

    Black where the 95 % interval leaves zero out, gray where it does not. At the right the mean
    accuracy.
    """
    from tlbook import plots

    study = "adaptation_table"
    base = 100 * arm(study, BASE)
    names = [name for name in stored.load(study).method.unique() if name != BASE]
    accuracy = {name: 100 * arm(study, name) for name in names}
    order = sorted(names, key=lambda name: accuracy[name].mean())
    fig, ax = plots.figure(title, size="tall")
    for y, name in enumerate(order):
        found = paired_test(accuracy[name], base)
        clear = found.low > 0 or found.high < 0
        color = plots.color("upper bound" if clear else "baseline")
        ax.plot(accuracy[name] - base, np.full(len(base), y), "o", ms=4, alpha=0.35, color=color)
        ax.plot([found.low, found.high], [y, y], lw=3, color=color)
        ax.plot(found.effect, y, "|", ms=14, mew=3, color=color)
        ax.text(52, y, f"{accuracy[name].mean():.1f} %", va="center", ha="right", fontsize=9.5)
    ax.axvline(0, color=plots.color(BASE), lw=1, ls="--")
    ax.set_yticks(range(len(order)), order)
    ax.set_xlim(-14, 53)
    ax.set_xlabel(f"points gained over source only ({base.mean():.1f} %), 95 % interval")
    ax.text(52, len(order) - 0.4, "accuracy", ha="right", fontsize=9.5)
    return fig
