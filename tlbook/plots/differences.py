"""Paired differences: one row a comparison, its runs as dots, its mean with an interval."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from tlbook._base.checks import check_array
from tlbook._base.named import named
from tlbook.evaluation.statistics import t_interval
from tlbook.plots.figure import on_axes, styled
from tlbook.plots.palette import COLORS, CYCLE


@named
@styled
def paired_differences(
    values: Mapping[str, Any],
    *,
    title: str,
    xlabel: str = "difference (percentage points)",
    scale: float = 100.0,
    ax: Axes | None = None,
    fig: Figure | None = None,
    size: str | tuple[float, float] = "single",
    colors: Mapping[str, str] | None = None,
) -> Figure:
    """Draw differences between two methods that saw the same seeds, one row a comparison.

    A dot is one seed, the diamond the mean, the line its 95 % interval by Student's t. Where the
    line crosses zero, these runs do not tell which of the two is better.

    Parameters
    ----------
    values : mapping from name to array of shape (seeds,)
        Per seed one method minus the other. A name in ``COLORS`` takes its color.
    scale : float
        Factor before drawing: 100 turns fractions into percentage points.

    Raises
    ------
    ValueError
        If there is no row, or a row has fewer than two values or one that is not finite.

    Examples
    --------
    >>> from tlbook import plots
    >>> gains = {"probe": [0.18, 0.21, 0.16], "fine-tuning": [0.20, 0.22, 0.19]}
    >>> fig = plots.paired_differences(gains, title="Both beat training from scratch")
    >>> [label.get_text() for label in fig.axes[0].get_yticklabels()]
    ['probe', 'fine-tuning']
    """
    if not values:
        raise ValueError("values: got no rows, want at least one")
    figure_, ax = on_axes(title, ax, fig, size)
    ax.axvline(0.0, color="#222222", linewidth=1.0, zorder=1)
    for row, (name, runs) in enumerate(values.items()):
        x = scale * check_array(runs, name, ndim=(1,), min_rows=2)
        color = (colors or {}).get(name) or dict.get(COLORS, name) or CYCLE[row % len(CYCLE)]
        found = t_interval(x)
        heights = row + np.linspace(-0.18, 0.18, len(x))
        ax.scatter(x, heights, s=16, color=color, alpha=0.35, lw=0, zorder=2)
        ax.plot([found.low, found.high], [row, row], color=color, linewidth=3, zorder=3)
        ax.scatter(found.mean, row, s=60, marker="D", color=color, edgecolor="white", zorder=4)
    ax.set_yticks(range(len(values)), list(values))
    ax.set(xlabel=xlabel, ylim=(len(values) - 0.5, -0.5))
    ax.grid(visible=False, axis="y")
    return figure_
