"""A drawn figure with larger text, for a whole room, and the room on the page that this needs."""

import textwrap
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.layout_engine import PlaceHolderLayoutEngine
from matplotlib.text import Text

LEAST = 10.0
"""Points: no text of a widget is smaller."""

Boxes = dict[Axes, Any]


def enlarge(fig: Figure, scale: float = 1.0) -> None:
    """Multiply all text of a drawn figure by ``scale``, from ``LEAST`` points on, and make room.

    Lines and markers grow half as much. A figure with fixed places gets new ones, so that nothing
    that is written leaves the figure or runs into its neighbor.
    """
    for text in fig.findobj(Text):
        text.set_fontsize(scale * max(LEAST, _points(text)))
    if scale <= 1:
        return
    for line in (line for ax in fig.axes for line in ax.lines):
        line.set_linewidth((1 + scale) / 2 * line.get_linewidth())
        line.set_markersize((1 + scale) / 2 * line.get_markersize())
    if title := fig.get_suptitle():
        characters = int(fig.get_size_inches()[0] * 9.9 / scale)
        fig._suptitle.set_text("\n".join(textwrap.wrap(title, characters)))  # type: ignore[attr-defined]
    if not _arranged(fig):
        for _ in range(4):  # other axes have other ticks, and those other margins
            make_room(fig)
    fit_ticks(fig)
    fit_words(fig)


def make_room(fig: Figure, pad: float = 6.0) -> None:
    """Move and shrink axes with fixed places until all that is written beside them fits in."""
    renderer: Any = FigureCanvasAgg(fig).get_renderer()
    width, height = fig.bbox.width, fig.bbox.height
    pad *= fig.dpi / 72
    outer: Boxes = {ax: ax.get_tightbbox(renderer) for ax in fig.axes}  # applies the aspect, too
    inner: Boxes = {ax: ax.get_window_extent(renderer) for ax in fig.axes}
    outer = {ax: box or inner[ax] for ax, box in outer.items()}
    low = min((box.y0 for box in inner.values()), default=0.0)
    top, bottom = height - pad, pad
    for text in fig.texts:
        box = text.get_window_extent(renderer)
        if text is fig._suptitle:  # type: ignore[attr-defined]
            top = min(top, box.y0 - pad)
        elif text.get_text() and box.y0 < low:
            bottom = max(bottom, box.y1 + pad)
    x = _placed(fig.axes, inner, outer, "x", (pad, width - pad), pad)
    y: dict[Axes, tuple[float, float]] = {}
    for column in _groups(fig.axes, inner, "x"):
        y |= _placed(column, inner, outer, "y", (bottom, top), pad)
    for ax in fig.axes:
        (x0, x1), (y0, y1) = x[ax], y[ax]
        ax.set_position((x0 / width, y0 / height, (x1 - x0) / width, (y1 - y0) / height))


def _placed(
    axes: Sequence[Axes],
    inner: Boxes,
    outer: Boxes,
    along: str,
    room: tuple[float, float],
    pad: float,
) -> dict[Axes, tuple[float, float]]:
    """Return where each axes begins and ends along one direction, in pixels.

    Axes beside each other keep what is written around them; the rest of the room is shared out in
    proportion to their sizes.
    """
    groups = _groups(axes, inner, along)
    frames, margins = [], []
    for group in groups:
        start, end = _reach(group, inner, along)
        first, last = _reach(group, outer, along)
        frames.append((start, end))
        margins.append((max(0.0, start - first), max(0.0, last - end)))
    whole = room[1] - room[0]
    free = max(whole - sum(map(sum, margins)) - pad * (len(groups) - 1), 0.3 * whole)
    free /= sum(end - start for start, end in frames) or 1.0  # axes without any extent keep none
    found, at = {}, room[0]
    for group, (start, end), (before, after) in zip(groups, frames, margins, strict=True):
        at += before
        for ax in group:
            low, high = _reach([ax], inner, along)
            found[ax] = at + free * (low - start), at + free * (high - start)
        at += free * (end - start) + after + pad
    return found


def _reach(axes: Sequence[Axes], boxes: Boxes, along: str) -> tuple[float, float]:
    """Return where the boxes of some axes begin and end along one direction."""
    spans = [getattr(boxes[ax], f"interval{along}") for ax in axes]
    return float(min(map(min, spans))), float(max(map(max, spans)))


def _groups(axes: Sequence[Axes], boxes: Boxes, along: str) -> list[list[Axes]]:
    """Group axes that overlap along one direction; the groups come in ascending order."""
    groups: list[list[Axes]] = []
    reach = -np.inf
    for ax in sorted(axes, key=lambda ax: _reach([ax], boxes, along)):
        start, end = _reach([ax], boxes, along)
        if start < reach - 1:
            groups[-1].append(ax)
        else:
            groups.append([ax])
        reach = max(reach, end)
    return groups


def fit_ticks(fig: Figure) -> None:
    """Make the labels along an x axis so small that neighbors do not touch, to ``LEAST``."""
    canvas = FigureCanvasAgg(fig)
    if _arranged(fig):
        canvas.draw()
    renderer: Any = canvas.get_renderer()
    for ax in fig.axes:
        low, high = sorted(ax.get_xlim())
        ticks = [t for t in ax.xaxis.get_major_ticks() if low <= t.get_loc() <= high]
        labels = [t.label1 for t in ticks if t.label1.get_visible() and t.label1.get_text()]
        spans = sorted(text.get_window_extent(renderer).intervalx.tolist() for text in labels)
        gap = 0.5 * fig.dpi / 7.2
        rooms = [
            ((c + d) - (a + b)) / ((b - a) + (d - c) + gap) for (a, b), (c, d) in pairwise(spans)
        ]
        if min(rooms, default=1.0) < 1:
            for text in labels:
                text.set_fontsize(max(LEAST, min(rooms) * _points(text)))


def fit_words(fig: Figure) -> None:
    """Make titles and notes that would leave the figure at its right smaller, to ``LEAST``."""
    canvas = FigureCanvasAgg(fig)
    canvas.draw()
    renderer: Any = canvas.get_renderer()
    titles = [title for ax in fig.axes for title in (ax.title, ax._left_title)]  # type: ignore[attr-defined]
    edge = fig.bbox.width - 4
    for text in (*fig.texts, *titles):
        box = text.get_window_extent(renderer)
        if text.get_text() and box.x0 < edge < box.x1:
            share = 0.985 * (edge - box.x0) / box.width  # hinted letters do not shrink evenly
            text.set_fontsize(max(LEAST, share * _points(text)))


def _points(text: Text) -> float:
    return float(text.get_fontsize())


def _arranged(fig: Figure) -> bool:
    """Whether a layout engine finds the places; "none" leaves a stand-in for one."""
    engine = fig.get_layout_engine()
    return engine is not None and not isinstance(engine, PlaceHolderLayoutEngine)
