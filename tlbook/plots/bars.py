"""Bars with the single runs on top, and histograms of two domains."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from tlbook._base.checks import check_array
from tlbook._base.named import named
from tlbook.plots.figure import on_axes, styled
from tlbook.plots.palette import COLORS, CYCLE


@named
@styled
def bars_with_spread(
    values: Mapping[str, Any],
    *,
    title: str,
    ylabel: str = "accuracy on the target (%)",
    scale: float = 100.0,
    ax: Axes | None = None,
    fig: Figure | None = None,
    size: str | tuple[float, float] = "single",
    colors: Mapping[str, str] | None = None,
    numbers: str = "{:.0f}",
    chance: float | None = None,
) -> Figure:
    """Draw one bar per name: its height the mean over seeds, each seed a dot, the SD a whisker.

    Parameters
    ----------
    values : mapping from name to array of shape (seeds,)
        A name in ``COLORS`` takes its color, others take the neutral cycle.
    scale : float
        Factor before drawing: 100 turns fractions into percent.
    numbers : str
        Format of the mean written over the bar; empty for none.

    Raises
    ------
    ValueError
        If there is no bar, or a bar has no or non-finite values.

    Examples
    --------
    >>> from tlbook import plots
    >>> values = {"source": [0.61, 0.64, 0.58], "target": [0.92, 0.94, 0.93]}  # fractions, by seed
    >>> fig = plots.bars_with_spread(values, title="Labels of the target are worth 30 points")
    >>> [text.get_text() for text in fig.axes[0].texts]
    ['61', '93']
    """
    if not values:
        raise ValueError("values: got no bars, want at least one")
    figure_, ax = on_axes(title, ax, fig, size)
    top = 0.0
    for i, (name, runs) in enumerate(values.items()):
        y = scale * np.atleast_1d(check_array(runs, name, ndim=(0, 1), min_rows=0))
        if len(y) == 0:
            raise ValueError(f"{name}: got no values, want one per seed")
        color = (colors or {}).get(name) or dict.get(COLORS, name) or CYCLE[i % len(CYCLE)]
        mean = float(y.mean())
        ax.bar(i, mean, width=0.66, color=color, alpha=0.85, zorder=2)
        high = max(mean, float(y.max()))
        if len(y) > 1:
            spread = float(y.std(ddof=1))
            ax.errorbar(i, mean, yerr=spread, color="#222222", capsize=4, linewidth=1.3, zorder=4)
            offsets = np.linspace(-0.18, 0.18, len(y))
            ax.scatter(i + offsets, y, s=16, color="white", edgecolor="#222222", lw=0.8, zorder=5)
            high = max(high, mean + spread)
        if numbers:
            ax.annotate(
                numbers.format(mean),
                (i, high),
                xytext=(0, 4),
                textcoords="offset points",
                ha="center",
                fontweight="bold",
            )
        top = max(top, high)
    names = list(values)
    crowded = max(map(len, names)) * len(names) > 9 * figure_.get_size_inches()[0]
    ax.set_xticks(range(len(names)), [n.replace(" ", "\n") if crowded else n for n in names])
    ax.grid(False, axis="x")
    ax.set_ylabel(ylabel)
    if top > 0:
        ax.set_ylim(top=max(ax.get_ylim()[1], 1.14 * top))
    if chance is not None:
        ax.axhline(scale * chance, color="#555555", linewidth=1, linestyle=(0, (2, 2)), zorder=3)
        ax.annotate(
            "chance",
            (1, scale * chance),
            xycoords=ax.get_yaxis_transform(),
            xytext=(4, 0),
            textcoords="offset points",
            va="center",
            annotation_clip=False,
            color="#555555",
            fontsize=9,
        )
    return figure_


@named
@styled
def histogram_pair(
    source: Any,
    target: Any,
    *,
    title: str,
    xlabel: str,
    ylabel: str = "density",
    bins: int = 40,
    names: tuple[str, str] = ("source", "target"),
    ax: Axes | None = None,
    fig: Figure | None = None,
    size: str | tuple[float, float] = "single",
) -> Figure:
    """Draw the histograms of one feature in source and target over common bins.

    Parameters
    ----------
    source, target : arrays of shape (n,) and (m,)

    Raises
    ------
    ValueError
        If a sample is empty, not one-dimensional or not finite.
    """
    a = check_array(source, "source", ndim=1)
    b = check_array(target, "target", ndim=1)
    figure_, ax = on_axes(title, ax, fig, size)
    edges: Any = np.histogram_bin_edges(np.concatenate([a, b]).astype(float), bins=bins)
    for sample, name, role in ((a, names[0], "source"), (b, names[1], "target")):
        color = COLORS[role]
        ax.hist(sample, edges, density=True, color=color, alpha=0.35)
        ax.hist(sample, edges, density=True, color=color, histtype="step", lw=1.6, label=name)
    ax.set(xlabel=xlabel, ylabel=ylabel)
    ax.set_ylim(top=1.12 * ax.get_ylim()[1])
    ax.legend(loc="best")
    return figure_
