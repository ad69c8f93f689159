"""Pictures of chapter 05: class means, CORAL's steps, components, transport, class shares."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from tlbook import plots
from tlbook.evaluation import t_interval


def class_means(Zs: Any, Zt: Any, ys: Any, yt: Any, title: str) -> Figure:
    """Draw both domains in the plane, with the digit of each class at its mean."""
    fig, ax = plots.figure(title, size=(6.6, 4.4))
    for Z, y, role, name in ((Zs, ys, "source", "print"), (Zt, yt, "target", "handwriting")):
        color = plots.color(role)
        ax.plot(*Z[:400].T, ".", color=color, ms=4, alpha=0.35, label=name)
        for c in np.unique(y):
            mean = Z[y == c].mean(0)
            ax.text(*mean, str(c), color="white", ha="center", va="center", fontsize=10,
                    bbox={"boxstyle": "circle,pad=0.2", "facecolor": color, "lw": 0})  # fmt: skip
    ax.set(xlabel="component 1", ylabel="component 2")
    ax.legend(title="digit: mean of its class")
    return fig


def steps(panels: Mapping[str, Any], target: Any, title: str) -> Figure:
    """Draw the source after each step, with the target's cloud behind every panel."""
    fig, axes = plots.figure(title, size=(10.5, 3.7), columns=len(panels), sharey=True)
    for ax, (name, rows) in zip(axes, panels.items(), strict=True):
        ax.plot(*target.T, ".", color=plots.color("target"), ms=4, alpha=0.45, label="target")
        ax.plot(*rows.T, ".", color=plots.color("source"), ms=4, alpha=0.6, label="source")
        ax.set_title(name)
        ax.set(xlabel="feature 1", xlim=(-9, 7), ylim=(-5, 5))
    axes[0].set_ylabel("feature 2")
    axes[0].legend(loc="lower right")
    return fig


def before_after(before: Any, after: Any, y: Any, title: str) -> Figure:
    """Draw (source, target) rows before and after a map; the classes are two markers."""
    fig, axes = plots.figure(title, size="wide", columns=2)
    for ax, (Zs, Zt), axis in zip(axes, (before, after), ("feature", "component"), strict=True):
        plots.scatter_domains(Zs, Zt, y, y, title="", ax=ax, legend=False,
                              xlabel=f"{axis} 1", ylabel=f"{axis} 2")  # fmt: skip
    axes[0].set_ylim(top=5.6)  # room for the legend
    axes[0].legend(loc="upper center", ncols=2, handletextpad=0.2)
    axes[0].set_title("before")
    axes[1].set_title("after")
    return fig


def transport(P: Any, Q: Any, yp: Any, yq: Any, title: str) -> Figure:
    """Draw where each source row goes; ``P[i]`` goes to ``Q[i]``, and other classes are red."""
    fig, ax = plots.figure(title, size=(6.6, 4.4))
    wrong = np.asarray(yp) != np.asarray(yq)
    for p, q, bad in zip(P, Q, wrong, strict=True):
        color, width = ("#CC0000", 1.6) if bad else ("#999999", 0.9)
        ax.plot(*zip(p, q, strict=True), color=color, lw=width, zorder=1)
    plots.scatter_domains(P, Q, yp, yq, title="", ax=ax, alpha=0.9, legend=False)
    handles, labels = ax.get_legend_handles_labels()
    red = ax.plot([], [], color="#CC0000", lw=1.6)[0]
    ax.legend([*handles, red], [*labels, "to the other class"], loc="upper left",
              bbox_to_anchor=(1.01, 1))  # fmt: skip
    return fig


SHARES = {"same shares": ("baseline", "s", -0.2), "other shares": ("wrong", "o", 0.0),
          "other shares, source redrawn": ("right", "D", 0.2)}  # fmt: skip


def gains_by_shares(gains: Mapping[str, Mapping[str, Any]], title: str) -> Figure:
    """Draw for each arm the gain of every method, in points, with its 95 % interval."""
    fig, ax = plots.figure(title, size=(8.6, 4))
    for arm, (role, marker, offset) in SHARES.items():
        spans = [t_interval(np.asarray(values)) for values in gains[arm].values()]
        mean = np.array([span.mean for span in spans])
        ax.errorbar(mean, np.arange(len(mean)) + offset, fmt=marker, capsize=3, label=arm,
                    xerr=[span.high - span.mean for span in spans],
                    color=plots.color(role))  # fmt: skip
    ax.axvline(0, color="#444444", lw=1)
    ax.set_yticks(range(len(mean)), list(gains["same shares"]))
    ax.set(xlabel="gain over no adaptation (points): mean and 95 % interval, 8 seeds")
    ax.invert_yaxis()
    ax.legend(loc="upper left", bbox_to_anchor=(1.01, 1))
    return fig
