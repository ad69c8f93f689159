"""Learning curves and plain lines, labeled at their ends."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from tlbook._base.checks import check_array
from tlbook._base.named import named
from tlbook.plots.figure import on_axes, styled
from tlbook.plots.palette import COLORS, CYCLE, MARKERS

DASHES = {"scratch": (0, (4, 1.5)), "random features": (0, (1, 1)), "raw pixels": (0, (3, 1, 1, 1))}


def dodge(positions: Sequence[float], gap: float) -> np.ndarray:
    """Return positions moved as little as their order allows so that neighbors keep ``gap``.

    Pools of labels that touch are centered on their mean (isotonic regression of the positions
    with the gaps taken out).
    """
    wanted = np.asarray(positions, dtype=float)
    order = np.argsort(wanted, kind="stable")
    slack = wanted[order] - gap * np.arange(len(wanted))
    pools: list[list[float]] = []  # [mean, size]
    for value in slack:
        pools.append([float(value), 1])
        while len(pools) > 1 and pools[-2][0] > pools[-1][0]:
            mean, size = pools.pop()
            pools[-1][0] = (pools[-1][0] * pools[-1][1] + mean * size) / (pools[-1][1] + size)
            pools[-1][1] += size
    flat = np.asarray([mean for mean, size in pools for _ in range(int(size))])
    out = np.empty(len(wanted))
    out[order] = flat + gap * np.arange(len(wanted))
    return out


@named
def label_ends(ax: Axes, ends: Sequence[tuple[str, float, float, str]], size: float = 10.5) -> None:
    """Write each line's name beside its right end ``(name, x, y, color)``, without overlaps."""
    if not ends:
        return
    fig = ax.get_figure(root=True)
    assert fig is not None
    rows = fig.get_size_inches()[1] * 72 * ax.get_position().height
    low, high = ax.get_ylim()
    gap = (high - low) * size * 1.35 / max(rows, 1)
    heights = dodge([y for _, _, y, _ in ends], gap)
    for (name, x, y, color), height in zip(ends, heights, strict=True):
        ax.annotate(
            name,
            xy=(x, y),
            xytext=(1.02, height),
            textcoords=ax.get_yaxis_transform(),
            color=color if color != COLORS["chance"] else "#666666",
            fontsize=size,
            fontweight="bold",
            va="center",
            annotation_clip=False,
        )


def _budget_axis(ax: Axes, budgets: np.ndarray) -> None:
    ax.set_xscale("log")
    ax.set_xticks(budgets, [f"{b:g}" for b in budgets])
    ax.minorticks_off()


@named
@styled
def learning_curves(
    frame: Any,
    *,
    title: str,
    ax: Axes | None = None,
    fig: Figure | None = None,
    size: str | tuple[float, float] = "single",
    x: str = "budget",
    y: str = "accuracy",
    by: str = "method",
    xlabel: str = "labels per class in the target",
    ylabel: str = "accuracy on the target (%)",
    scale: float = 100.0,
    band: str = "sd",
    chance: float | None = None,
    labels: bool = True,
    ylim: tuple[float, float] | None = None,
) -> Figure:
    """Draw accuracy over the label budget: one line per method, a band over the seeds.

    Parameters
    ----------
    frame : DataFrame
        Columns ``method``, ``budget``, ``seed``, ``accuracy`` (a fraction).
    title : str
        The finding, as a sentence.
    band : {"sd", "range", "none"}
        One standard deviation to either side, the whole range, or no band.
    chance : float, optional
        The accuracy of guessing, drawn as a thin line.

    Raises
    ------
    ValueError
        If the frame is empty, lacks a column, or names a method the palette does not know.

    Examples
    --------
    >>> import pandas as pd
    >>> from tlbook import plots
    >>> frame = pd.DataFrame({  # as evaluation.learning_curve returns it
    ...     "method": ["scratch"] * 4 + ["fine-tuning"] * 4, "budget": [1, 10] * 4,
    ...     "seed": [0, 0, 1, 1] * 2, "accuracy": [0.3, 0.5, 0.4, 0.5, 0.6, 0.8, 0.7, 0.8],
    ... })
    >>> fig = plots.learning_curves(frame, title="Fine-tuning starts higher", chance=0.1)
    >>> fig.alt, fig.axes[0].get_xlabel()
    ('Fine-tuning starts higher', 'labels per class in the target')
    """
    missing = [column for column in (by, x, y) if column not in getattr(frame, "columns", ())]
    if missing:
        raise ValueError(f"frame: got no column {missing}, want {by}, {x} and {y}")
    if len(frame) == 0:
        raise ValueError("frame: got no rows, want at least one")
    if band not in ("sd", "range", "none"):
        raise ValueError(f"band: got {band!r}, want 'sd', 'range' or 'none'")
    figure_, ax = on_axes(title, ax, fig, size)
    budgets = np.sort(frame[x].unique())
    ends = []
    for method in dict.fromkeys(frame[by]):
        rows = frame[frame[by] == method].groupby(x)[y]
        mean = rows.mean() * scale
        spread = rows.std(ddof=1).fillna(0.0) * scale
        low, high = mean - spread, mean + spread
        if band == "range":
            low, high = rows.min() * scale, rows.max() * scale
        color = COLORS[method]
        if band != "none":
            ax.fill_between(mean.index, low, high, color=color, alpha=0.18, linewidth=0)
        ax.plot(
            mean.index,
            mean,
            color=color,
            marker=MARKERS[method],
            linestyle=DASHES.get(method, "-"),
            label=method,
        )
        ends.append((method, float(mean.index[-1]), float(mean.iloc[-1]), color))
    if chance is not None:
        ax.axhline(100 * chance, color="#AAAAAA", linewidth=1, zorder=0.5)
        ax.annotate(
            "chance",
            (1, 100 * chance),
            xycoords=ax.get_yaxis_transform(),
            xytext=(-2, 3),
            textcoords="offset points",
            ha="right",
            color="#666666",
            fontsize=9,
        )
    if len(budgets) > 1 and budgets[0] > 0:
        _budget_axis(ax, budgets)
    ax.set(xlabel=xlabel, ylabel=ylabel)
    if ylim is not None:
        ax.set_ylim(*ylim)
    if labels:
        label_ends(ax, ends)
    return figure_


@named
@styled
def lines(
    x: Any,
    ys: Mapping[str, Any],
    *,
    title: str,
    xlabel: str,
    ylabel: str,
    ax: Axes | None = None,
    fig: Figure | None = None,
    size: str | tuple[float, float] = "single",
    colors: Mapping[str, str] | None = None,
    logx: bool = False,
    marker: str = "",
    ylim: tuple[float, float] | None = None,
) -> Figure:
    """Draw named lines over one x; a 2-D y (seeds, points) becomes its mean and a band of one SD.

    Parameters
    ----------
    x : array of shape (points,)
    ys : mapping from name to array of shape (points,) or (seeds, points)
        A name in ``COLORS`` takes its color, others take the neutral cycle.

    Raises
    ------
    ValueError
        If a line does not fit x, or the title is missing.
    """
    x = check_array(x, "x", ndim=1)
    figure_, ax = on_axes(title, ax, fig, size)
    ends = []
    for i, (name, values) in enumerate(ys.items()):
        y = check_array(values, name, ndim=(1, 2), allow_nan=True)
        if y.shape[-1] != len(x):
            raise ValueError(f"{name}: got {y.shape[-1]} points, want {len(x)} like x")
        color = (colors or {}).get(name) or dict.get(COLORS, name) or CYCLE[i % len(CYCLE)]
        mean = y if y.ndim == 1 else y.mean(axis=0)
        if y.ndim == 2 and len(y) > 1:
            spread = y.std(axis=0, ddof=1)
            ax.fill_between(x, mean - spread, mean + spread, color=color, alpha=0.18, linewidth=0)
        ax.plot(x, mean, color=color, label=name, marker=marker)
        seen = np.flatnonzero(np.isfinite(mean))
        if len(seen):
            ends.append((name, float(x[seen[-1]]), float(mean[seen[-1]]), color))
    if logx:
        ax.set_xscale("log")
    ax.set(xlabel=xlabel, ylabel=ylabel)
    if ylim is not None:
        ax.set_ylim(*ylim)
    if len(ends) > 1:
        label_ends(ax, ends)
    return figure_
