"""Chapter 10: two players in the plane. Train DANN live and watch features, borders and losses.

The network has two features, so all that the discriminator sees is in the picture.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure

from tlbook import plots
from tlbook.course.widgets.controls import Choice, Stepper, Toggle
from tlbook.course.widgets.live_experiment import LiveExperiment, Watch, unwatched
from tlbook.plots import COLORS
from tlbook.plots.figure import headline

if TYPE_CHECKING:
    from tlbook.course.ch10_adversarial.widget._game_run import Result

PROBLEMS = ("moons, turned by 35°", "two blobs, moved")
WEIGHTS = (0.0, 0.1, 0.3, 1.0, 3.0, 10.0)
RATIOS = (0.1, 0.3, 1.0, 3.0, 10.0)
RAMPS = {"off: full from the start": 0.0, "slow, γ = 3": 3.0, "γ = 10": 10.0}
STEPS, SLICE = 600, 20
CHANCE = float(np.log(2))
SIDES = LinearSegmentedColormap.from_list("sides", ["#F7C9A8", "#FFFFFF", "#A9CDE6"])
ANSWERS: dict[str, dict[str, Any]] = {
    "(a) λ = 0": {"weight": 0.0},
    "(b) slow discriminator": {"ratio": 0.1},
    "(c) λ = 10, no ramp": {"weight": 10.0, "ramp": "off: full from the start"},
    "(d) λ = 3, fast, ramp": {},
}
SHADES = ("#F4F4F4", "#DDE7D9")  # where the answer is class 0, and where it is class 1


def train(
    watch: Watch,
    problem: str = PROBLEMS[0],
    weight: float = 3.0,
    ratio: float = 10.0,
    ramp: str = "γ = 10",
    seed: int = 0,
    look: bool = False,
) -> Result:
    """Play one game of 600 steps; ``watch`` is asked after every 20.

    Parameters
    ----------
    watch : function
        See :class:`~tlbook.course.widgets.live_experiment.LiveExperiment`.
    problem : str
        One of ``PROBLEMS``.
    weight : float
        λ, one of ``WEIGHTS``.
    ratio : float
        Learning rate of the discriminator over that of the network.
    ramp : str
        A key of ``RAMPS``: how λ grows.
    seed : int
        Of sample, start and draws.
    look : bool
        Whether the end shows the target's labels: a look.
    """
    from tlbook.course.ch10_adversarial.widget._game_run import Game

    game = Game(problem, weight, ratio, RAMPS[ramp], seed)
    result = game.play(watch)
    return game.looked(result) if look and result.step == result.steps else result


@lru_cache(maxsize=32)
def compute(
    problem: str = PROBLEMS[0],
    weight: float = 3.0,
    ratio: float = 10.0,
    ramp: str = "γ = 10",
    seed: int = 0,
    look: bool = False,
) -> Result:
    """Return the end of the game that :func:`train` plays, with nobody watching."""
    return train(unwatched, problem, weight, ratio, ramp, seed, look)


def draw(result: Result, fig: Figure) -> Figure:
    """Draw the plane of features, the plane of inputs, and what the players have reached."""
    fig.clear()
    headline(fig, _finding(result))
    fig.set_layout_engine("none")  # fixed places: nothing is measured anew for each picture
    _features(fig.add_axes((0.05, 0.13, 0.28, 0.69)), result)
    _inputs(fig.add_axes((0.395, 0.13, 0.28, 0.69)), result)
    top = fig.add_axes((0.73, 0.53, 0.245, 0.29))
    _accuracy(top, result)
    _losses(fig.add_axes((0.73, 0.13, 0.245, 0.29)), result)
    return fig


def answers() -> Figure:
    """Return the plane of features at the end of the four games that the chapter asks for."""
    fig, axes = plots.figure(
        "Three discriminators end near 50 %, and the target ends between 55 and 98 % right",
        size=(10.4, 3.7), columns=len(ANSWERS), sharey=True,
    )  # fmt: skip
    for ax, (name, state) in zip(axes, ANSWERS.items(), strict=True):
        result = compute(**EXPERIMENT.parameters(**state, look=True))
        assert result.look is not None
        _features(ax, result)
        ax.set_title(
            f"{name}\ndiscriminator {result.curves.accuracy[-1]:.0f} %, "
            f"label loss {result.curves.label_loss[-1]:.2f}\n"
            f"target {100 * result.look.accuracy:.0f} % right",
            fontsize=10,
        )
        ax.set_xlabel("")
    for ax in axes[1:]:
        ax.set_ylabel("")
    fig.supxlabel(
        "feature 1    (blue: source, orange: target, ×: target row read wrong)", fontsize=10
    )
    return fig


def _finding(result: Result) -> str:
    if not len(result.curves.step):
        return f"Step {result.step} of {result.steps}: nobody has learned anything yet"
    accuracy, label = result.curves.accuracy[-1], result.curves.label_loss[-1]
    words = (
        f"Step {result.step} of {result.steps}: discriminator right on {accuracy:.0f} % of new "
        f"rows, label loss {label:.2f}"
    )
    if result.look is not None:
        words += f"; target {100 * result.look.accuracy:.0f} % right"
    return words


def _points(ax: Axes, points: np.ndarray, labels: np.ndarray | None, domain: str) -> None:
    """Draw points; filled is class 1, open is class 0, small dots are without a label."""
    color = COLORS[domain]
    if labels is None:
        ax.plot(*points.T, ".", ms=5, color=color, alpha=0.75, mew=0, zorder=4)
        return
    shape = "s" if domain == "source" else "o"
    for label, face in ((0, "white"), (1, color)):
        rows = points[labels == label]
        ax.plot(*rows.T, shape, ms=4, mfc=face, mec=color, mew=0.9, alpha=0.8, zorder=3)


def _target(ax: Axes, result: Result, name: str) -> None:
    look = result.look
    if look is None:
        _points(ax, getattr(result, f"target{name}"), None, "target")
        return
    points = look.z if name else look.x
    _points(ax, points, look.truth, "target")
    ax.plot(*points[~look.right].T, "x", color="black", ms=5, mew=1.1, zorder=5)


def _features(ax: Axes, result: Result) -> None:
    extent = (-1.0, 1.0, -1.0, 1.0)
    ax.imshow(
        result.domain, origin="lower", extent=extent, cmap=SIDES, vmin=0, vmax=1, aspect="auto",
        interpolation="bilinear", zorder=0,
    )  # fmt: skip
    _border(ax, result.guess, extent)
    _points(ax, result.source_z, result.labels, "source")
    _target(ax, result, "_z")
    ax.set(xlim=(-1.08, 1.08), ylim=(-1.08, 1.08), xticks=(-1, 0, 1), yticks=(-1, 0, 1))
    ax.set(xlabel="feature 1", ylabel="feature 2")
    ax.yaxis.labelpad = 0
    ax.set_title("features; shade: says source or target", fontsize=10.5)
    ax.grid(False)


def _inputs(ax: Axes, result: Result) -> None:
    ax.imshow(
        result.answer > 0, origin="lower", extent=result.window, aspect="auto", zorder=0,
        cmap=LinearSegmentedColormap.from_list("answers", SHADES), vmin=0, vmax=1,
    )  # fmt: skip
    _border(ax, result.answer, result.window)
    _points(ax, result.source, result.labels, "source")
    _target(ax, result, "")
    low, high, bottom, top = result.window
    ax.set(xlim=(low, high), ylim=(bottom, top), xlabel="input 1", ylabel="input 2")
    ax.locator_params(nbins=5)
    ax.yaxis.labelpad = 0
    ax.set_title("inputs; line: border of the classes", fontsize=10.5)
    ax.grid(False)
    words = "□ ■ source", "● target" if result.look is None else "○ ● target  × wrong"
    for place, text, domain in ((0.02, words[0], "source"), (0.98, words[1], "target")):
        ax.text(
            place, 0.975, text, transform=ax.transAxes, color=COLORS[domain], fontsize=9.5,
            ha="left" if place < 0.5 else "right", va="top", zorder=6,
            bbox={"facecolor": "white", "alpha": 0.75, "lw": 0, "pad": 1.5},
        )  # fmt: skip


def _border(ax: Axes, log_odds: np.ndarray, extent: tuple[float, float, float, float]) -> None:
    if log_odds.min() < 0 < log_odds.max():
        x, y = (np.linspace(extent[i], extent[i + 1], len(log_odds)) for i in (0, 2))
        ax.contour(x, y, log_odds, levels=[0.0], colors="#222222", linewidths=1.6, zorder=2)


def _accuracy(ax: Axes, result: Result) -> None:
    curves, color = result.curves, COLORS["discriminator"]
    ax.axhline(50, color="#777777", lw=1, ls=(0, (2, 2)))
    ax.plot(curves.step, curves.accuracy, color=color)
    if len(curves.step):
        ax.plot(curves.step[-1], curves.accuracy[-1], "o", color=color, ms=5)
    ax.set(xlim=(0, result.steps), ylim=(36, 102), yticks=(50, 75, 100))
    ax.tick_params(labelbottom=False)
    ax.set_title("discriminator right (%)", fontsize=10.5)


def _losses(ax: Axes, result: Result) -> None:
    curves = result.curves
    lines = {
        "label loss": (curves.label_loss, "#444444"),
        "domain loss": (curves.domain_loss, COLORS["discriminator"]),
    }
    ax.axhline(CHANCE, color="#777777", lw=1, ls=(0, (2, 2)))
    for values, color in lines.values():
        ax.plot(curves.step, values, color=color)
    ax.set(xlim=(0, result.steps), ylim=(0, 1.15), yticks=(0, 0.5, 1), xlabel="step")
    ax.set_title("losses (dashed: guessing)", fontsize=10.5)
    if len(curves.step):
        _name_lines(ax, {n: (float(min(v[-1], 1.0)), color) for n, (v, color) in lines.items()})


def _name_lines(ax: Axes, ends: dict[str, tuple[float, str]]) -> None:
    """Write the name of the upper line above its end, that of the lower one below if it fits."""
    (low, _), (high, _) = sorted(ends.values())
    for name, (y, color) in ends.items():
        above = y == high or (low < 0.22 and high - low > 0.3)
        ax.annotate(
            name, (0.99, y), (0, 3 if above else -3), xycoords=("axes fraction", "data"),
            textcoords="offset points", ha="right", va="bottom" if above else "top",
            fontsize=9.5, color=color,
        )  # fmt: skip


EXPERIMENT = LiveExperiment(
    name="adversarial_game",
    title="Two players: can the features hide the domain and keep the classes?",
    compute=compute,
    draw=draw,
    train=train,
    slice=f"{SLICE} steps",
    controls=(
        Choice("weight", "λ: features hide", WEIGHTS, start=3.0, slider=True),
        Choice("ratio", "Rate: discriminator / net", RATIOS, start=10.0, slider=True),
        Choice("ramp", "Ramp of λ", tuple(RAMPS), start="γ = 10"),
        Choice("problem", "Problem", PROBLEMS, start=PROBLEMS[0]),
        Stepper("seed", "New sample"),
        Toggle("look", "Show the target's labels at the end (a look)"),
    ),
    size=(10.4, 3.9),
)
