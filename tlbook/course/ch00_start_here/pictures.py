"""The picture of chapter 00: letters → network → features → head, and what the digits take over."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch

from tlbook import plots
from tlbook.plots.images import as_picture

PLACES = (2.1, 4.75, 7.1)  # left edges of the three boxes
WIDTH, HEIGHT = 1.9, 1.0
SOURCE = ("network", "128 features", "head: 71 letters")
TARGET = ("same network", "128 features", "new head: 10 digits")


@plots.styled
def pipeline(letter: Any, digit: Any) -> Figure:
    """Draw how the linear probe is made: two rows, and the weights that go from one to the other.

    A filled box is trained in its row.

    Parameters
    ----------
    letter, digit : array of shape (3, height, width)
        One picture of the source, one of the target.
    """
    fig, ax = plots.figure("The network and its features stay. Only the head is new", size="wide")
    ax.set(xlim=(0, 9.9), ylim=(-0.35, 4.1), aspect="equal")
    ax.set_axis_off()
    _row(ax, 2.75, "source", letter, SOURCE, "letters")
    _row(ax, 0.55, "target", digit, TARGET, "digits")
    x = PLACES[0] + WIDTH / 2
    _arrow(ax, (x, 2.7), (x, 1.6))
    ax.text(x + 0.15, 2.15, "the weights are copied and not changed", va="center", fontsize=10.5)
    return fig


def _row(ax: Axes, y: float, role: str, image: Any, boxes: tuple[str, ...], name: str) -> None:
    color = plots.color(role)
    ax.imshow(as_picture(np.asarray(image)), extent=(0.2, 1.4, y - 0.1, y + 1.1), zorder=2)
    ax.text(0.8, y - 0.17, f"{role}: {name}", ha="center", va="top", color=color, fontsize=10.5)
    ends = [1.4, *(place + WIDTH for place in PLACES[:-1])]
    for start, place, words in zip(ends, PLACES, boxes, strict=True):
        width = WIDTH + 0.6 * (place == PLACES[-1])
        trained = words.startswith(("network", "head", "new"))
        box = FancyBboxPatch(
            (place, y), width, HEIGHT, boxstyle="round,pad=0.03", lw=2,
            edgecolor=plots.color("source") if words == "same network" else color,
            facecolor=color if trained else "white", alpha=0.25 if trained else 1.0,
        )  # fmt: skip
        ax.add_patch(box)
        ax.text(place + width / 2, y + HEIGHT / 2, words, ha="center", va="center", fontsize=11)
        _arrow(ax, (start + 0.08, y + HEIGHT / 2), (place - 0.06, y + HEIGHT / 2))


def _arrow(ax: Axes, start: tuple[float, float], end: tuple[float, float]) -> None:
    look = {"arrowstyle": "-|>", "color": "#444444", "lw": 1.6, "shrinkA": 0, "shrinkB": 0}
    ax.annotate("", end, start, arrowprops=look)
