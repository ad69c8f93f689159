"""The figure that this notebook draws of each comparison: cases side by side, gains as rows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from tlbook import plots

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def gains(
    title: str,
    cases: Mapping[str, Mapping[str, Any]],
    *,
    over: str,
    xlabel: str | None = None,
    scale: float = 100,
) -> Figure:
    """Draw for each case what the others have more than one, paired by seed, with its interval.

    Parameters
    ----------
    title : str
        What was found.
    cases : mapping from case to mapping from name to array of shape (seeds,)
        Each case is a panel and has the same names.
    over : str
        Whom the others are compared with.
    xlabel, scale
        As in :func:`tlbook.plots.paired_differences`.

    Raises
    ------
    ValueError
        If a case does not have ``over``.
    """
    fig, axes = plots.figure(title, size=(11, 3.2), columns=len(cases), sharey=True)
    for ax, (case, runs) in zip(np.ravel(axes), cases.items(), strict=True):
        if over not in runs:
            raise ValueError(f"over: got {over!r}, want one of {', '.join(runs)} of {case}")
        more = {name: each - runs[over] for name, each in runs.items() if name != over}
        plots.paired_differences(
            more, title=case, ax=ax, xlabel=xlabel or f"points over {over}", scale=scale
        )
    return fig
