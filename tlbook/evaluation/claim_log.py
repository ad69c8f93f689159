"""What a claim found: its record, its printed line, its line in the log, and how it fails."""

from __future__ import annotations

import json
import math
import os
from dataclasses import asdict, dataclass
from typing import Any

ASKED = {
    "margin": "more than {}",
    "at_most": "at most {}",
    "within": "within ±{}",
    "ratio": "more than ×{}",
}
"""The four forms of a claim, in words; the form "check" asks for no number."""


class ClaimNotHeld(AssertionError):
    """A claim of the text did not hold in this run."""


@dataclass(frozen=True)
class ClaimRecord:
    """What a claim found; effect, interval and margin are in ``unit``, of a ratio in times.

    A check has no effect: its numbers are NaN and its ``n`` is 0.

    Examples
    --------
    >>> ClaimRecord("margin", "~", 3.0, -1.0, 7.0, 2.0, "points", 4, "seeds", "B wins").held
    True
    """

    form: str
    """"margin", "at_most", "within", "ratio" or "check"."""
    mark: str
    """"✓" the whole interval clears the margin, "~" only the mean does, "✗" it does not."""
    effect: float
    low: float
    high: float
    margin: float
    unit: str
    n: int
    over: str
    text: str

    @property
    def held(self) -> bool:
        """Whether the claim is not refuted: ✓ or ~."""
        return self.mark != "✗"

    def _ipython_display_(self) -> None:
        """Stay silent as the last line of a cell: the sentence was printed already."""


def asked(form: str, margin: float) -> str:
    """Return in words what was asked for; nothing for a check.

    Examples
    --------
    >>> asked("at_most", 5.0), asked("ratio", 2.5), asked("check", float("nan"))
    ('at most 5', 'more than ×2.5', '')
    """
    return ASKED[form].format(f"{margin:g}") if form in ASKED else ""


def shown(value: float, form: str, unit: str) -> str:
    """Return an effect as the printed line shows it.

    Examples
    --------
    >>> shown(12.04, "margin", "points"), shown(3.21, "ratio", "times"), shown(-0.5, "within", "SD")
    ('+12.0 points', '×3.21', '-0.5 SD')
    """
    if form == "ratio":
        return f"×{value:.3g}"
    return f"{value:+z{_digits(unit)}}" + (f" {unit}" if unit else "")


def _digits(unit: str) -> str:
    return ".1f" if unit == "points" else ".3g"


def sentence(record: ClaimRecord, reason: str = "") -> str:
    """Return the printed line; ``reason`` says why there is no finite number.

    Examples
    --------
    >>> print(sentence(ClaimRecord("at_most", "✓", -3.1, -5.4, -0.8, 5, "points", 8, "seeds", "…")))
    ✓ …: -3.1 points [-5.4, -0.8], at most 5 asked, 8 seeds
    """
    start = f"{record.mark} " + ("NOT held: " if record.mark == "✗" else "") + record.text
    if record.form == "check":
        return start
    digits = ".3g" if record.form == "ratio" else _digits(record.unit)
    interval = reason or f"{record.low:z{digits}}, {record.high:z{digits}}"
    return (
        f"{start}: {shown(record.effect, record.form, record.unit)} [{interval}], "
        f"{asked(record.form, record.margin)} asked, {record.n} {record.over}"
    )


def tell(record: ClaimRecord, strict: bool | None, reason: str = "") -> ClaimRecord:
    """Print the line, append the record to the log, and raise if it does not hold and must.

    The log is the file named by the environment variable ``TLBOOK_CLAIM_LOG``, one JSON object a
    line; a number that is not finite is written as null.

    Raises
    ------
    ClaimNotHeld
        If the mark is ✗ and the check is strict (``strict``, or ``TLBOOK_STRICT=1``).

    Examples
    --------
    >>> record = tell(ClaimRecord("ratio", "~", 3, 1, 9, 2, "times", 3, "runs", "A is slow"), False)
    ~ A is slow: ×3 [1, 9], more than ×2 asked, 3 runs
    """
    line = sentence(record, reason)
    print(line)
    path = os.environ.get("TLBOOK_CLAIM_LOG")
    if path:
        content = {name: _storable(value) for name, value in asdict(record).items()}
        with open(path, "a", encoding="utf-8") as file:
            file.write(json.dumps(content, ensure_ascii=False) + "\n")
    if strict is None:
        strict = os.environ.get("TLBOOK_STRICT") == "1"
    if strict and record.mark == "✗":
        raise ClaimNotHeld(line)
    return record


def _storable(value: Any) -> Any:
    return None if isinstance(value, float) and not math.isfinite(value) else value


def checked_text(text: Any) -> str:
    """Return the sentence without its full stop.

    Raises
    ------
    ValueError
        If ``text`` is not a sentence.

    Examples
    --------
    >>> checked_text("B beats A.")
    'B beats A'
    """
    if not isinstance(text, str) or not text.strip():
        raise ValueError(f"text: got {text!r}, want the sentence that is claimed")
    # An ellipsis at the end is no full stop.
    stripped = text.strip()
    return stripped if stripped.endswith("...") else stripped.rstrip(".")
