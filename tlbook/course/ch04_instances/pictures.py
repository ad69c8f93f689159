"""Pictures of chapter 04: densities, ratio and the line that turns; bias and variance."""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from tlbook import plots
from tlbook.instances import effective_sample_size


@plots.styled
def ratio_and_lines(
    x: np.ndarray, y: np.ndarray, weights: np.ndarray, source: Any, target: Any
) -> Figure:
    """Draw two densities and their ratio, and below the same x two lines through weighted rows.

    Parameters
    ----------
    x, y, weights : arrays of shape (n,)
        Source rows and what each counts.
    source, target : frozen distributions of SciPy
        Of x in each domain.
    """
    title = "The ratio q/p makes the left rows count more, and the line turns"
    fig, (left, right) = plots.figure(title, size="wide", columns=2, sharex=True)
    grid = np.linspace(-1.3, 2.0, 200)
    p, q = source.pdf(grid), target.pdf(grid)
    curves = (("p, source", p, "source"), ("q, target", q, "target"), ("w = q/p", q / p, None))
    for name, values, role in curves:
        hue = plots.color(role or "true ratio")
        left.plot(grid, values, color=hue, lw=2 if role else 2.6, label=name)
    left.set(xlabel="input x", ylabel="density, ratio")
    left.legend()
    right.scatter(x, y, s=4 + 26 * weights, color=plots.color("source"), alpha=0.35, lw=0)
    right.plot(grid, -grid + grid**3, ":", color="black", lw=1.4, label="true curve")
    for name, w, role in (
        ("plain line", np.ones_like(weights), "unweighted"),
        ("weighted line", weights, "true ratio"),
    ):
        line = np.polynomial.Polynomial.fit(x, y, 1, w=np.sqrt(w))
        right.plot(grid, line(grid), color=plots.color(role), lw=2.4, label=name)
    low, high = target.ppf([0.05, 0.95])
    right.axvspan(low, high, color=plots.color("target"), alpha=0.12, lw=0, label="90 % of target")
    right.set(xlabel="input x", ylabel="y (dot area: weight)", ylim=(-2.2, 3.2))
    right.legend(loc="upper left")
    return fig


@plots.styled
def weights_beside_ratio(
    x: np.ndarray, ratio: np.ndarray, weights: dict[str, np.ndarray], title: str
) -> Figure:
    """Draw KMM's weights over x beside the true ratio, one panel for each entry.

    Parameters
    ----------
    x, ratio : arrays of shape (n,)
    weights : dict from the name of a panel to an array of shape (n,)
    title : str
        The finding.
    """
    fig, axes = plots.figure(title, size="wide", columns=len(weights), sharey=True)
    order = np.argsort(x)
    for ax, (name, w) in zip(np.atleast_1d(axes), weights.items(), strict=True):
        ax.plot(x[order], ratio[order], color=plots.color("true ratio"), label="q/p")
        ax.plot(x, w, "o", color=plots.color("KMM"), ms=5, alpha=0.7, label="KMM")
        effective = f"{effective_sample_size(w):.0f} effective rows of {len(x)}"
        ax.set(xlabel="x of the source row", title=f"{name}: {effective}")
        ax.legend(loc="upper right")
    axes[0].set_ylabel("weight")
    return fig


@plots.styled
def bias_and_variance(parts: dict[str, pd.DataFrame], title: str) -> Figure:
    """Draw squared bias and variance as stacked bars, one panel for each case.

    Parameters
    ----------
    parts : dict from the name of a case to a DataFrame
        One row for each kind of weights, with the columns "squared bias" and "variance".
    title : str
        The finding.
    """
    fig, axes = plots.figure(title, size="wide", columns=len(parts))
    for ax, (name, table) in zip(np.atleast_1d(axes), parts.items(), strict=True):
        _stacked(ax, table)
        ax.set_title(name)
    axes[0].set_ylabel("expected squared error, noise left out")
    axes[0].legend()
    return fig


def _stacked(ax: Axes, table: pd.DataFrame) -> None:
    floor = np.zeros(len(table))
    for part in ("squared bias", "variance"):
        ax.bar(range(len(table)), table[part], bottom=floor, color=plots.color(part), label=part)
        floor = floor + table[part].to_numpy()
    for i, total in enumerate(floor):
        ax.annotate(f"{total:.2f}", (i, total), ha="center", va="bottom", fontweight="bold")
    ax.set_xticks(range(len(table)), [name.replace(" ", "\n") for name in table.index])
    ax.set_ylim(top=1.12 * floor.max())
    ax.grid(visible=False, axis="x")
