"""Text strong enough to be read: contrasts, and the color of a word that names a curve."""

from typing import Any

import numpy as np
from matplotlib.colors import to_hex, to_rgb
from matplotlib.figure import Figure
from matplotlib.text import Text

from tlbook._base.named import named

CONTRAST = 4.6
"""Of small text on white; the Web's accessibility guidelines ask for 4.5."""

_WEIGHTS = np.array([0.2126, 0.7152, 0.0722])


def luminance(color: Any) -> float:
    """Return the relative luminance of a color, 0 (black) to 1 (white), as WCAG 2.2 defines it."""
    c = np.asarray(to_rgb(color))
    return float(np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4) @ _WEIGHTS)


@named
def contrast(one: Any, other: Any) -> float:
    """Return the contrast of two colors, 1 to 21: ``(L₁ + 0.05) / (L₂ + 0.05)``.

    Examples
    --------
    >>> from tlbook.plots.legible import contrast
    >>> round(contrast("white", "black"))
    21
    """
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@named
def ink(color: Any, ratio: float = CONTRAST) -> str:
    """Return the color for small text on white: the same hue, as dark as ``ratio`` asks for.

    All three channels get the same factor in linear light, so that the text is still seen as
    the color of its line. A color that is dark enough comes back as it is.

    Examples
    --------
    >>> from tlbook import plots
    >>> plots.color("linear probe"), plots.ink(plots.color("linear probe"))
    ('#009E73', '#008560')
    """
    c = np.asarray(to_rgb(color))
    light = luminance(c)
    if 1.05 / (light + 0.05) >= ratio:
        return to_hex(to_rgb(color))
    linear = np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)
    linear = linear * (1.05 / ratio - 0.05) / light
    back = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    return to_hex(tuple(np.floor(255 * back) / 255))


@named
def ink_on(color: Any) -> str:
    """Return the color for text on a patch of this color: white or nearly black.

    Examples
    --------
    >>> from tlbook import plots
    >>> plots.ink_on(plots.color("source")), plots.ink_on(plots.color("fine-tuning"))
    ('white', '#111111')
    """
    return max(("white", "#111111"), key=lambda text: contrast(text, color))


def strong_text(fig: Figure) -> None:
    """Give every colored text of a figure its :func:`ink`; what is nearly white is left alone."""
    for text in fig.findobj(Text):
        rgb: Any = np.asarray(to_rgb(text.get_color()))
        if (alpha := text.get_alpha()) is not None and alpha > 0:
            rgb = alpha * rgb + 1 - alpha
            if luminance(rgb) < 0.85:
                text.set_alpha(None)
        if luminance(rgb) < 0.85:  # lighter text stands on something dark
            darker = ink(rgb)
            if darker != to_hex(tuple(rgb)):
                text.set_color(darker)
