"""Pictures of many settings in one small file: as vectors, every line of which is kept once.

Two pictures of an experiment share their axes, letters and most of their curves. So each picture is
a list of numbers of lines, the lines of all pictures are one list, and both are deflated together:
2 to 4 KB for one more picture, where a PNG takes 20 to 40.
"""

from __future__ import annotations

import base64
import io
import json
import re
import zlib
from collections.abc import Callable, Sequence
from typing import Any

import matplotlib
from matplotlib.figure import Figure

MOST_BYTES = 300_000
"""Of one file, as the browser loads it."""

_NUMBER = re.compile(r"-?\d+\.\d+(?![\d%])")
_NOTHING = re.compile(r"<metadata>.*?</metadata>|<!--.*?-->", re.S)
_PIXELS = re.compile(r"data:image/png;base64,([A-Za-z0-9+/=\s]+)")
_SVG: Any = {"svg.fonttype": "path", "svg.hashsalt": "tlbook"}


def vectors(fig: Figure) -> str:
    """Return a figure as SVG: letters as outlines, pixels of pictures as they are, two digits."""
    for ax in fig.axes:
        for image in ax.get_images():
            image.set_interpolation("none")  # else it is blown up to the resolution of the page
    buffer = io.StringIO()
    with matplotlib.rc_context(_SVG):
        fig.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    text = _NOTHING.sub("", buffer.getvalue())
    drawn = _NUMBER.sub(_short, text[text.index("<svg") :])
    return _PIXELS.sub(_smaller, drawn)


def _short(match: re.Match[str]) -> str:
    """Return a coordinate with two digits; a factor near zero (of letters) as it is."""
    number = float(match[0])
    if 0 < abs(number) < 0.1:
        return match[0]
    text = f"{number:.{2 if abs(number) < 10 else 1}f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def _smaller(match: re.Match[str]) -> str:
    """Return pixels as WebP where that is smaller: photographs are, heat maps are not."""
    from PIL import Image

    raw = base64.b64decode(match[1])
    image: Any = Image.open(io.BytesIO(raw)).convert("RGBA")
    buffer = io.BytesIO()
    opaque = image.getextrema()[3] == (255, 255)
    image.convert("RGB" if opaque else "RGBA").save(buffer, "WEBP", quality=70, method=6)
    webp = buffer.getvalue()
    if len(webp) >= len(raw):
        return match[0].replace("\n", "")
    return f"data:image/webp;base64,{base64.b64encode(webp).decode('ascii')}"


def packed(name: str, facts: dict[str, Any], pictures: Sequence[str]) -> str:
    """Return a script that hands the pictures and the facts about them to the page."""
    known: dict[str, int] = {}
    lists = []
    for picture in pictures:
        lines = [line.strip() for line in picture.splitlines()]
        numbers = [known.setdefault(line, len(known)) for line in lines if line]
        steps = zip(numbers, [0, *numbers], strict=False)
        lists.append([now - before for now, before in steps])
    content = {**facts, "lines": list(known), "pictures": lists}
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    squeezed = base64.b64encode(zlib.compress(text.encode(), 9)).decode("ascii")
    return f'tlbookMoving.take("{name}","{squeezed}")\n'


def fitted(
    name: str, facts: Callable[[int], dict[str, Any]], pictures: Sequence[str], least: int
) -> tuple[str, int]:
    """Return the script with as many of the first pictures as fit, and how many these are.

    ``facts(count)`` are those about the first ``count`` pictures: no control may lead beyond them.

    Raises
    ------
    ValueError
        If not even the ``least`` first fit: the experiment draws too much.
    """
    count = len(pictures)
    while True:
        script = packed(name, facts(count), pictures[:count])
        if len(script) <= MOST_BYTES:
            return script, count
        if count <= least:
            raise ValueError(f"{name}: {count} pictures take {len(script)} bytes, want less")
        count = max(least, min(count - 1, int(count * MOST_BYTES / len(script))))
