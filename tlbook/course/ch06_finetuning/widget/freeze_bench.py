"""Chapter 06: what is frozen × learning rate × labels per class, with or without BatchNorm.

Everything comes from the stored study ``finetuning_bench`` (one draw of labels), the pictures from
the task itself, so that the answer is there at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from tlbook import plots
from tlbook.course.studies.answers import unpacked
from tlbook.course.widgets.controls import Choice, Toggle
from tlbook.course.widgets.experiment import Experiment
from tlbook.plots import COLORS
from tlbook.plots.figure import headline
from tlbook.plots.legible import ink_on
from tlbook.plots.mistakes import draw_mistakes

if TYPE_CHECKING:
    import pandas as pd

BUDGETS = (1, 5, 20)
RATES = (1e-4, 1e-3, 1e-2)
FROZEN = {"nothing": 0, "first 2 blocks": 2, "first 4 blocks": 4, "all 6: head only": 6}
N_BLOCKS = 6
SEED = 0  # of the study
ROWS, COLUMNS = 4, 4
ANSWERS: dict[str, dict[str, Any]] = {
    "(a) nothing frozen, 1e-3": {"frozen": "nothing", "lr": 1e-3},
    "(b) all 6 frozen, 1e-2": {"frozen": "all 6: head only", "lr": 1e-2},
    "(c) first 4 frozen, 1e-2": {"frozen": "first 4 blocks", "lr": 1e-2},
    "(d) as (c), statistics kept": {
        "frozen": "first 4 blocks",
        "lr": 1e-2,
        "keep_statistics": True,
    },
}


@dataclass(frozen=True)
class Result:
    """What one setting of the bench shows; accuracies and forgetting in percent."""

    frozen: str
    lr: float
    budget: int
    keep_statistics: bool
    accuracy: float
    curve: np.ndarray
    probe: np.ndarray
    letters: float
    letters_before: float
    drift: np.ndarray
    images: np.ndarray
    truth: np.ndarray
    predicted: np.ndarray


@lru_cache(maxsize=1)
def _study() -> pd.DataFrame:
    from tlbook.course.results import stored

    return stored.load("finetuning_bench")


@lru_cache(maxsize=1)
def _probe() -> np.ndarray:
    """Return the probe's accuracy at ``BUDGETS`` for the same labels, in percent."""
    from tlbook.course.results import stored

    rows = stored.load("finetuning_causes").query(
        "task == 'signs' and head == 'linear probe' and seed == @SEED"
    )
    return 100 * rows.set_index("budget").accuracy.loc[list(BUDGETS)].to_numpy()


@lru_cache(maxsize=1)
def _letters_before() -> float:
    """Return the accuracy of the untouched network on the letters of the study, in percent."""
    from tlbook.course.ch06_finetuning.cases import N_LETTERS
    from tlbook.course.pretraining.networks import signnet
    from tlbook.data.signs import load_signs
    from tlbook.training import predict

    letters = load_signs(seed=SEED).validation
    assert letters.y is not None
    right = predict(signnet(), letters.X[:N_LETTERS]) == letters.y[:N_LETTERS]
    return float(100 * right.mean())


@lru_cache(maxsize=256)
def compute(
    frozen: str = "nothing",
    lr: float = 1e-3,
    budget: int = 1,
    keep_statistics: bool = False,
) -> Result:
    """Return accuracy, forgetting, drift and mistakes of a stored run.

    Parameters
    ----------
    frozen : str
        A key of ``FROZEN``: which blocks get no gradient.
    lr : float
        Learning rate of all that is trained, one of ``RATES``.
    budget : int
        Labels per class, one of ``BUDGETS``.
    keep_statistics : bool
        Whether BatchNorm keeps the source's statistics.

    Raises
    ------
    ValueError
        If there is no such run.
    """
    from tlbook.data.signs import load_signs

    frame = _study()
    batchnorm = "frozen" if keep_statistics else "train"
    arm = frame[
        (frame.frozen == FROZEN.get(frozen, -1))
        & np.isclose(frame.lr, lr)
        & (frame.batchnorm == batchnorm)
    ].set_index("budget")
    if budget not in arm.index:
        raise ValueError(f"frozen, lr, budget: got {frozen!r}, {lr:g}, {budget}: not stored")
    run = arm.loc[budget]
    answers = unpacked(run["answers"])
    report = load_signs(seed=SEED).report(lambda _: answers)
    before = _letters_before()
    return Result(
        frozen=frozen,
        lr=lr,
        budget=budget,
        keep_statistics=keep_statistics,
        accuracy=100 * report.accuracy,
        curve=100 * arm.accuracy.loc[list(BUDGETS)].to_numpy(),
        probe=_probe(),
        letters=before - 100 * float(run["forgotten"]),
        letters_before=before,
        drift=np.array([run[f"drift_{i}"] for i in range(1, N_BLOCKS + 1)], dtype=float),
        images=report.images[: ROWS * COLUMNS],
        truth=report.truth[: ROWS * COLUMNS],
        predicted=report.predicted[: ROWS * COLUMNS],
    )


def draw(result: Result, fig: Figure) -> Figure:
    """Draw the learning curve, what was forgotten, how far each layer moved, and the mistakes."""
    fig.clear()
    gap = result.accuracy - result.probe[BUDGETS.index(result.budget)]
    plural = "s" if result.budget > 1 else ""
    headline(
        fig,
        f"{result.budget} label{plural} per class: {result.accuracy:.0f} % right, "
        f"{abs(gap):.0f} points {'above' if gap >= 0 else 'below'} the probe; "
        f"on letters {result.letters_before:.0f} → {result.letters:.0f} %",
    )
    fig.set_layout_engine("none")  # fixed places: the layout engine would draw everything twice
    _draw_curve(result, fig.add_axes((0.07, 0.16, 0.245, 0.68)))
    _draw_letters(result, fig.add_axes((0.355, 0.16, 0.1, 0.68)))
    _draw_drift(result, fig.add_axes((0.5, 0.16, 0.21, 0.68)))
    draw_mistakes(
        fig.add_axes((0.735, 0.03, 0.26, 0.81)),
        result.images,
        result.truth,
        result.predicted,
        rows=ROWS,
        columns=COLUMNS,
        size=8,
    )
    return fig


def answers() -> Figure:
    """Return the learning curve in the four states that the chapter asks for, side by side."""
    fig, axes = plots.figure(
        "Which setting is best depends on the labels: four states of the bench (one draw)",
        size="wide",
        columns=len(ANSWERS),
        sharey=True,
    )
    for ax, (name, state) in zip(axes, ANSWERS.items(), strict=True):
        _draw_curve(compute(**EXPERIMENT.parameters(**state)), ax, ring=False)
        ax.set_title(name, fontsize=10)
        ax.set_ylabel("")
    axes[0].set_ylabel("accuracy on digits (%)")
    for ax in axes[1:]:
        ax.get_legend().remove()
    return fig


def _draw_curve(result: Result, ax: Axes, ring: bool = True) -> None:
    for values, name, label in (
        (result.probe, "linear probe", "probe"),
        (result.curve, "fine-tuning", "this setting"),
    ):
        ax.plot(BUDGETS, values, "o-", color=COLORS[name], lw=2, ms=4, label=label)
    if ring:
        look = {"ms": 12, "mfc": "none", "mew": 2.5, "color": COLORS["fine-tuning"]}
        ax.plot([result.budget], [result.accuracy], "o", **look)  # type: ignore[arg-type]
    ax.set_xscale("log")
    ax.set_xticks(BUDGETS, [str(b) for b in BUDGETS])
    ax.minorticks_off()
    ax.set_xlim(0.75, 27)
    ax.set_ylim(0, 102)
    ax.set_yticks((0, 25, 50, 75, 100))
    ax.set_xlabel("labels per class")
    ax.set_ylabel("accuracy on digits (%)")
    ax.legend(loc="upper left", fontsize=9)


def _draw_letters(result: Result, ax: Axes) -> None:
    heights = (result.letters_before, result.letters)
    ax.bar((0, 1), heights, color=(COLORS["source"], COLORS["fine-tuning"]), width=0.75)
    for i, value in enumerate(heights):
        ax.text(i, value + 1.5, f"{value:.0f}", ha="center", fontsize=9, fontweight="bold")
        ax.text(i, -7, ("before", "after")[i], ha="center", fontsize=9)
    ax.set_ylim(0, 112)
    ax.set_title("letters (%)", fontsize=10.5)
    ax.set_axis_off()


def _draw_drift(result: Result, ax: Axes) -> None:
    held = FROZEN[result.frozen]
    colors = [COLORS["source"] if i < held else COLORS["fine-tuning"] for i in range(N_BLOCKS)]
    limit = 1.5  # one scale for all settings: a bar that is longer ends with an arrow
    ax.barh(np.arange(N_BLOCKS), np.minimum(result.drift, limit), color=colors)
    for i, value in enumerate(result.drift):
        inside = value < 0.8 * limit
        ax.text(
            min(value, limit) + (0.03 if inside else -0.03),
            i,
            f"{value:.2f} ▸" if value > limit else f"{value:.2f}",
            va="center",
            ha="left" if inside else "right",
            color="#222222" if inside else ink_on(colors[i]),
            fontsize=8.5,
        )
    ax.set_xlim(0, limit)
    ax.set_xticks(())
    ax.set_yticks(range(N_BLOCKS), [str(i + 1) for i in range(N_BLOCKS)], fontsize=9)
    ax.invert_yaxis()
    ax.set_xlabel("relative change of the output\n(blue bars: no gradient)", fontsize=9)
    ax.set_title("how far each block moved", fontsize=10.5)
    ax.grid(False)


EXPERIMENT = Experiment(
    name="freeze_bench",
    title="What do you freeze, and how fast does the rest learn?",
    compute=compute,
    draw=draw,
    controls=(
        Choice("frozen", "Frozen", tuple(FROZEN), start="nothing", slider=True),
        Choice("lr", "Learning rate", RATES, start=1e-3, slider=True),
        Choice("budget", "Labels per class", BUDGETS, start=1, slider=True),
        Toggle("keep_statistics", "Keep BatchNorm's statistics"),
    ),
    size="wide",
)
