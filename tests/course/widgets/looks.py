"""What makes a picture readable, measured on the drawn figure."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.container import BarContainer
from matplotlib.figure import Figure
from matplotlib.text import Text

from tlbook.plots import contrast
from tlbook.plots.legible import strong_text

LEAST, CONTRAST = 10.0, 4.5


def complaints(fig: Figure) -> list[str]:
    """Return what is wrong with a figure: small, faint or cut text, bars beyond their axis."""
    strong_text(fig)
    canvas = FigureCanvasAgg(fig)
    texts = drawn_texts(canvas)
    boxes = {text: Text.get_window_extent(text, canvas.get_renderer()) for text in texts}
    return [
        *(f"{t.get_text()!r} is of {t.get_fontsize():.1f} pt" for t in texts if small(t)),
        *(f"{t.get_text()!r} leaves the picture" for t in texts if outside(fig, boxes[t])),
        *faint(canvas, boxes),
        *(f"bar {box} leaves its axis {limits}" for box, limits in long_bars(fig)),
    ]


def drawn_texts(canvas: FigureCanvasAgg) -> list[Text]:
    """Draw, and return the texts that were really drawn: hidden tick labels are not among them."""
    renderer: Any = canvas.get_renderer()
    draw, seen = renderer.draw_text, {}

    def note(*args: Any, mtext: Any = None, **more: Any) -> None:
        if mtext is not None:
            seen[mtext] = None
        draw(*args, mtext=mtext, **more)

    renderer.draw_text = note
    try:
        canvas.draw()
    finally:
        del renderer.draw_text
    return list(seen)


def small(text: Text) -> bool:
    return text.get_fontsize() < LEAST - 0.01


def outside(fig: Figure, box: Any) -> bool:
    return bool(
        box.x0 < -1 or box.y0 < -1 or box.x1 > fig.bbox.width + 1 or box.y1 > fig.bbox.height + 1
    )


def faint(canvas: FigureCanvasAgg, boxes: dict[Text, Any]) -> Iterator[str]:
    """Yield texts with too little contrast to what is behind most of them."""
    for text in boxes:
        text.set_visible(False)
    canvas.draw()
    behind = np.asarray(canvas.buffer_rgba())[..., :3] / 255
    height, width = behind.shape[:2]
    for text, box in boxes.items():
        text.set_visible(True)
        rows = slice(max(0, int(height - box.y1)), max(0, int(height - box.y0)))
        part = behind[rows, max(0, int(box.x0)) : min(width, int(box.x1))].reshape(-1, 3)
        if not len(part):
            continue
        ground = np.median(part, axis=0)
        patch = text.get_bbox_patch()
        if patch is not None and patch.get_facecolor()[3] > 0.5:
            ground = np.array(patch.get_facecolor()[:3])
        found = contrast(text.get_color(), tuple(ground))
        if found < CONTRAST:
            yield f"{text.get_text()!r} has a contrast of {found:.1f}"


def long_bars(fig: Figure) -> Iterator[tuple[Any, Any]]:
    """Yield bars that end beyond the limits of their axes."""
    for ax in fig.axes:
        limits = np.sort(ax.get_xlim()), np.sort(ax.get_ylim())
        for container in ax.containers:
            for bar in container if isinstance(container, BarContainer) else ():
                box = bar.get_bbox()
                spans = np.sort([box.x0, box.x1]), np.sort([box.y0, box.y1])
                for (low, high), (start, end) in zip(spans, limits, strict=True):
                    slack = 1e-6 * (end - start)
                    if low < start - slack or high > end + slack:
                        yield box.extents.round(2).tolist(), (start, end)
