"""The intervals of a claim as a small picture: what was asked, today's run, earlier outcomes."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from tlbook.workshop.claim_history import Outcome

WIDTH, STEP = 300, 14
_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*(?:e[-+]?\d+)?|inf)")

Row = tuple[float, float, float]
"""Lower end, effect and upper end."""


def picture(outcomes: Sequence[Outcome]) -> str:
    """Return SVG in one line, the newest outcome last and dark; nothing without numbers.

    It is for the eye alone: the numbers stand beside it.
    """
    if not outcomes or not (now := numbers(outcomes[-1])):
        return ""
    asked = bounds(outcomes[-1])
    rows = [row for one in outcomes[:-1] if (row := numbers(one))] + [now]
    log = "×" in outcomes[-1].effect
    values = [*asked, *(value for row in rows for value in row), *([] if log else [0.0])]
    if log and min(values) <= 0:
        return ""
    place = _scale(values, log)
    height = STEP * len(rows) + 6
    parts = [
        f'<svg class="claim-picture" viewBox="0 0 {WIDTH} {height}" aria-hidden="true"><path '
        f'class="claim-asked" d="{"".join(f"M{place(one)} 0V{height}" for one in asked)}"/>'
    ]
    for index, (low, effect, high) in enumerate(rows):
        y = STEP * index + 10
        kind = "now" if index == len(rows) - 1 else "before"
        parts.append(
            f'<path class="claim-{kind}" d="M{place(low)} {y}H{place(high)}"/>'
            f'<circle class="claim-{kind}" cx="{place(effect)}" cy="{y}" r="3.5"/>'
        )
    return "".join((*parts, "</svg>"))


def numbers(outcome: Outcome) -> Row | None:
    """Return the interval and the effect; None where one of them is not finite.

    Examples
    --------
    >>> numbers(Outcome("A", "", "", 1, "", "✓", "×3.2", "2, 5.1", "more than ×2", "8 runs"))
    (2.0, 3.2, 5.1)
    """
    ends = _NUMBER.findall(outcome.interval)
    effect = _NUMBER.findall(outcome.effect)
    if len(ends) != 2 or not effect:
        return None
    row = (float(ends[0]), float(effect[0]), float(ends[1]))
    return row if all(map(math.isfinite, row)) else None


def bounds(outcome: Outcome) -> tuple[float, ...]:
    """Return the limit that was asked for, or both.

    Examples
    --------
    >>> bounds(Outcome("A", "", "", 1, "", "✓", "+1", "0, 2", "within ±2", "8 runs"))
    (-2.0, 2.0)
    """
    found = _NUMBER.findall(outcome.asked)
    if not found:
        return ()
    limit = float(found[-1])
    return (-limit, limit) if "±" in outcome.asked else (limit,)


class _scale:
    """From values to places between the edges of the picture."""

    def __init__(self, values: Sequence[float], log: bool) -> None:
        self.log = log
        ends = [self._of(value) for value in values]
        self.low, self.high = min(ends), max(ends)

    def _of(self, value: float) -> float:
        return math.log(value) if self.log else value

    def __call__(self, value: float) -> float:
        share = (self._of(value) - self.low) / ((self.high - self.low) or 1.0)
        return round(6 + share * (WIDTH - 12), 1)
