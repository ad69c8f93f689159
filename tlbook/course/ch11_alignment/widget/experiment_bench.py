"""Chapter 11: a bench for adaptation methods. Choose, run, watch, compare; score at the very end.

Runs train in the background and are kept in a file. All curves are free of target labels; the
target's accuracy is shown only on request, and the request is counted.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from tlbook import plots
from tlbook.course.ch11_alignment.widget._bench_knobs import KNOBS, METHODS, START, TASKS, settings
from tlbook.course.ch11_alignment.widget._bench_view import BenchView
from tlbook.course.ch11_alignment.widget._run_log import words
from tlbook.course.results import stored
from tlbook.course.widgets.controls import Choice, Slider
from tlbook.course.widgets.live_experiment import LiveExperiment, Watch, unwatched
from tlbook.plots import COLORS
from tlbook.plots.figure import headline

if TYPE_CHECKING:
    from tlbook.course.ch11_alignment.widget._bench_run import Result

MEASURES = {
    "information": "information (nats)",
    "entropy": "− entropy (nats)",
    "density": "neighborhood density (nats)",
}
ANSWERS: dict[str, dict[str, str]] = {
    "(a) MK-MMD, label shift": {"task": TASKS[2], "method": "MK-MMD"},
    "(b) BBSE-weighted, label shift": {"task": TASKS[2], "method": "BBSE-weighted MMD"},
    "(c) source only, whole task": {"task": TASKS[1], "method": "source only"},
    "(d) entropy, whole task": {"task": TASKS[1], "method": "entropy"},
}
"""The runs of the study ``alignment_bench``, one each."""
STEPS = 200


def train(watch: Watch, *, task: str, method: str, seed: int, steps: int, **params: Any) -> Result:
    """Make one run; ``watch`` is asked about 40 times.

    Parameters
    ----------
    watch : function
        See :class:`~tlbook.course.widgets.live_experiment.LiveExperiment`.
    task : str
        One of ``TASKS``.
    method : str
        One of ``METHODS``.
    seed : int
        Of the training. The task's own draw is fixed, so that runs can be compared.
    steps : int
        Steps of the first stage.
    **params
        Values of all ``KNOBS``; those of other methods are not used.
    """
    from tlbook.course.ch11_alignment.widget._bench_run import run

    given = settings(method, **params)
    title = f"{method}, {words(given)}" if given else method
    return run(watch, task, method, given, seed, steps, title)


def compute(*, task: str, method: str, seed: int, steps: int, **params: Any) -> Result:
    """Return the end of the run that :func:`train` makes, with nobody watching."""
    used = {knob.name for knob in KNOBS[method].values()}
    own = tuple(sorted((k, v) for k, v in params.items() if k in used))
    return _computed(task, method, seed, steps, own)


@lru_cache(maxsize=32)
def _computed(
    task: str, method: str, seed: int, steps: int, own: tuple[tuple[str, Any], ...]
) -> Result:
    return train(unwatched, task=task, method=method, seed=seed, steps=steps, **dict(own))


def draw(result: Result, fig: Figure) -> Figure:
    """Draw the parts of the objective, source validation, and criteria without target labels."""
    fig.clear()
    headline(fig, _finding(result))
    fig.set_layout_engine("none")  # fixed places: nothing is measured anew for each picture
    color = COLORS.get(result.title.partition(",")[0], "#444444")
    parts = list(result.parts)[:3] or ["L_S"]
    _column(fig, 0.07, {n: result.parts.get(n, np.zeros(0)) for n in parts}, result, "#444444")
    ax = fig.add_axes((0.395, 0.14, 0.255, 0.63))
    _curve(ax, result, result.measures["source validation"], color)
    ax.set(ylim=(0, 103), yticks=(0, 25, 50, 75, 100), xlabel="step")
    ax.set_title("source validation (% right)", fontsize=10.5)
    shown = {title: result.measures[name] for name, title in MEASURES.items()}
    _column(fig, 0.725, shown, result, color)
    return fig


def answers() -> Figure:
    """Return the criteria of the four runs that the chapter asks for, from the stored study."""
    runs = stored.load("alignment_bench")
    fig, axes = plots.figure(
        "One run each: (a) has more information than (b) and is less often right. "
        "(d) is sure, and a third of its answers are wrong",
        size=(10.4, 3.9), columns=len(ANSWERS), sharey=True,
    )  # fmt: skip
    for ax, (name, which) in zip(axes, ANSWERS.items(), strict=True):
        run = runs[(runs.task == which["task"]) & (runs.method == which["method"])]
        last, color = run.iloc[-1], COLORS.get(which["method"], "#444444")
        for criterion, title in MEASURES.items():
            for _, stage in run.groupby(run.step > STEPS):
                ax.plot(stage.step, stage[criterion], color=color)
            label = f"{title.split()[-2]} {last[criterion]:.2f}".replace("-", "−")
            label = f"−{label}" if criterion == "entropy" else label
            ax.annotate(
                label, (last.step, last[criterion]), (0, 3), textcoords="offset points",
                ha="right", va="bottom", fontsize=9,
            )  # fmt: skip
        ax.set(ylim=(-2.6, 6.6), xlabel="step" if last.step == STEPS else "step (200: new start)")
        ax.set_title(
            f"{name}\nsource validation {last['source validation']:.0f} %\n"
            f"target {100 * last.accuracy:.0f} % right",
            fontsize=10,
        )
    axes[0].set_ylabel("criterion on the target (nats)")
    return fig


def _finding(result: Result) -> str:
    at = f"step {result.step} of {result.steps}"
    if not len(result.at):
        return f"{result.task}: {result.title}; {at}"
    accuracy = result.measures["source validation"][-1]
    return f"{result.task}: {result.title}; source validation {accuracy:.0f} % at {at}"


def _column(
    fig: Figure, left: float, curves: dict[str, np.ndarray], result: Result, color: str
) -> None:
    """Draw curves of different scales one below the other."""
    gap = 0.14
    height = (0.63 - gap * (len(curves) - 1)) / len(curves)
    for i, (name, values) in enumerate(curves.items()):
        last = i == len(curves) - 1
        bottom = 0.14 + (height + gap) * (len(curves) - 1 - i)
        ax = fig.add_axes((left, bottom, 0.255, height))
        _curve(ax, result, values, color)
        ax.set_title(name.replace("L_S", "label loss L_S"), fontsize=10.5)
        ax.locator_params(axis="y", nbins=3 if len(curves) > 1 else 6)
        ax.margins(y=0.15)
        ax.tick_params(labelbottom=last)
        if last:
            ax.set_xlabel("step")


def _curve(ax: Axes, result: Result, values: np.ndarray, color: str) -> None:
    at = result.at[: len(values)]
    ax.plot(at, values, color=color)
    if len(values) and np.isfinite(values[-1]):
        ax.plot(at[-1], values[-1], "o", color=color, ms=5)
    ax.set_xlim(0, 1.02 * result.steps)


EXPERIMENT = LiveExperiment(
    name="experiment_bench",
    title="Which method, which setting? Choose without target labels, then score once",
    compute=compute,
    draw=draw,
    train=train,
    verb="Run",
    slice="a fortieth of the run",
    at_once=False,
    pace=0.4,
    controls=(
        Choice("task", "Task", TASKS, start=TASKS[0]),
        Choice("method", "Method", METHODS, start=START),
        *(knob for method in METHODS for knob in KNOBS[method].values()),
        Choice("steps", "Steps", (50, STEPS, 500), start=STEPS, slider=True),
        Slider("seed", "Seed of the training", 0, 9, 1, 0, kind="int"),
    ),
    size=(10.4, 3.8),
    view=BenchView,
)
