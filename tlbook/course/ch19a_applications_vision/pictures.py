"""Pictures of scenes: boxes on them, and masks as colors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from tlbook import plots
from tlbook._base.checks import check_array
from tlbook.domains import Boxes
from tlbook.plots.palette import GRAY, OLIVE, ORANGE, SKY

MASK_COLORS = np.array([to_rgb(hue) for hue in (SKY, OLIVE, GRAY, ORANGE)], np.float32)
"""Of sky, ground, road, marking."""


def colored(masks: Any) -> np.ndarray:
    """Return masks (n, h, w) as pictures (n, 3, h, w): sky blue, ground, road gray, line orange.

    Raises
    ------
    ValueError
        If the masks are no integers from 0 to 3.
    """
    kinds = check_array(masks, "masks", ndim=3)
    if kinds.dtype.kind not in "iu" or kinds.min() < 0 or kinds.max() >= len(MASK_COLORS):
        raise ValueError(f"masks: got {kinds.dtype}, want integers from 0 to 3")
    return MASK_COLORS[kinds].transpose(0, 3, 1, 2)


def boxes_on(
    pictures: Any,
    truth: Sequence[Boxes],
    found: Sequence[Boxes] | None = None,
    *,
    title: str,
    least: float = 0.3,
) -> Figure:
    """Draw pictures with the true boxes (dashed) and the answers (solid, with label and score).

    Parameters
    ----------
    pictures : array of shape (n, 3, h, w)
    truth : sequence of n Boxes
    found : sequence of n Boxes, optional
        Answers with scores; those below ``least`` are left out.

    Raises
    ------
    ValueError
        If the numbers of pictures and boxes differ.
    """
    for name, given in (("truth", truth), ("found", found)):
        if given is not None and len(given) != len(pictures):
            raise ValueError(f"{name}: got {len(given)}, want {len(pictures)}, one per picture")
    fig = plots.image_grid(pictures, title=title, columns=len(pictures), cell=1.6)
    for k, ax in enumerate(fig.axes):
        for corners, label in zip(truth[k].corners, truth[k].labels, strict=True):
            _frame(ax, corners, "target", "--")
            if found is None:
                _word(ax, corners, str(label), "target")
        if found is not None:
            scores = found[k].scores
            assert scores is not None
            for row in np.flatnonzero(scores >= least):
                _frame(ax, found[k].corners[row], "source", "-")
                words = f"{found[k].labels[row]}: {scores[row]:.2f}"
                _word(ax, found[k].corners[row], words, "source")
    return fig


def _frame(ax: Any, corners: np.ndarray, hue: str, style: str) -> None:
    left, top, right, bottom = corners - 0.5  # a pixel's center is at whole numbers
    ax.add_patch(
        Rectangle((left, top), right - left, bottom - top, fill=False, lw=2, ls=style,
                  edgecolor=plots.color(hue))
    )  # fmt: skip


def _word(ax: Any, corners: np.ndarray, words: str, hue: str) -> None:
    ax.text(
        corners[0], corners[1] - 1, words, fontsize=10, color="white", va="bottom",
        bbox={"facecolor": plots.color(hue), "pad": 1, "lw": 0}, clip_on=False,
    )  # fmt: skip
