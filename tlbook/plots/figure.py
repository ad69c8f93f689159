"""Figures of one look: one size grid, one style, shown exactly once, no pyplot state."""

import textwrap
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from io import BytesIO
from typing import Any, ParamSpec, TypeVar

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure

from tlbook._base.checks import check_choice
from tlbook._base.named import named

SIZES: dict[str, tuple[float, float]] = {
    "single": (7.0, 4.0),
    "wide": (9.5, 3.8),
    "square": (5.2, 5.2),
    "tall": (7.0, 6.5),
    "strip": (9.5, 2.2),
}
"""Width and height in inches; 96 pixels to the inch on the page."""

PAGE_DPI = 96
PICTURE_DPI = 144  # stored one and a half times as fine as shown: sharp on a projector, still small

RC: Any = {
    "font.family": "DejaVu Sans",
    "font.size": 11,
    "axes.titlesize": 11.5,
    "axes.titlelocation": "left",
    "axes.labelsize": 11,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": "#444444",
    "axes.axisbelow": True,
    "axes.grid": True,
    "grid.color": "#E6E6E6",
    "grid.linewidth": 0.8,
    "xtick.labelsize": 10,
    "ytick.labelsize": 10,
    "legend.frameon": False,
    "legend.fontsize": 10,
    "lines.linewidth": 2.0,
    "lines.markersize": 6,
    "figure.facecolor": "white",
    "figure.dpi": PAGE_DPI,
    "savefig.facecolor": "white",
    "image.interpolation": "nearest",
}

P = ParamSpec("P")
R = TypeVar("R")


_TURN = threading.RLock()


@contextmanager
def style() -> Iterator[None]:
    """Draw in the look of the course inside a ``with`` block; outside nothing changes.

    One thread at a time: matplotlib's settings belong to the whole process, and the kernel answers
    a button and a slider in different threads.
    """
    with _TURN, matplotlib.rc_context(RC):
        yield


def use_style() -> None:
    """Set the look of the course for the rest of the session."""
    matplotlib.rcParams.update(RC)


def styled(function: Callable[P, R]) -> Callable[P, R]:
    """Run a drawing function inside :func:`style`."""

    @wraps(function)
    def inner(*args: P.args, **kwargs: P.kwargs) -> R:
        with style():
            return function(*args, **kwargs)

    return inner


class CourseFigure(Figure):
    """A figure that a notebook shows once, with its title as the alternative text."""

    alt: str = ""

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> tuple[dict, dict]:
        width = round(self.get_size_inches()[0] * PAGE_DPI)
        data = {"image/png": png(self), "text/plain": f"<Figure: {self.alt or 'untitled'}>"}
        return data, {"image/png": {"width": width, "alt": self.alt}}


@named
def png(fig: Figure, dpi: int = PICTURE_DPI, colors: int = 256) -> bytes:
    """Return the figure as PNG bytes with a palette: about a third of the size of full color.

    Colored text gets its :func:`tlbook.plots.ink` first.
    """
    return packed(pixels(fig, dpi), colors)[0]


def pixels(fig: Figure, dpi: int) -> np.ndarray:
    """Return the figure as an array of shape (height, width, 3), its text strong enough."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    from tlbook.plots.legible import strong_text

    strong_text(fig)
    canvas = FigureCanvasAgg(fig)
    before = fig.dpi
    try:
        fig.set_dpi(dpi)
        canvas.draw()
        return np.ascontiguousarray(np.asarray(canvas.buffer_rgba())[..., :3])
    finally:
        fig.set_dpi(before)


def packed(picture: np.ndarray, colors: int = 256) -> tuple[bytes, Any]:
    """Return pixels as PNG bytes with a palette, and the picture of PIL that they were made of."""
    from PIL import Image

    image = Image.fromarray(picture)
    image = image.quantize(colors, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    return png_bytes(image), image


def png_bytes(image: Any) -> bytes:
    """Return a picture of PIL as PNG bytes."""
    buffer = BytesIO()
    image.save(buffer, format="png", compress_level=6)
    return buffer.getvalue()


def headline(fig: Figure, title: str) -> None:
    """Put the finding over the figure, left-aligned and wrapped to its width.

    Raises
    ------
    ValueError
        If the title is empty: a figure without a finding leaves the reader to guess.
    """
    if not isinstance(title, str) or not title.strip():
        raise ValueError(f"title: got {title!r}, want a sentence that states the finding")
    characters = int(fig.get_size_inches()[0] * 9.9)
    lines = textwrap.wrap(" ".join(title.split()), characters)
    fig.suptitle("\n".join(lines), x=0.01, ha="left", fontsize=12.5, fontweight="bold")
    if isinstance(fig, CourseFigure):
        fig.alt = " ".join(title.split())


@named
@styled
def figure(
    title: str,
    *,
    size: str | tuple[float, float] = "single",
    rows: int = 1,
    columns: int = 1,
    fig: Figure | None = None,
    **grid: Any,
) -> tuple[Figure, Any]:
    """Return a figure in the look of the course and its axes, like ``plt.subplots``.

    Parameters
    ----------
    title : str
        The finding, as a sentence.
    size : str or (width, height)
        A name in ``SIZES`` or inches.
    rows, columns : int
        The grid of axes; one axes comes back alone, several as an array.
    fig : Figure, optional
        Draw into this one (widgets do); it is cleared first.
    **grid
        Passed to ``Figure.subplots``: ``sharex``, ``width_ratios`` ...

    Raises
    ------
    ValueError
        If the title is empty or the size unknown.
    """
    if isinstance(size, str):
        size = SIZES[check_choice(size, "size", SIZES)]
    if fig is None:
        fig = CourseFigure(figsize=size, layout="constrained")
    elif not isinstance(fig, Figure | SubFigure):
        raise ValueError(f"fig: got {type(fig).__name__}, want a matplotlib figure")
    else:
        fig.clear()
        fig.set_layout_engine("constrained")
    headline(fig, title)
    return fig, fig.subplots(rows, columns, **grid)


def on_axes(
    title: str, ax: Axes | None, fig: Figure | None, size: str | tuple[float, float]
) -> tuple[Figure, Axes]:
    """Return the axes to draw on: the one given (it takes the title), else one in a new figure."""
    if ax is None:
        return figure(title, size=size, fig=fig)
    if not isinstance(title, str):
        raise ValueError(f"title: got {title!r}, want a sentence that states the finding")
    if title:
        ax.set_title(title)
    owner = ax.get_figure(root=True)
    assert owner is not None
    return owner, ax
