"""The figure of what each mistake costs: paired differences with their intervals."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from matplotlib.figure import Figure

from tlbook.plots import COLORS, figure, styled


@styled
def draw_differences(found: Mapping[str, Any], *, title: str, xlabel: str) -> Figure:
    """Draw one row for each paired difference, the largest loss on top.

    Parameters
    ----------
    found : mapping from words to the result of ``evaluation.paired_test``
        Each with ``effect``, ``low`` and ``high``, in points.
    """
    rows = sorted(found.items(), key=lambda item: -item[1].effect)
    fig, ax = figure(title, size=(7.6, 0.8 + 0.31 * len(rows)))
    ax.axvline(0, color=COLORS["baseline"], lw=1)
    for place, (_, one) in enumerate(rows):
        hue = COLORS["baseline"]  # zero lies in the interval
        if one.high < 0 or one.low > 0:
            hue = COLORS["wrong" if one.high < 0 else "right"]
        ax.plot([one.low, one.high], [place, place], color=hue, lw=3, solid_capstyle="butt")
        ax.plot(one.effect, place, "o", color=hue)
        ax.annotate(
            f"{one.effect:+.1f}",
            (one.high, place),
            textcoords="offset points",
            xytext=(6, 0),
            va="center",
            fontsize=9.5,
            color=hue,
            bbox={"color": "white", "pad": 0.6},
        )
    ax.set_yticks(range(len(rows)), [name for name, _ in rows])
    ax.set_xlabel(xlabel)
    ax.margins(x=0.09)
    ax.grid(False, axis="y")
    return fig
