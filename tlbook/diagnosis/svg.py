"""Two figures as SVG text: values with intervals, and two clouds. No library, no file."""

from __future__ import annotations

from html import escape
from typing import Any

import numpy as np

SOURCE, TARGET, INK = "#0072B2", "#D55E00", "#333333"
"""The colors of source and target in ``tlbook.plots`` (which needs matplotlib)."""
WIDTH, NAMES, LINE = 640, 210, 26


def _open(height: int, title: str) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" '
        f'aria-label="{escape(title, quote=True)}" font-family="sans-serif" font-size="13">'
        f"<title>{escape(title)}</title>"
    )


def intervals(bars: Any, title: str, unit: str) -> str:
    """Return a figure of one line per (name, value, low, high).

    Parameters
    ----------
    bars : sequence of (str, float, float, float)
    title : str
        Read aloud by a screen reader; the values follow in it.
    unit : str
    """
    spoken = "; ".join(f"{n}: {v:.1f} from {lo:.1f} to {hi:.1f}" for n, v, lo, hi in bars)
    low, high = min(b[2] for b in bars), max(b[3] for b in bars)
    low, high = (min(low, 0.0), max(high, 0.0)) if unit == "points" else (low, high)
    span = max(high - low, 1e-9)

    def x(value: float) -> float:
        return NAMES + 10 + (WIDTH - NAMES - 30) * (value - low) / span

    height = LINE * (len(bars) + 2)
    parts = [_open(height, f"{title} {spoken} ({unit})")]
    for tick in _ticks(low, high):
        strong = 1.5 if tick == 0 and unit == "points" else 0.5
        parts.append(
            f'<line x1="{x(tick):.1f}" x2="{x(tick):.1f}" y1="4" y2="{height - 2 * LINE + 6}" '
            f'stroke="#999" stroke-width="{strong}"/>'
            f'<text x="{x(tick):.1f}" y="{height - LINE}" text-anchor="middle">{tick:g}</text>'
        )
    for row, (name, value, left, right) in enumerate(bars):
        y = LINE * row + 16
        parts.append(
            f'<text x="{NAMES}" y="{y + 4}" text-anchor="end">{escape(name)}</text>'
            f'<line x1="{x(left):.1f}" x2="{x(right):.1f}" y1="{y}" y2="{y}" stroke="{INK}" '
            f'stroke-width="2"/><circle cx="{x(value):.1f}" cy="{y}" r="5" fill="{INK}"/>'
        )
    label = "gain in points of accuracy" if unit == "points" else "accuracy (%)"
    middle = (NAMES + WIDTH) / 2
    parts.append(f'<text x="{middle}" y="{height - 6}" text-anchor="middle">{label}</text></svg>')
    return "".join(parts)


def _ticks(low: float, high: float) -> list[float]:
    raw = max(high - low, 1e-9) / 5
    base = 10 ** np.floor(np.log10(raw))
    step = float(base * next(f for f in (1, 2, 5, 10) if f * base >= raw))
    first = int(np.ceil(low / step - 1e-9))
    return [round(step * i, 10) for i in range(first, int(np.floor(high / step + 1e-9)) + 1)]


def clouds(source: np.ndarray, target: np.ndarray, title: str) -> str:
    """Return a figure of source rows (circles) and target rows (crosses), arrays (n, 2)."""
    size = 360
    both = np.concatenate([source, target])
    low, span = both.min(axis=0), np.maximum(np.ptp(both, axis=0), 1e-9)

    def place(row: np.ndarray) -> tuple[float, float]:
        at = (row - low) / span
        return 40 + (WIDTH - 220) * float(at[0]), 20 + (size - 60) * float(1 - at[1])

    parts = [_open(size, title)]
    for row in source:
        x, y = place(row)
        parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.5" fill="none" stroke="{SOURCE}"/>')
    for row in target:
        x, y = place(row)
        parts.append(f'<path d="M{x - 3:.1f} {y:.1f}h6M{x:.1f} {y - 3:.1f}v6" stroke="{TARGET}"/>')
    edge = WIDTH - 150
    parts.append(
        f'<circle cx="{edge}" cy="40" r="4" fill="none" stroke="{SOURCE}" stroke-width="2"/>'
        f'<text x="{edge + 14}" y="44">source</text>'
        f'<path d="M{edge - 4} 64h8M{edge} 60v8" stroke="{TARGET}" stroke-width="2"/>'
        f'<text x="{edge + 14}" y="68">target</text>'
        f'<text x="{(WIDTH - 140) / 2}" y="{size - 8}" text-anchor="middle">first principal '
        f'component</text><text transform="translate(14 {size / 2}) rotate(-90)" '
        'text-anchor="middle">second</text></svg>'
    )
    return "".join(parts)
