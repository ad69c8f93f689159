"""The report on a toy shift with dials: what it says, and what is true (chapter 20)."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from tlbook import plots
from tlbook.course.ch20_clinic_and_faq.animals import Animal
from tlbook.course.ch20_clinic_and_faq.examination import true_scores
from tlbook.course.ch20_clinic_and_faq.toy_shift import SHIFTS, toy_shift
from tlbook.course.widgets.controls import Choice, Slider, Stepper
from tlbook.course.widgets.experiment import Experiment
from tlbook.diagnosis import Findings, diagnose
from tlbook.diagnosis.assumptions import FEW
from tlbook.diagnosis.detection import LEVEL
from tlbook.diagnosis.remedies import REMEDIES
from tlbook.diagnosis.withheld import unknown_accuracy
from tlbook.plots.figure import headline

MOVED, SELECTED, ANSWERED = (
    "zero and unit of the inputs",
    "which inputs are frequent",
    "the answers",
)
CONTROLS = (
    Choice("kind", "What changes in the target", tuple(SHIFTS), MOVED),
    Slider("size", "Size of the change", 0, 1, 0.2, 0.6),
    Choice("n", "Rows of each domain", (60, 120, 250, 500), 250, slider=True),
    Choice("labeled", "Labeled target rows", (0, 15, 30, 60, 120), 0, slider=True),
    Stepper("seed", "New sample", 0),
)
SHOWN = 150
ANSWERS: dict[str, dict[str, Any]] = {
    "(a) moved": {},
    "(b) 60 rows": {"n": 60},
    "(c) selected": {"kind": SELECTED, "size": 1.0},
    "(d) and 30 labels": {"kind": SELECTED, "size": 1.0, "labeled": 30},
}


@dataclass(frozen=True, eq=False)
class Result:
    """What is drawn: the task, what the report found, and the true accuracies in percent."""

    kind: str
    task: Animal
    found: Findings
    scores: dict[str, float]

    @property
    def gains(self) -> dict[str, float]:
        """True gain of each remedy, in points."""
        return {name: score - self.scores["none"] for name, score in self.scores.items()}


@lru_cache(maxsize=128)
def _examined(kind: str, size: float, n: int, labeled: int, seed: int) -> Result:
    task = toy_shift(kind, size, n, labeled, seed)
    found = diagnose(task.source, task.target, task.labeled, rehearsals=4, seed=seed).findings
    return Result(kind, task, found, true_scores(task, found, seed))


def compute(kind: str, size: float, n: int, labeled: int, seed: int) -> Result:
    """Draw the task, let the report look at it, and grade every remedy on 2,000 fresh rows."""
    return _examined(kind, size, n, labeled, seed)


def draw(result: Result, fig: Figure) -> Figure:
    """Draw the rows, the p-value of each assumption, and the gains: expected and true."""
    fig.clear()
    fig.set_layout_engine("none")
    headline(fig, _finding(result))
    left = fig.add_axes((0.06, 0.15, 0.24, 0.64))
    _rows(left, result)
    words = (("source: ∘ and + are the classes", "source"), ("target, without labels", "target"))
    for i, (text, name) in enumerate(words):
        left.text(0.02, 0.99 - 0.075 * i, text, color=plots.color(name), fontsize=10,
                  transform=left.transAxes, va="top")  # fmt: skip
    left.set(xlabel="x₁", ylabel="x₂")
    _assumptions(fig.add_axes((0.47, 0.15, 0.15, 0.64)), result.found)
    right = fig.add_axes((0.80, 0.15, 0.185, 0.64))
    _gains(right, result)
    right.set_title("expected gain,\nand the true one (×)", fontsize=11)
    return fig


def answers() -> Figure:
    """Return rows and gains in the four states that the chapter asks for."""
    fig, axes = plots.figure(
        "In this draw: right, cautious, unable to tell two stories apart, able to with 30 labels",
        size=(10.6, 5.4), columns=len(ANSWERS), rows=2,
    )  # fmt: skip
    for (above, below), (name, state) in zip(
        np.reshape(axes, (2, -1)).T, ANSWERS.items(), strict=True
    ):
        result = compute(**EXPERIMENT.parameters(**state))
        _rows(above, result)
        above.set_title(f"{name}\n{_named(result)}", fontsize=10.5)
        above.set(xlabel="x₁", ylabel="x₂")
        _gains(below, result)
        below.set_title(_advice(result), fontsize=10.5)
        below.tick_params(labelleft=name.startswith("(a)"))
    return fig


def _named(result: Result) -> str:
    return "report: " + result.found.kind.replace(" of ", "\nof ").replace(" or ", "\nor ")


def _advice(result: Result) -> str:
    advice = result.found.advice
    if not advice.adapt:
        return "advice: do not adapt"
    return f"advice: {advice.remedy}\ntrue gain {result.gains[advice.remedy]:+.0f} points".replace(
        "-", "−"
    )


def _finding(result: Result) -> str:
    said, true = result.found.headline.value, result.scores["none"]
    words = f"{_named(result)}; ".replace("\n", " ") + _advice(result).replace("\n", ", ")
    told = "unknown" if unknown_accuracy(result.found) else f"{said:.0f} %"
    return f"{words}. Accuracy: said {told}, true {true:.0f} %"


def _rows(ax: Axes, result: Result) -> None:
    """Draw source rows (∘ and + for the classes), target rows, and the labeled ones."""
    X, y = result.task.source
    for c, mark in enumerate("o+"):
        rows = X[:SHOWN][y[:SHOWN] == c]
        ax.plot(*rows.T, mark, color=plots.color("source"), mfc="none", ms=4.5, alpha=0.8)
    ax.plot(*result.task.target[:SHOWN].T, ".", color=plots.color("target"), ms=5, alpha=0.6)
    if result.task.labeled is not None:
        rows, labels = result.task.labeled
        for c, mark in enumerate("o+"):
            ax.plot(*rows[labels == c].T, mark, color="black", mfc="none", ms=5, mew=1.3)
    ax.set(xlim=(-4, 6), ylim=(-4.5, 4))
    ax.grid(False)


def _assumptions(ax: Axes, found: Findings) -> None:
    """Draw one p-value for each assumption; left of the line it does not fit."""
    for row, each in enumerate(found.assumptions):
        if each.rows < FEW or np.isnan(each.p_value):
            ax.text(0.0012, row, "too few rows", va="center", fontsize=10)
            continue
        hue = plots.color("right" if each.fits else "baseline")
        ax.plot(max(each.p_value, 0.001), row, "D", color=hue, ms=9, mec="white")
    ax.axvline(LEVEL, color="black", lw=1.2)
    names = [each.name.replace(" and turned", "\nand turned") for each in found.assumptions]
    ax.set(xscale="log", xlim=(0.0007, 1.5), ylim=(len(names) - 0.5, -0.5))
    ax.set_yticks(range(len(names)), names)
    ax.set_xlabel("p-value (line: 0.05)")
    ax.set_title("source rows, changed\nas the assumption says", fontsize=11)
    ax.grid(visible=False, axis="y")


def _gains(ax: Axes, result: Result) -> None:
    """Draw expected gains with intervals, and the true ones, which the report cannot see."""
    expected = {each.remedy: each for each in result.found.expected}
    names = [name for name in REMEDIES if name != "none"]
    ax.axvline(0, color="black", lw=1)
    for row, name in enumerate(names):
        if name in expected:
            each = expected[name]
            hue = plots.color("highlight" if name == result.found.advice.remedy else "baseline")
            ax.plot(np.clip([each.low, each.high], -59, 59), [row, row], color=hue, lw=3)
            ax.plot(np.clip(each.gain, -59, 59), row, "o", color=hue, ms=7)
        if name in result.gains:
            ax.plot(result.gains[name], row, "x", color="black", ms=8, mew=2)
    if not expected:
        ax.text(-57, -0.9, "no assumption is left", fontsize=10, va="center")
    ax.set(xlim=(-60, 60), ylim=(len(names) - 0.4, -1.4), xlabel="gain (points)")
    ax.set_yticks(range(len(names)), names)
    ax.grid(visible=False, axis="y")


EXPERIMENT = Experiment(
    "report_dial",
    "The report on a toy shift: what does it say, and what is true?",
    compute,
    draw,
    CONTROLS,
    size=(10.6, 4.2),
    large_text=1.25,
)
