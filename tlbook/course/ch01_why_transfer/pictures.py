"""The pictures of chapter 01: start, slope and asymptote, as an idea and on the measured curves."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from tlbook import plots
from tlbook.plots.curves import label_ends

GRAY = "#444444"


@plots.styled
def promises() -> Figure:
    """Draw the three promises of transfer on made-up curves, one a panel."""
    fig, axes = plots.figure("Three things that transfer may bring", size="wide", columns=3)
    x = np.linspace(0, 1, 100)
    level = 0.1 + 0.5 * (1 - np.exp(-4 * x))  # rises, then levels off
    drawn = {  # without transfer, with transfer
        "a higher start": (level, 0.35 + 0.25 * (1 - np.exp(-4 * x))),
        "a steeper slope": (0.1 + 0.4 * x, 0.1 + 0.75 * x),
        "a higher asymptote": (level, 0.1 + 0.75 * (1 - np.exp(-8 / 3 * x))),
    }
    for ax, (name, (without, curve)) in zip(axes, drawn.items(), strict=True):
        ax.plot(x, without, color=plots.color("scratch"), ls=(0, (4, 1.5)))
        ax.plot(x, curve, color=plots.color("fine-tuning"))
        ax.set(title=name, xlim=(-0.03, 1.03), ylim=(0, 1), xticks=[], yticks=[])
        ax.set_xlabel("labels →")
    axes[0].set_ylabel("accuracy →")
    axes[0].text(0.35, 0.3, "without", color=plots.color("scratch"))
    axes[0].text(0.2, 0.65, "with transfer", color=plots.color("fine-tuning"))
    return fig


@plots.styled
def three_readings(curves: Any, method: str = "fine-tuning", baseline: str = "scratch") -> Figure:
    """Mark start, slope and asymptote on the mean curves of two methods.

    Parameters
    ----------
    curves : DataFrame
        Columns method, budget, seed, accuracy.
    method, baseline : str
        Names in it.
    """
    fig, ax = plots.figure("Transfer starts higher. Training from scratch is steeper")
    mean = 100 * curves.groupby(["method", "budget"]).accuracy.mean()
    budgets = np.array(sorted(curves.budget.unique()))
    ends = []
    for name in (method, baseline):
        values, color = mean[name].to_numpy(), plots.color(name)
        ax.plot(budgets, values, "o", color=color)
        slope, level = np.polyfit(np.log2(budgets), values, 1)
        ax.plot(budgets, level + slope * np.log2(budgets), color=color, ls=(0, (4, 2)), lw=1.3)
        side = 7 if name == method else -9
        ax.text(4.4, level + slope * np.log2(4.4) + side, f"{slope:.0f} points per doubling",
                color=color, ha="right" if name == method else "left", fontsize=10.5)  # fmt: skip
        ends.append((name, budgets[-1], values[-1], color))
    _gap(ax, 1, mean[baseline][1], mean[method][1], "start", right=True)
    last = budgets[-1]
    _gap(ax, last, mean[baseline][last], mean[method][last], "asymptote", right=False)
    ax.set_xscale("log")
    ax.set_xticks(budgets, [str(b) for b in budgets])
    ax.minorticks_off()
    ax.set(xlabel="labels per class", ylabel="accuracy on the target (%)", ylim=(0, 100))
    label_ends(ax, ends)
    return fig


def _gap(ax: Axes, x: float, low: float, high: float, name: str, *, right: bool) -> None:
    """Mark a difference at x by a bracket with its name and its size."""
    ax.plot([x, x], [low, high], color=GRAY, lw=5, alpha=0.35, solid_capstyle="butt")
    words = f"{name}: {high - low:+.0f} points"
    place = (8, 14) if right else (-8, 22)
    ax.annotate(words, (x, (low + high) / 2), place, textcoords="offset points", color=GRAY,
                ha="left" if right else "right", va="center", fontsize=10.5)  # fmt: skip
