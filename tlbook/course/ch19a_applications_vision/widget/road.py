"""A copied driver on the road: weather, number of lessons, and whether the copy was corrected."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from tlbook import plots
from tlbook.course.ch19a_applications_vision.driving import OUT, Policy
from tlbook.course.ch19a_applications_vision.imitation import (
    LENGTH,
    TEST_LENGTH,
    cloning,
    dagger,
    measured,
)
from tlbook.course.widgets.controls import Choice, Stepper
from tlbook.course.widgets.experiment import Experiment
from tlbook.plots.figure import headline

LESSONS = (1, 2, 3, 4, 5)
CONTROLS = (
    Choice("weather", "Weather of the drive (all lessons were by day)", ("day", "night", "fog")),
    Choice("lessons", "Lessons of 100 pictures", LESSONS, 3, slider=True),
    Stepper("seed", "New world", 0),
)
ARMS = {"cloning": cloning, "DAgger": dagger}
ANSWERS: dict[str, dict[str, Any]] = {
    "(a) one lesson": {"lessons": 1},
    "(b) three lessons": {"lessons": 3},
    "(c) world 1, five": {"lessons": 5, "seed": 1},
    "(d) as (c), at night": {"lessons": 5, "seed": 1, "weather": "night"},
}


@dataclass(frozen=True)
class Result:
    """What is drawn: by arm the offset at each meter until the car left, and its last picture."""

    params: dict[str, Any]
    paths: dict[str, np.ndarray]  # meters → offset; as long as the car stayed in its lane
    views: dict[str, np.ndarray]  # (3, 24, 32)

    def meters(self, arm: str) -> int:
        """Return how far the car came."""
        return len(self.paths[arm])


@lru_cache(maxsize=32)
def policy_after(arm: str, lessons: int, seed: int) -> Policy:
    """Return the policy of an arm after so many lessons by day."""
    *_, last = ARMS[arm](seed, rounds=lessons)
    return last


def compute(weather: str, lessons: int, seed: int) -> Result:
    """Teach both copies by day, and let them and the driver drive one road in this weather."""
    paths, views = {}, {}
    for arm in ("driver", *ARMS):
        policy = None if arm == "driver" else policy_after(arm, lessons, seed)
        driven = measured(policy, seed, cars=1, weather=weather)
        end = int(driven.meters[0])
        paths[arm], views[arm] = driven.offset[:end, 0], driven.pictures[end - 1, 0]
    return Result({"weather": weather, "lessons": lessons, "seed": seed}, paths, views)


def draw(result: Result, fig: Figure) -> Figure:
    """Draw what both copies saw last, and where all three cars were in the lane."""
    fig.clear()
    fig.set_layout_engine("none")
    headline(fig, _finding(result))
    for k, arm in enumerate(ARMS):
        ax = fig.add_axes((0.02, 0.47 - 0.43 * k, 0.25, 0.33))
        ax.imshow(result.views[arm].transpose(1, 2, 0))
        ax.set_axis_off()
        ax.set_title(f"{arm}, at {result.meters(arm)} m", color=plots.color(arm), fontsize=11)
    _path(fig.add_axes((0.37, 0.15, 0.61, 0.66)), result, words=True)
    return fig


def answers() -> Figure:
    """Return the drives in the four states that the chapter asks for, side by side."""
    fig, axes = plots.figure(
        "Where the copies of a driver leave the lane, after one, three and five lessons",
        size="wide", columns=len(ANSWERS), sharey=True,
    )  # fmt: skip
    for ax, (name, state) in zip(axes, ANSWERS.items(), strict=True):
        _path(ax, compute(**EXPERIMENT.parameters(**state)), words=name == "(a) one lesson")
        ax.set_title(name)
        ax.set_ylabel("")
        ax.set_xticks([0, 100, 200])
    axes[0].set_ylabel("offset in the lane (m)")
    return fig


def _path(ax: Axes, result: Result, words: bool) -> None:
    for arm, path in result.paths.items():
        end, left = len(path), len(path) < TEST_LENGTH
        ax.plot(np.arange(end), path, color=plots.color(arm), lw=2, label=arm)
        if left:
            ax.plot(end - 1, path[-1], "X", color=plots.color(arm), ms=10, clip_on=False)
    for side in (-OUT, OUT):
        ax.axhline(side, color="#444444", lw=1.5, ls="--")
    ax.set(xlim=(0, TEST_LENGTH), ylim=(-2.2, 2.2))
    ax.set(xlabel="meters driven", ylabel="offset in the lane (m), right is up")
    if words:
        for k, arm in enumerate(result.paths):
            ax.text(0.55, 0.8 - 0.08 * k, arm, color=plots.color(arm), transform=ax.transAxes)


def _finding(result: Result) -> str:
    lessons, weather = result.params["lessons"], result.params["weather"]
    said = []
    for arm in ARMS:
        stayed = result.meters(arm) == TEST_LENGTH
        said.append(
            f"{arm} {'stays in its lane' if stayed else f'leaves at {result.meters(arm)} m'}"
        )
    where = {"day": "by day", "night": "at night", "fog": "in fog"}[weather]
    return f"{LENGTH * lessons} labeled pictures, driven {where}: {', '.join(said)}"


EXPERIMENT = Experiment(
    "road",
    "A driver is copied. How far does the copy come?",
    compute,
    draw,
    CONTROLS,
)
