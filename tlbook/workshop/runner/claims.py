"""The claims a run recorded: one JSON object a line, written by ``tlbook.claim`` and ``check``."""

import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

CLAIM_FIELDS = (
    "form",
    "mark",
    "effect",
    "low",
    "high",
    "margin",
    "unit",
    "n",
    "over",
    "text",
)
MARKS = {"✓": "green", "~": "yellow", "✗": "red"}
"""What a claim may come to, and its color: sure, seen here but not certain, not held."""


def read_claims(path: Path) -> list[dict[str, Any]]:
    """Return the claims in a log; a missing log is a chapter without claims.

    Raises
    ------
    ValueError
        If a line is not a claim record.
    """
    if not path.exists():
        return []
    claims = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            record = json.loads(line)
            claims.append({field: record[field] for field in CLAIM_FIELDS})
            if record["mark"] not in MARKS:
                raise ValueError(record["mark"])
        except (ValueError, KeyError, TypeError):
            raise ValueError(
                f"claim log {path.name}: line {number} is {line[:80]!r}, "
                f"want an object with {', '.join(CLAIM_FIELDS)}"
            ) from None
    return claims


def count_marks(claims: Sequence[dict[str, Any]]) -> dict[str, int]:
    """Return how many claims have each of the three marks.

    Examples
    --------
    >>> count_marks([{"mark": "✓"}, {"mark": "~"}, {"mark": "✓"}])
    {'✓': 2, '~': 1, '✗': 0}
    """
    marks = [claim["mark"] for claim in claims]
    return {mark: marks.count(mark) for mark in MARKS}


def number(value: float | None) -> float:
    """Return a number of the log, in which null stands for one that is not finite."""
    return math.nan if value is None else float(value)


def effect_words(claim: dict[str, Any]) -> str:
    """Return the effect of a claim with its unit; a check has none.

    Examples
    --------
    >>> effect_words({"form": "at_most", "effect": -3.14, "unit": "points"})
    '-3.1 points'
    """
    from tlbook.evaluation.claim_log import shown  # late: NumPy, which the commands do without

    if claim["form"] == "check":
        return ""
    return shown(number(claim["effect"]), claim["form"], claim["unit"])


def asked_words(claim: dict[str, Any]) -> str:
    """Return what a claim asked for, as in "at most 5"; a check asks for no number.

    Examples
    --------
    >>> asked_words({"form": "within", "margin": 2.0})
    'within ±2'
    """
    from tlbook.evaluation.claim_log import asked

    return asked(claim["form"], number(claim["margin"]))
