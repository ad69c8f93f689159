"""The picture of the three shifts in chapter 02: one world, and each dial alone at 1."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from tlbook import plots
from tlbook.domains import ToyWorld

PANELS = {
    "source": {},
    "covariate: the cloud moves": {"covariate": 1.0},
    "label: the mix changes": {"label": 1.0},
    "concept: the border turns": {"concept": 1.0},
}
WINDOW = (-4.5, 4.5)


@plots.styled
def three_shifts(seed: int = 0, n: int = 200) -> Figure:
    """Draw samples and borders of the source and of the three pure shifts, side by side.

    Parameters
    ----------
    seed, n : int
        Of the samples.
    """
    title = "Three pure shifts: the cloud moves, the mix changes, the border turns"
    fig, axes = plots.figure(title, size=(9.5, 3.5), columns=4, sharex=True, sharey=True)
    for ax, (name, dials) in zip(axes, PANELS.items(), strict=True):
        world = ToyWorld(**dials)
        hue = plots.color("target" if dials else "source")
        points = world.sample(n, seed)
        assert points.y is not None
        for label, fill in ((0, "white"), (1, hue)):
            ax.plot(*points.X[points.y == label].T, "o", ms=4, mfc=fill, mec=hue, mew=0.9)
        if dials:
            _border(ax, ToyWorld(), "dashed")
        _border(ax, world, "solid")
        ax.set_title(f"{name}\n{100 * world.prior:.0f} % class 1", fontsize=10.5)
        ax.set(xlim=WINDOW, ylim=WINDOW, xlabel="feature 1", xticks=[-4, 0, 4], yticks=[-4, 0, 4])
        ax.grid(False)
    axes[0].set_ylabel("feature 2")
    return fig


def _border(ax: Axes, world: ToyWorld, line: str) -> None:
    """Draw where both classes are equally probable."""
    axis = np.linspace(*WINDOW, 120)
    points = np.stack(np.meshgrid(axis, axis), -1).reshape(-1, 2)
    odds = world.log_odds(points).reshape(120, 120)
    ax.contour(axis, axis, odds, [0.0], colors="black", linestyles=line, linewidths=1.6)
