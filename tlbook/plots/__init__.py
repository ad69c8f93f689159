"""Every figure of the course in one look: one palette, one size grid, titles with the finding.

Each function returns a :class:`matplotlib.figure.Figure` that a notebook shows exactly once. Pass
``ax`` to draw into one panel of :func:`figure`, or ``fig`` to draw into an existing figure.
"""

from tlbook._base.extras import needs

needs("matplotlib", "plots")

from tlbook.plots.bars import bars_with_spread, histogram_pair
from tlbook.plots.clouds import decision_regions, scatter_domains
from tlbook.plots.curves import label_ends, learning_curves, lines
from tlbook.plots.differences import paired_differences
from tlbook.plots.figure import SIZES, CourseFigure, figure, png, style, styled, use_style
from tlbook.plots.images import confusion, image_grid
from tlbook.plots.legible import contrast, ink, ink_on
from tlbook.plots.palette import COLORS, CYCLE, FAMILIES, MARKERS, class_colors, color

__all__ = [
    "COLORS",
    "CYCLE",
    "FAMILIES",
    "MARKERS",
    "SIZES",
    "CourseFigure",
    "bars_with_spread",
    "class_colors",
    "color",
    "confusion",
    "contrast",
    "decision_regions",
    "figure",
    "histogram_pair",
    "image_grid",
    "ink",
    "ink_on",
    "label_ends",
    "learning_curves",
    "lines",
    "paired_differences",
    "png",
    "scatter_domains",
    "style",
    "styled",
    "use_style",
]
