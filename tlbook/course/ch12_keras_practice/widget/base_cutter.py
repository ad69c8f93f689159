"""Chapter 12: where to cut the base × labels per class × drop what lies above, or train it.

Everything comes from the stored study ``keras_cut`` (eight draws of labels), the pictures from the
task itself, so that the answer is there at once.
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
from tlbook.course.widgets.controls import Choice
from tlbook.course.widgets.experiment import Experiment
from tlbook.plots import COLORS
from tlbook.plots.figure import headline
from tlbook.plots.mistakes import draw_mistakes

if TYPE_CHECKING:
    import pandas as pd

CUTS = {
    "nothing": 0,
    "up to block 5": 7,
    "up to block 12": 14,
    "up to block 15": 17,
    "the whole base": 19,
}
TICKS = ("nothing", "5", "12", "15", "all")
ARMS = {"drop it (probe)": "probe", "train it with the head": "fine-tune"}
NAMES = {"probe": "linear probe", "fine-tune": "LP-FT"}
BUDGETS = (1, 2, 5, 10, 20, 50)
WHOLE = 19
SEED = 0  # of the answers that are kept
ROWS, COLUMNS = 4, 4
ANSWERS = (1, 5, 20, 50)
"""Labels per class in the strip."""


@dataclass(frozen=True)
class Result:
    """What one setting shows; accuracies in percent, (seeds, cuts) and (seeds, budgets)."""

    kept: str
    arm: str
    budget: int
    accuracy: np.ndarray
    whole: np.ndarray
    by_cut: dict[str, np.ndarray]
    by_budget: dict[str, np.ndarray]
    images: np.ndarray
    truth: np.ndarray
    predicted: np.ndarray


@lru_cache(maxsize=1)
def _study() -> pd.DataFrame:
    from tlbook.course.results import stored

    frame = stored.load("keras_cut")
    # Above the whole base nothing is left to train: there the probe stands for both.
    both = frame[(frame.arm == "probe") & (frame.cut == WHOLE)].assign(arm="fine-tune")
    import pandas as pd

    return pd.concat([frame, both], ignore_index=True)


@lru_cache(maxsize=1)
def _tables() -> dict[str, pd.DataFrame]:
    """Return for each arm a table seed × (cut, budget), in percent."""
    return {
        arm: 100 * rows.pivot(index="seed", columns=["cut", "budget"], values="accuracy")
        for arm, rows in _study().groupby("arm")
    }


@lru_cache(maxsize=256)
def compute(kept: str = "the whole base", arm: str = "drop it (probe)", budget: int = 5) -> Result:
    """Return accuracies over cuts and labels, and the mistakes of one stored run.

    Parameters
    ----------
    kept : str
        A key of ``CUTS``: which part of the base stays as it is.
    arm : str
        A key of ``ARMS``: what becomes of the part above.
    budget : int
        Labels per class, one of ``BUDGETS``.

    Raises
    ------
    ValueError
        If there is no such run.
    """
    from tlbook.data.signs import load_signs

    if kept not in CUTS or arm not in ARMS or budget not in BUDGETS:
        raise ValueError(f"kept, arm, budget: got {kept!r}, {arm!r}, {budget}: not stored")
    cut, way, tables, frame = CUTS[kept], ARMS[arm], _tables(), _study()
    run = frame[
        (frame.arm == way) & (frame.cut == cut) & (frame.budget == budget) & (frame.seed == SEED)
    ].iloc[0]
    answers = unpacked(run["answers"])
    report = load_signs(seed=SEED).report(lambda _: answers)
    return Result(
        kept=kept,
        arm=way,
        budget=budget,
        accuracy=tables[way][cut][budget].to_numpy(),
        whole=tables["probe"][WHOLE][budget].to_numpy(),
        by_cut={
            name: np.stack([table[c][budget] for c in CUTS.values()], axis=1)
            for name, table in tables.items()
        },
        by_budget={
            name: np.stack([table[cut][b] for b in BUDGETS], axis=1)
            for name, table in tables.items()
        },
        images=report.images[: ROWS * COLUMNS],
        truth=report.truth[: ROWS * COLUMNS],
        predicted=report.predicted[: ROWS * COLUMNS],
    )


def draw(result: Result, fig: Figure) -> Figure:
    """Draw accuracy over the cut, accuracy over the labels, and the mistakes."""
    fig.clear()
    headline(fig, _finding(result))
    fig.set_layout_engine("none")  # fixed places: the layout engine would draw everything twice
    places = np.arange(len(CUTS))
    here = list(CUTS).index(result.kept)
    left = fig.add_axes((0.065, 0.16, 0.29, 0.66))
    _lines(left, places, result.by_cut, result.arm, here)
    left.set_xticks(places, list(TICKS))
    left.set_xlabel("frozen up to block")
    left.set_ylabel("accuracy on digits (%)")
    plural = "s" if result.budget > 1 else ""
    left.set_title(f"{result.budget} label{plural} per class", fontsize=10.5)
    left.legend(loc="lower right", fontsize=9)
    right = fig.add_axes((0.405, 0.16, 0.29, 0.66))
    _lines(
        right, np.arange(len(BUDGETS)), result.by_budget, result.arm, BUDGETS.index(result.budget)
    )
    right.set_xticks(np.arange(len(BUDGETS)), [str(b) for b in BUDGETS])
    right.set_xlabel("labels per class")
    right.set_title(f"frozen: {result.kept}", fontsize=10.5)
    answers = fig.add_axes((0.735, 0.03, 0.26, 0.79))
    draw_mistakes(
        answers,
        result.images,
        result.truth,
        result.predicted,
        rows=ROWS,
        columns=COLUMNS,
        size=8,
    )
    answers.set_title("mistakes of draw 0: truth → answer", fontsize=10)
    return fig


def answers() -> Figure:
    """Return accuracy over the cut for four numbers of labels, side by side."""
    fig, axes = plots.figure(
        "A probe low in the base reads far less. Training the rest makes up for it",
        size=(10.4, 3.2), columns=len(ANSWERS), sharey=True,
    )  # fmt: skip
    for ax, budget in zip(axes, ANSWERS, strict=True):
        by_cut, places = compute(budget=budget).by_cut, np.arange(len(CUTS))
        whole = by_cut["probe"][:, -1].mean()
        ax.axhline(whole, color=COLORS[NAMES["probe"]], lw=1, ls=":")
        _lines(ax, places, by_cut, "fine-tune", None)
        ax.set_xticks(places, ["none", *TICKS[1:]])
        ax.set_xlabel("frozen up to block")
        ax.set_title(f"{budget} label{'s' if budget > 1 else ''} per class")
    axes[0].set_ylabel("accuracy on digits (%)")
    axes[-1].legend(loc="lower right", fontsize=9)
    return fig


def _finding(result: Result) -> str:
    gap = result.accuracy.mean() - result.whole.mean()
    mean = result.accuracy.mean()
    if result.kept == "the whole base":
        return f"Probe on the whole base: {mean:.0f} % of the digits right"
    what = "probe there" if result.arm == "probe" else "train the rest"
    where = result.kept
    return (
        f"Freeze {where}, {what}: {mean:.0f} % right, {abs(gap):.0f} points "
        f"{'above' if gap >= 0 else 'below'} the whole base's probe"
    )


def _lines(
    ax: Axes, x: np.ndarray, values: dict[str, np.ndarray], arm: str, here: int | None
) -> None:
    for way, runs in values.items():
        color, mean, spread = COLORS[NAMES[way]], runs.mean(axis=0), runs.std(axis=0, ddof=1)
        shown = way == arm
        ax.fill_between(x, mean - spread, mean + spread, color=color, alpha=0.15, lw=0)
        label = "probe at the cut" if way == "probe" else "rest trained"
        ax.plot(x, mean, "o-" if shown else "o--", color=color, lw=2.4 if shown else 1.4, ms=4,
                label=label)  # fmt: skip
        if shown and here is not None:
            ax.plot(x[here], mean[here], "o", color=color, ms=13, mfc="none", mew=2.5)
    ax.axhline(10, color="#AAAAAA", lw=1, zorder=0.5)
    ax.text(x[0], 9, "guessing", color="#666666", fontsize=8.5, va="top")
    ax.set_ylim(0, 103)
    ax.set_yticks((0, 25, 50, 75, 100))


EXPERIMENT = Experiment(
    name="base_cutter",
    title="Where do you cut the base, and what becomes of the part above?",
    compute=compute,
    draw=draw,
    controls=(
        Choice("kept", "Keep frozen", tuple(CUTS), start="up to block 12", slider=True),
        Choice("budget", "Labels per class", BUDGETS, start=5, slider=True),
        Choice("arm", "The part above", tuple(ARMS), start="train it with the head"),
    ),
    size="wide",
)
