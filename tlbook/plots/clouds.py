"""Clouds of points in two dimensions, and the regions a classifier cuts."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure

from tlbook._base.checks import check_array, check_labels
from tlbook._base.named import named
from tlbook.plots.figure import on_axes, styled
from tlbook.plots.palette import COLORS, class_colors

CLASS_MARKERS = "os^DvPX*"


def _plane(X: Any, name: str) -> np.ndarray:
    X = check_array(X, name, ndim=2)
    if X.shape[1] != 2:
        raise ValueError(f"{name}: got {X.shape[1]} features, want 2 (project the points first)")
    return X


def _classes(y: Any, X: np.ndarray, name: str, order: Any) -> list[tuple[int, Any, np.ndarray]]:
    if y is None:
        return [(0, None, np.ones(len(X), dtype=bool))]
    y = check_labels(y, len(X), name)
    known = list(np.unique(y)) if order is None else list(order)
    return [(known.index(c), c, y == c) for c in np.unique(y)]


@named
@styled
def scatter_domains(
    Xs: Any,
    Xt: Any,
    ys: Any = None,
    yt: Any = None,
    *,
    title: str,
    names: tuple[str, str] = ("source", "target"),
    xlabel: str = "feature 1",
    ylabel: str = "feature 2",
    ax: Axes | None = None,
    fig: Figure | None = None,
    size: str | tuple[float, float] = "square",
    point: float = 22,
    alpha: float = 0.6,
    legend: bool = True,
) -> Figure:
    """Draw source and target points: color is the domain, the marker's shape is the class.

    Parameters
    ----------
    Xs, Xt : arrays of shape (n, 2) and (m, 2)
    ys, yt : arrays of shape (n,) and (m,), optional
        Class labels; leave the target's out where they are unknown.

    Raises
    ------
    ValueError
        If the points are not in the plane, or labels and points do not match.

    Examples
    --------
    >>> from tlbook import data, plots
    >>> task = data.load("toy", kind="moons", angle=30)
    >>> fig = plots.scatter_domains(
    ...     task.source.X, task.target.X, task.source.y, title="The target is turned by 30 degrees"
    ... )
    >>> fig.alt
    'The target is turned by 30 degrees'
    """
    Xs, Xt = _plane(Xs, "Xs"), _plane(Xt, "Xt")
    labels = [np.unique(y) for y in (ys, yt) if y is not None]
    order = list(np.unique(np.concatenate(labels))) if labels else None
    figure_, ax = on_axes(title, ax, fig, size)
    for X, y, name, role in ((Xs, ys, names[0], "source"), (Xt, yt, names[1], "target")):
        for i, label, rows in _classes(y, X, "ys" if role == "source" else "yt", order):
            ax.scatter(
                X[rows, 0],
                X[rows, 1],
                s=point,
                color=COLORS[role],
                alpha=alpha,
                marker=CLASS_MARKERS[i % len(CLASS_MARKERS)],
                edgecolor="white",
                linewidth=0.4,
                label=name if label is None else f"{name}, class {label}",
            )
    ax.set(xlabel=xlabel, ylabel=ylabel)
    if legend:
        ax.legend(loc="best", handletextpad=0.2, borderpad=0.2)
    return figure_


@named
@styled
def decision_regions(
    predict: Callable[[np.ndarray], Any],
    X: Any,
    y: Any = None,
    *,
    title: str,
    xlabel: str = "feature 1",
    ylabel: str = "feature 2",
    ax: Axes | None = None,
    fig: Figure | None = None,
    size: str | tuple[float, float] = "square",
    limits: tuple[float, float, float, float] | None = None,
    resolution: int = 160,
    hues: Sequence[str] | None = None,
    point: float = 20,
) -> Figure:
    """Shade the plane by a classifier's answer and draw points over it.

    Parameters
    ----------
    predict : callable
        Takes points of shape (m, 2), returns m labels.
    X : array of shape (n, 2)
    y : array of shape (n,), optional
        True labels: they color the points; a wrong answer is a point on the wrong shade.
    limits : (x_low, x_high, y_low, y_high), optional
    resolution : int
        Grid points per side.
    hues : sequence of str, optional
        A color per class.

    Raises
    ------
    ValueError
        If the points are not in the plane, labels do not match, or ``predict`` gives other
        than one label per point.

    Examples
    --------
    >>> from sklearn.svm import SVC
    >>> from tlbook import data, plots
    >>> moons = data.load("toy", kind="moons").source
    >>> model = SVC().fit(moons.X, moons.y)
    >>> fig = plots.decision_regions(model.predict, moons.X, moons.y, title="A curved border")
    >>> len(fig.axes)
    1
    """
    X = _plane(X, "X")
    if limits is None:
        pad = 0.12 * np.ptp(X, axis=0) + 1e-9
        (x0, y0), (x1, y1) = X.min(axis=0) - pad, X.max(axis=0) + pad
    else:
        x0, x1, y0, y1 = limits
    gx, gy = np.meshgrid(np.linspace(x0, x1, resolution), np.linspace(y0, y1, resolution))
    answer = np.asarray(predict(np.column_stack([gx.ravel(), gy.ravel()])))
    if answer.shape != (gx.size,):
        raise ValueError(f"predict: got shape {answer.shape}, want one label per point")
    seen = answer if y is None else np.concatenate([answer, check_labels(y, len(X))])
    known = np.unique(seen)
    hues = list(hues) if hues is not None else class_colors(len(known))
    figure_, ax = on_axes(title, ax, fig, size)
    codes = np.searchsorted(known, answer).reshape(gx.shape)
    ax.imshow(
        codes,
        origin="lower",
        extent=(x0, x1, y0, y1),
        aspect="auto",
        cmap=ListedColormap(hues[: len(known)]),
        vmin=-0.5,
        vmax=len(known) - 0.5,
        alpha=0.22,
        zorder=0,
    )
    for i, _, rows in _classes(y, X, "y", known):
        color = "#444444" if y is None else hues[i]
        marker = CLASS_MARKERS[i % len(CLASS_MARKERS)]
        ax.scatter(
            X[rows, 0],
            X[rows, 1],
            s=point,
            color=color,
            marker=marker,
            edgecolor="white",
            linewidth=0.5,
        )
    ax.set(xlim=(x0, x1), ylim=(y0, y1), xlabel=xlabel, ylabel=ylabel)
    ax.grid(False)
    return figure_
