"""Grids of images and confusion matrices."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure

from tlbook._base.checks import check_array, check_labels
from tlbook._base.named import named
from tlbook.plots.figure import PAGE_DPI, SIZES, CourseFigure, headline, on_axes, styled


def as_picture(image: np.ndarray) -> np.ndarray:
    """Return one image as (height, width, 3) in [0, 1], from CHW, HWC or HW."""
    if image.ndim == 2:
        image = np.repeat(image[..., None], 3, axis=2)
    elif image.ndim == 3 and image.shape[0] in (1, 3):
        image = np.moveaxis(np.broadcast_to(image, (3, *image.shape[1:])), 0, 2)
    elif image.ndim != 3 or image.shape[2] not in (1, 3):
        raise ValueError(f"images: got shape {image.shape} for one image, want CHW, HWC or HW")
    image = np.broadcast_to(image, (*image.shape[:2], 3)).astype(float)
    if image.size and image.max() > 1.5:  # bytes
        image = image / 255
    return np.clip(image, 0, 1)


@named
@styled
def image_grid(
    images: Any,
    titles: Sequence[Any] | None = None,
    *,
    title: str,
    columns: int | None = None,
    rows_named: Sequence[str] | None = None,
    good: Sequence[bool] | None = None,
    fig: Figure | None = None,
    width: float = SIZES["wide"][0],
    cell: float = 0.95,
    interpolation: str = "nearest",
) -> Figure:
    """Draw images side by side, each with a short caption.

    Parameters
    ----------
    images : array of shape (n, channels, h, w), (n, h, w, channels) or (n, h, w)
        Values in [0, 1] or bytes.
    titles : sequence of n captions, optional
    columns : int, optional
        Images per row; by default as many as fit the width.
    rows_named : sequence of str, optional
        A name for each row, at its left.
    good : sequence of n bool, optional
        Frames an image green (right) or vermillion (wrong), with ✓ or ✗ before its caption.
    width, cell : float
        Widest figure and one image, in inches.
    interpolation : str
        As in matplotlib; "bicubic" makes images of a few pixels easier for people to read.

    Raises
    ------
    ValueError
        If there is no image, the shape is none of the above, or counts do not match.

    Examples
    --------
    >>> from tlbook import data, plots
    >>> digits = data.load("handwriting")
    >>> fig = plots.image_grid(digits.X[:10], digits.y[:10], title="Ten digits", columns=5)
    >>> fig.alt, len(fig.axes)
    ('Ten digits', 10)
    """
    from tlbook.plots.palette import COLORS

    images = check_array(images, "images", ndim=(3, 4))
    n = len(images)
    for name, given in (("titles", titles), ("good", good)):
        if given is not None and len(given) != n:
            raise ValueError(f"{name}: got {len(given)}, want {n}, one per image")
    columns = min(n, columns or max(1, int((width - 0.3) / cell)))
    rows = -(-n // columns)
    if rows_named is not None and len(rows_named) != rows:
        raise ValueError(f"rows_named: got {len(rows_named)} names, want {rows}, one per row")
    captioned = titles is not None or good is not None
    left = 1.35 if rows_named else 0.1
    size = (
        max(columns * cell + left + 0.1, 4.2),
        rows * (cell + (0.24 if captioned else 0)) + 0.45,
    )
    fig = CourseFigure(figsize=size, dpi=PAGE_DPI) if fig is None else fig
    if not isinstance(fig, Figure | SubFigure):
        raise ValueError(f"fig: got {type(fig).__name__}, want a matplotlib figure")
    fig.clear()
    fig.set_layout_engine("constrained", h_pad=0.01, w_pad=0.01, hspace=0.02, wspace=0.02)
    headline(fig, title)
    axes = fig.subplots(rows, columns, squeeze=False)
    for i, ax in enumerate(axes.flat):
        ax.set_xticks([])
        ax.set_yticks([])
        ax.grid(False)
        if i >= n:
            ax.set_visible(False)
            continue
        ax.imshow(as_picture(images[i]), interpolation=interpolation)
        caption = "" if titles is None else str(titles[i])
        if good is not None:
            color = COLORS["right" if good[i] else "wrong"]
            caption = f"{'✓' if good[i] else '✗'} {caption}".strip()
            ax.spines[:].set(visible=True, color=color, linewidth=2.5)
            ax.set_title(caption, fontsize=10, loc="center", pad=3, color=color, fontweight="bold")
        else:
            ax.spines[:].set_visible(False)
            ax.set_title(caption, fontsize=10, loc="center", pad=3)
    for name, ax in zip(rows_named or (), axes[:, 0], strict=False):
        ax.set_ylabel(name, rotation=0, ha="right", va="center", labelpad=6, fontsize=10.5)
    return fig


@named
@styled
def confusion(
    matrix: Any,
    classes: Sequence[str] | None = None,
    *,
    title: str,
    ax: Axes | None = None,
    fig: Figure | None = None,
    size: str | tuple[float, float] = "square",
    numbers: bool | None = None,
) -> Figure:
    """Draw a confusion matrix: rows are the truth, columns the answers, shades are row shares.

    Parameters
    ----------
    matrix : array of shape (classes, classes)
        Counts.
    numbers : bool, optional
        Write the counts; by default up to twelve classes.

    Raises
    ------
    ValueError
        If the matrix is not square, negative, or the names do not match.

    See Also
    --------
    tlbook.evaluation.confusion_matrix : counts it.

    Examples
    --------
    >>> from tlbook import plots
    >>> fig = plots.confusion([[8, 2], [0, 9]], ["cat", "dog"], title="Two cats are taken for dogs")
    >>> [text.get_text() for text in fig.axes[0].texts]
    ['8', '2', '9']
    """
    counts = check_array(matrix, "matrix", ndim=2)
    k = len(counts)
    if counts.shape != (k, k) or counts.min() < 0:
        raise ValueError(f"matrix: got shape {counts.shape}, want a square matrix of counts")
    names = [str(i) for i in range(k)] if classes is None else [str(c) for c in classes]
    check_labels(np.asarray(names), k, "classes")
    figure_, ax = on_axes(title, ax, fig, size)
    share = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    ax.imshow(share, cmap="Blues", vmin=0, vmax=1)
    if numbers if numbers is not None else k <= 12:
        for i, j in np.ndindex(k, k):
            if counts[i, j]:
                ax.text(
                    j,
                    i,
                    f"{counts[i, j]:.0f}",
                    ha="center",
                    va="center",
                    fontsize=9,
                    color="white" if share[i, j] > 0.55 else "#222222",
                )
    ax.set_xticks(range(k), names, fontsize=10 if k <= 15 else 7)
    ax.set_yticks(range(k), names, fontsize=10 if k <= 15 else 7)
    ax.grid(False)
    ax.set(xlabel="answer", ylabel="truth")
    return figure_
