"""Paired gains, one row a method, one dot a task, a bar for the interval; gaps over the steps."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from tlbook import plots
from tlbook.evaluation import t_interval

UNNAMED = {"MCD": "#882255", "ADDA + label loss": "#222222"}
"""Methods of this chapter alone; the others have their color in ``plots``."""


def paired_gains(
    gains: Mapping[str, Any], title: str, xlabel: str, colors: Mapping[str, str] | None = None
) -> Figure:
    """Draw the differences of each method as dots, their mean and its 95 % interval as a bar.

    Parameters
    ----------
    gains : mapping from name to array of shape (n,)
        Paired differences as fractions; they are drawn in points.
    title, xlabel : str
    colors : mapping from name to color, optional
        Of the names that have no color of their own, in place of ``UNNAMED``.
    """
    fig, ax = plots.figure(title, size=(7.4, 1.2 + 0.55 * len(gains)))
    for place, (name, values) in enumerate(gains.items()):
        points = 100 * np.asarray(values, dtype=float)
        found = t_interval(points)
        color = (colors or UNNAMED).get(name) or plots.color(name)
        above = place + 0.16 + np.linspace(0, 0.2, len(points))
        ax.plot(points, above, "o", color=color, ms=4, alpha=0.7, mew=0)
        ax.plot([found.low, found.high], [place, place], color=color, lw=3, solid_capstyle="butt")
        ax.plot(found.mean, place, "D", color=color, ms=6)
    ax.axvline(0, color="#777777", lw=1)
    ax.set(yticks=range(len(gains)), yticklabels=list(gains), xlabel=xlabel)
    ax.set_ylim(len(gains) - 0.4, -0.5)
    return fig


def gap_lines(gaps: Mapping[str, Any], title: str) -> Figure:
    """Draw the gap of the discriminator's mean scores over the steps of either player."""
    steps = np.arange(len(next(iter(gaps.values()))))
    return plots.lines(
        steps, gaps, size="wide", title=title, xlabel="step (of either player)",
        ylabel="gap of mean scores",
    )  # fmt: skip
