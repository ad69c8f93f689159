"""The pictures that a classifier got wrong, in one image."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes

from tlbook.plots.images import as_picture


def draw_mistakes(
    ax: Axes,
    images: Any,
    truth: Any,
    predicted: Any,
    *,
    rows: int,
    columns: int,
    size: float = 8.5,
) -> None:
    """Draw up to ``rows`` × ``columns`` pictures, each with "truth → answer" below it.

    One mosaic, for axes are the costly part of a figure and this would need one per picture.

    Parameters
    ----------
    images : array of shape (n, 3, 24, 24)
    truth, predicted : arrays of shape (n,)
    size : float
        Of the words, in points.
    """
    side, gap = 24, 10
    mosaic = np.zeros((rows * (side + gap), columns * (side + 4), 4))  # see-through in between
    for i, image in enumerate(images[: rows * columns]):
        row, column = divmod(i, columns)
        top, start = row * (side + gap), column * (side + 4)
        mosaic[top : top + side, start : start + side, :3] = as_picture(image)
        mosaic[top : top + side, start : start + side, 3] = 1
        words = f"{truth[i]} → {predicted[i]}"
        ax.text(start + side / 2, top + side + 4.2, words, ha="center", va="center", fontsize=size)
    ax.imshow(mosaic)
    ax.set_axis_off()
    ax.set_title("mistakes: truth → answer", fontsize=10.5)
