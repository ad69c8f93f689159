"""Turn the moons, choose an aligner, watch border and accuracy (chapter 05)."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch

from tlbook import plots
from tlbook.course.ch05_features.rotating_moons import GRID, METHODS, STEPS, moons
from tlbook.course.results import stored
from tlbook.course.widgets.controls import Choice, Slider, Stepper
from tlbook.course.widgets.experiment import Experiment
from tlbook.plots.curves import label_ends
from tlbook.plots.figure import headline

CONTROLS = (
    Slider("angle", "Turn the target by", 0, 180, 5, 50, "degrees", kind="int"),
    Choice("method", "Aligner", tuple(METHODS), "no adaptation"),
    Choice(
        "step",
        "Gradual: degrees per step",
        STEPS,
        STEPS[0],
        slider=True,
        unchanged="only gradual self-training makes stops on the way",
    ),
    Stepper("seed", "New sample", 0),
)

WINDOW = 2.3
PIXELS = 70
SHADES = ("#F4F4F4", "#DDE7D9")  # where the answer is 0, and where it is 1


@dataclass(frozen=True)
class Result:
    """What is drawn: target and mapped source, the region of answer 1, accuracy, stored curves."""

    angle: int
    method: str
    step: int
    source: np.ndarray | None
    labels: np.ndarray
    target: np.ndarray
    truth: np.ndarray
    right: np.ndarray
    region: list[Any]
    accuracy: float
    curves: dict[str, tuple[np.ndarray, np.ndarray, np.ndarray]]


@lru_cache(maxsize=1)
def _grid() -> tuple[np.ndarray, np.ndarray]:
    line = np.linspace(-WINDOW, WINDOW, PIXELS)
    return line, np.stack(np.meshgrid(line, line), -1).reshape(-1, 2)


@lru_cache(maxsize=len(STEPS))
def stored_curves(step: int) -> dict[str, tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Return for each method angles, mean and standard deviation (%) over the stored seeds."""
    frame = stored.load("feature_alignment").query("case == 'moons'")
    found = {}
    for method in METHODS:
        size = _settings(method, step).get("step", STEPS[0])
        rows = frame[(frame.method == method) & (frame.settings == f"step={size}")]
        table = 100 * rows.pivot(index="seed", columns="x", values="accuracy")
        found[method] = (np.asarray(table.columns), table.mean().values, table.std().values)
    return found


def _settings(method: str, step: int) -> dict[str, int]:
    """Return the step as a setting of the one method that has it."""
    return {"step": step} if {"step": step} in GRID[method] else {}


def compute(angle: int, method: str, step: int, seed: int) -> Result:
    """Fit one method at one angle and ask it about the plane and the target's test points."""
    task = moons(angle, seed)
    model = METHODS[method].fit(task, seed, **_settings(method, step))
    points, answers = [], []

    def ask(X: np.ndarray) -> np.ndarray:
        points.append(X)
        answers.append(model.predict(X))
        return answers[0]

    report = task.report(ask)
    shown = slice(0, 250)
    right = np.ones(len(answers[0]), dtype=bool)
    right[report.wrong] = False
    truth = np.where(right, answers[0], 1 - answers[0])  # two classes: a wrong 1 is a 0
    return Result(
        angle,
        method,
        step,
        _mapped_source(task, model),
        np.asarray(task.source.y),
        points[0][shown],
        truth[shown],
        right[shown],
        _region(model),
        report.accuracy,
        stored_curves(step),
    )


def _mapped_source(task: Any, model: Any) -> np.ndarray | None:
    """Return where the source lies in the target's plane; ``None`` where it left the plane."""
    adapter = getattr(model, "adapter_", None)
    X = np.asarray(task.source.X)
    if adapter is None:
        return X
    inside = type(adapter).__name__ in ("CORAL", "OptimalTransport")
    return adapter.transform_source(X) if inside else None


def _region(model: Any) -> list[Any]:
    """Return the outline of the region in which the answer is 1."""
    from contourpy import contour_generator
    from matplotlib.path import Path

    line, points = _grid()
    score = np.asarray(model.decision_function(points), dtype=float).reshape(PIXELS, PIXELS)
    contours = contour_generator(line, line, score, fill_type="OuterCode")
    return [Path(*area) for area in zip(*contours.filled(0.0, np.inf), strict=True)]


def draw(result: Result, fig: Figure) -> Figure:
    """Draw the target's plane with the answers, and accuracy over the angle for all methods."""
    fig.clear()
    fig.set_layout_engine("none")  # fixed places: the layout engine would cost a third of the time
    headline(fig, _finding(result))
    _plane(fig.add_axes((0.065, 0.12, 0.37, 0.74)), result)
    _curves(fig.add_axes((0.505, 0.12, 0.3, 0.74)), result)
    return fig


ANSWERS = (("CORAL", 60), ("optimal transport", 60), ("CORAL", 180), ("gradual self-training", 180))


def answers(seed: int = 0) -> Figure:
    """Return the left picture in four states that the chapter asks for, side by side."""
    fig, axes = plots.figure(
        "At 60° both aligners lose a part, at 180° CORAL fails. Following keeps the classes",
        size=(12, 3.9), columns=len(ANSWERS), sharey=True,
    )  # fmt: skip
    for ax, (method, angle) in zip(axes, ANSWERS, strict=True):
        result = compute(angle, method, STEPS[0], seed)
        _plane(ax, result, words=False)
        ax.set_title(f"{angle}°, {method}: {100 * result.accuracy:.0f} %", fontsize=10.5)
    for ax in axes[1:]:
        ax.set_ylabel("")
    return fig


def _plane(ax: Axes, result: Result, words: bool = True) -> None:
    ax.set_facecolor(SHADES[0])
    for outline in result.region:
        ax.add_patch(PathPatch(outline, facecolor=SHADES[1], edgecolor="#444444", lw=1.2, zorder=1))
    color = plots.color("source")
    if result.source is not None:
        for label, face in ((0, "none"), (1, color)):
            rows = result.source[result.labels == label]
            ax.plot(*rows.T, "s", ms=3, mfc=face, mec=color, mew=0.7, alpha=0.45, zorder=2)
    color = plots.color("target")
    for label, face in ((0, "white"), (1, color)):
        rows = result.target[result.truth == label]
        ax.plot(*rows.T, "o", ms=4.5, mfc=face, mec=color, mew=0.9, alpha=0.9, zorder=3)
    wrong = result.target[~result.right]
    ax.plot(*wrong.T, "x", color="black", ms=5.5, mew=1.1, zorder=4)
    ax.set(xlim=(-WINDOW, WINDOW), ylim=(-WINDOW, WINDOW), xticks=[-2, 0, 2], yticks=[-2, 0, 2])
    ax.set(xlabel="feature 1", ylabel="feature 2")
    ax.grid(False)
    if not words:
        return
    moved = result.method in ("CORAL", "optimal transport")
    source = "□ ■ source, as mapped" if moved else "□ ■ source"
    source = source if result.source is not None else "source: not in this plane"
    white = {"facecolor": "white", "edgecolor": "none", "pad": 1.5}
    look: dict[str, Any] = {"fontsize": 10, "bbox": white, "zorder": 7}
    ax.text(-2.2, 2.02, source, color=plots.color("source"), **look)
    ax.text(-2.2, 1.72, "○ ● target   × wrong", color=color, **look)
    ax.text(-2.2, -2.18, "shaded: the answer is class 1 (filled)", color="#444444", **look)


def _curves(ax: Axes, result: Result) -> None:
    ends = []
    for name, (angles, mean, sd) in result.curves.items():
        color, mine = plots.color(name), name == result.method
        if mine:
            ax.fill_between(angles, mean - sd, mean + sd, color=color, alpha=0.2, lw=0)
        ax.plot(angles, mean, color=color, lw=3 if mine else 1.5, alpha=1 if mine else 0.75)
        ends.append((name, 180.0, float(mean[-1]), color))
    ax.set(xlim=(0, 180), ylim=(-7, 104), xticks=[0, 60, 120, 180], yticks=[0, 25, 50, 75, 100])
    label_ends(ax, ends, size=9.5)
    ax.axvline(result.angle, color="#444444", lw=1.2, ls=":")
    ax.plot(result.angle, 100 * result.accuracy, "o", ms=9, mfc=plots.color(result.method))
    ax.lines[-1].set(markeredgecolor="black", markeredgewidth=1.4, zorder=6)
    ax.set(xlabel="angle (degrees)", ylabel="right answers (%)")
    ax.set_title("mean of 8 stored seeds; dot: here", fontsize=10.5)


def _finding(result: Result) -> str:
    how = result.method
    if how == "gradual self-training":
        how += f" in steps of {result.step}°"
    return f"Turned by {result.angle}°, {how}: {100 * result.accuracy:.0f}% right"


EXPERIMENT = Experiment(
    "rotating_moons",
    "Turn the moons: which aligner keeps up, and how far?",
    compute,
    draw,
    CONTROLS,
    size=(9.6, 4.5),
)
