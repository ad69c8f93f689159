"""The moving picture in the README: a widget's own pictures while its dials turn."""

from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

FILE = "docs/widget.gif"
WIDGET = "shift_simulator"
DPI = 72
LOOPS = 3
"""Then it stands still: what moves without end beside a text keeps one from reading."""


def states() -> list[tuple[dict[str, float], int]]:
    """Return the settings of each frame and how long it stays, in milliseconds."""
    steps = [0.125 * i for i in range(9)]
    moved = [({"covariate": at, "concept": 0.0}, 160) for at in steps]
    back = [({"covariate": at, "concept": 0.0}, 90) for at in steps[-3:0:-2]]
    turned = [({"covariate": 0.0, "concept": at}, 160) for at in steps]
    rest = 1600
    moved[0], moved[-1], turned[-1] = (
        (moved[0][0], rest), (moved[-1][0], rest), (turned[-1][0], rest),
    )  # fmt: skip
    return moved + back + turned


def frames(chosen: Sequence[dict[str, float]]) -> list[Any]:
    """Return the widget's pictures in these states, as pictures of PIL."""
    from PIL import Image

    from tlbook.course import widgets
    from tlbook.plots import png

    widget = widgets.get(WIDGET)
    return [Image.open(BytesIO(png(widget.figure(**state), dpi=DPI))) for state in chosen]


def write(path: Path) -> int:
    """Write the moving picture and return its size in bytes."""
    planned = states()
    first, *others = [
        picture.convert("RGB").quantize(64, dither=0)
        for picture in frames([state for state, _ in planned])
    ]
    durations = [milliseconds for _, milliseconds in planned]
    first.save(
        path, save_all=True, append_images=others, duration=durations, loop=LOOPS, optimize=True
    )
    return path.stat().st_size
