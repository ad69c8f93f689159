"""Chapter 01: label budget × method, with the pictures that are still wrong.

The answers come from the stored study ``signs_learning_curves`` (three of its seeds), the pictures
from the task itself, so that even the slow methods answer at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from tlbook import plots
from tlbook.course.studies.answers import unpacked
from tlbook.course.widgets.controls import Choice, Slider
from tlbook.course.widgets.experiment import Experiment
from tlbook.plots import COLORS, label_ends
from tlbook.plots.figure import headline
from tlbook.plots.mistakes import draw_mistakes

if TYPE_CHECKING:
    import pandas as pd

BUDGETS = (1, 2, 5, 10, 20, 50)
METHODS = ("raw pixels", "random features", "scratch", "linear probe", "fine-tuning")
ROWS, COLUMNS = 4, 8


@dataclass(frozen=True)
class Result:
    """What one setting of the bench shows."""

    method: str
    budget: int
    accuracy: float
    n_wrong: int
    images: np.ndarray
    truth: np.ndarray
    predicted: np.ndarray
    recall: np.ndarray


@lru_cache(maxsize=1)
def _study() -> pd.DataFrame:
    from tlbook.course.results import stored

    return stored.load("signs_learning_curves")


@lru_cache(maxsize=1)
def _curves() -> dict[str, tuple[np.ndarray, np.ndarray]]:
    grouped = _study().groupby(["method", "budget"])["accuracy"]
    mean, spread = grouped.mean().unstack(), grouped.std(ddof=1).unstack()
    return {m: (100 * mean.loc[m].to_numpy(), 100 * spread.loc[m].to_numpy()) for m in METHODS}


@lru_cache(maxsize=128)
def compute(method: str = "scratch", budget: int = 1, seed: int = 0) -> Result:
    """Return accuracy, recall and the mistakes of a stored run.

    Parameters
    ----------
    method : str
        One of ``METHODS``.
    budget : int
        Labels per class, one of ``BUDGETS``.
    seed : int
        One of the study's seeds whose answers are kept.
    """
    from tlbook.data.signs import load_signs

    frame = _study()
    rows = (frame.method == method) & (frame.budget == budget) & (frame.seed == seed)
    if not rows.any():
        raise ValueError(f"method, budget, seed: got {method!r}, {budget}, {seed}: not stored")
    answers = unpacked(frame.loc[rows, "answers"].iloc[0])
    report = load_signs(seed=seed).report(lambda _: answers)
    return Result(
        method=method,
        budget=budget,
        accuracy=report.accuracy,
        n_wrong=len(report.wrong),
        images=report.images[: ROWS * COLUMNS],
        truth=report.truth[: ROWS * COLUMNS],
        predicted=report.predicted[: ROWS * COLUMNS],
        recall=report.recall,
    )


def draw(result: Result, fig: Figure) -> Figure:
    """Draw the learning curves with the setting marked, and the mistakes that are left."""
    fig.clear()
    plural = "s" if result.budget > 1 else ""
    headline(
        fig,
        f"{result.method.capitalize()}, {result.budget} label{plural} per class: "
        f"{100 * result.accuracy:.0f} % right, {result.n_wrong} of 797 still wrong",
    )
    fig.set_layout_engine("none")  # fixed places: the layout engine would draw everything twice
    left = fig.add_axes((0.065, 0.15, 0.335, 0.73))
    right = fig.add_axes((0.545, 0.03, 0.445, 0.83))
    _draw_curves(result, left)
    draw_mistakes(right, result.images, result.truth, result.predicted, rows=ROWS, columns=COLUMNS)
    return fig


@plots.styled
def answers() -> Figure:
    """Return the recall of each digit at 5 labels per class, scratch against the probe."""
    fig, ax = plots.figure(
        "Five labels per class: how many of each digit are found, in three runs", size="wide"
    )
    digits = np.arange(10)
    for name, shift in (("scratch", -0.2), ("linear probe", 0.2)):
        runs = 100 * np.stack([compute(name, 5, seed).recall for seed in range(3)])
        ax.bar(digits + shift, runs.mean(axis=0), width=0.38, color=COLORS[name], alpha=0.55)
        for i, run in enumerate(runs):
            places = digits + shift + 0.09 * (i - 1)
            ax.plot(places, run, "o", ms=4, color=COLORS[name], label="" if i else name)
    ax.set_xticks(digits)
    ax.grid(visible=False, axis="x")
    ax.set(xlabel="digit", ylabel="of its pictures found (%)", ylim=(0, 100))
    ax.legend(loc="upper right", ncols=2)
    return fig


def _draw_curves(result: Result, ax: Axes) -> None:
    ends = []
    for name, (mean, spread) in _curves().items():
        color, chosen = COLORS[name], name == result.method
        ax.fill_between(BUDGETS, mean - spread, mean + spread, color=color, alpha=0.15, lw=0)
        ax.plot(BUDGETS, mean, color=color, lw=3 if chosen else 1.2, zorder=3 if chosen else 2)
        ends.append((name, BUDGETS[-1], float(mean[-1]), color))
    ax.plot(
        [result.budget],
        [100 * result.accuracy],
        "o",
        ms=11,
        mfc="none",
        mew=2.5,
        color=COLORS[result.method],
        zorder=5,
    )
    ax.set_xscale("log")
    ax.set_xticks(BUDGETS, [str(b) for b in BUDGETS])
    ax.minorticks_off()
    ax.set_ylim(0, 102)
    ax.set_xlabel("labels per class")
    ax.set_ylabel("accuracy on the target (%)")
    label_ends(ax, ends, size=9)


CONTROLS = (
    Choice("method", "Method", METHODS, start="scratch"),
    Choice("budget", "Labels per class", BUDGETS, start=1, slider=True),
    Slider("seed", "Seed (other labels, other pictures)", 0, 2, 1, 0, kind="int"),
)

EXPERIMENT = Experiment(
    name="budget_bench",
    title="What do more labels buy, and what does a better start buy?",
    compute=compute,
    draw=draw,
    controls=CONTROLS,
    size="wide",
)
