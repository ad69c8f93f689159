"""The claims a run recorded: one JSON object a line, written by ``tlbook.claim``."""

import json
from pathlib import Path
from typing import Any

CLAIM_FIELDS = ("text", "effect", "low", "high", "margin", "unit", "n", "held")


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
        except (ValueError, KeyError, TypeError):
            raise ValueError(
                f"claim log {path.name}: line {number} is {line[:80]!r}, "
                f"want an object with {', '.join(CLAIM_FIELDS)}"
            ) from None
    return claims
