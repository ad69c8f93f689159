"""The concept map as a picture, and the path to one concept in it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from textwrap import fill
from typing import TYPE_CHECKING

from tlbook.course.reference.concepts import Concept, concepts, path_to

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Places = dict[str, tuple[float, float]]
WIDTH, HEIGHT = 0.8, 0.68
"""Of a box; columns and rows are 1 apart."""


def path(name: str) -> Figure:
    """Return the path to a concept: columns are steps, arrows run from what is needed first.

    Raises
    ------
    ValueError
        If the map has no such concept.
    """
    chosen = path_to(name)
    minutes = sum(concept.minutes for concept in chosen)
    title = f"Needed for {chosen[-1].name!r}: {len(chosen)} concepts, about {minutes} minutes"
    return _drawn(chosen, by_depth(chosen), {chosen[-1].name}, title)


def whole_map(highlight: str = "") -> Figure:
    """Return the whole map, one row a chapter; ``highlight`` colors the path to a concept.

    Raises
    ------
    ValueError
        If the map has no such concept.
    """
    lit = {concept.name for concept in path_to(highlight)} if highlight else set()
    title = "One row a chapter; an arrow runs from what is needed first"
    title += f"; in color: {highlight}" if lit else ""
    places = by_chapter(concepts())
    fig = _drawn(concepts(), places, lit, title)
    ax = fig.axes[0]
    for concept in concepts():
        ax.text(
            -0.62, places[concept.name][1], concept.chapter, ha="right", va="center", fontsize=11
        )
    return fig


def depths(chosen: Iterable[Concept]) -> dict[str, int]:
    """Return for each concept how many steps lie before it, along the longest way.

    Examples
    --------
    >>> depths(path_to("linear probe"))["linear probe"]
    3
    """
    found: dict[str, int] = {}
    for concept in chosen:
        before = [found[p] for p in concept.prerequisites if p in found]
        found[concept.name] = 1 + max(before, default=-1)
    return found


def by_depth(chosen: Iterable[Concept]) -> Places:
    """Return a place for each concept: one column for each number of steps before it."""
    columns: dict[int, list[str]] = defaultdict(list)
    for name, depth in depths(chosen).items():
        columns[depth].append(name)
    return {
        name: (depth, (len(names) - 1) / 2 - i)
        for depth, names in columns.items()
        for i, name in enumerate(names)
    }


def by_chapter(chosen: Iterable[Concept]) -> Places:
    """Return a place for each concept: one row for each chapter."""
    rows: dict[str, list[str]] = defaultdict(list)
    for concept in chosen:
        rows[concept.chapter].append(concept.name)
    return {
        name: (column, -row)
        for row, names in enumerate(rows.values())
        for column, name in enumerate(names)
    }


def _drawn(chosen: Sequence[Concept], places: Places, lit: set[str], title: str) -> Figure:
    from tlbook import plots

    xs, ys = zip(*places.values(), strict=True)
    links = [(p, c.name) for c in chosen for p in c.prerequisites if p in places]
    deep = 0.15 * max((places[b][0] - places[a][0] for a, b in links), default=0)
    size = (1.75 * (max(xs) + 1.3), 0.85 * (max(ys) - min(ys) + 1 + deep) + 0.7)
    fig, ax = plots.figure(title, size=size)
    for before, name in links:
        _arrow(ax, places[before], places[name], {before, name} <= lit)
    for name, place in places.items():
        _box(ax, name, place, name in lit)
    ax.set(xlim=(-0.7, max(xs) + 0.6), ylim=(min(ys) - 0.5 - deep, max(ys) + 0.5))
    ax.axis("off")
    return fig


def _box(ax: Axes, name: str, place: tuple[float, float], lit: bool) -> None:
    from matplotlib.patches import FancyBboxPatch

    from tlbook import plots

    corner = (place[0] - WIDTH / 2, place[1] - HEIGHT / 2)
    edge = plots.color("highlight" if lit else "baseline")
    style = "round,pad=0,rounding_size=0.06"
    box = FancyBboxPatch(corner, WIDTH, HEIGHT, style, fc="white", ec=edge, lw=2.2 if lit else 1)
    box.set_zorder(3)
    ax.add_patch(box)
    ax.text(*place, fill(name, 15), ha="center", va="center", fontsize=10.5, zorder=4)


def _arrow(ax: Axes, start: tuple[float, float], end: tuple[float, float], lit: bool) -> None:
    """Enter the next column from the left, a later one from below, a lower row from above."""
    from tlbook import plots

    across, down = end[0] - start[0], start[1] - end[1]
    out, into, bow = (0.0, -HEIGHT / 2), (0.0, HEIGHT / 2), 0.25 * (across == 0 and down > 1)
    if across > 0 and down < 1:
        near = across == 1
        out = (WIDTH / 2, 0.0) if near else out
        into = (-WIDTH / 2, 0.0) if near else (0.0, -HEIGHT / 2)
        bow = 0.0 if near else 0.12
    ax.annotate(
        "",
        (end[0] + into[0], end[1] + into[1]),
        (start[0] + out[0], start[1] + out[1]),
        arrowprops={
            "arrowstyle": "-|>",
            "color": plots.color("highlight" if lit else "baseline"),
            "lw": 2.0 if lit else 0.8,
            "shrinkA": 0,
            "shrinkB": 0,
            "connectionstyle": f"arc3,rad={bow}",
        },
        zorder=2 if lit else 1,
    )
