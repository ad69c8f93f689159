"""Claims: sentences of the text that are computed each time the text runs."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from typing import Any

from tlbook._base.checks import check_array
from tlbook.evaluation.statistics import paired_test


class ClaimNotHeld(AssertionError):
    """A claim of the text did not hold in this run."""


@dataclass(frozen=True)
class ClaimRecord:
    """What a claim found; effect, interval and margin are in ``unit``."""

    text: str
    effect: float
    low: float
    high: float
    margin: float
    unit: str
    n: int
    held: bool

    def _ipython_display_(self) -> None:
        """Stay silent as the last line of a cell: the sentence was printed already."""


def claim(
    text: str,
    better: Any,
    worse: Any = 0.0,
    *,
    margin: float,
    unit: str = "points",
    over: str = "seeds",
    strict: bool | None = None,
) -> ClaimRecord:
    """Say a sentence and check it: held means that the mean effect is above the margin.

    The effect is the mean of ``better − worse`` over seeds, printed with its 95 % interval
    (Student's t on the paired differences). The sentence, its effect and its fate are printed in
    one line, appended to the file named by the environment variable ``TLBOOK_CLAIM_LOG``, and
    returned.

    Parameters
    ----------
    text : str
        What is claimed, as a sentence without the full stop.
    better, worse : arrays of shape (n,), n >= 2
        Paired values, one per seed. ``worse`` may be one number. With ``unit="points"`` they are
        fractions (accuracies) and are shown times 100.
    margin : float
        What the mean effect has to exceed, in ``unit``.
    unit : str
        "points" for percentage points; any other word leaves the values as they are.
    over : str
        What the pairs run over, for the printed line.
    strict : bool, optional
        Raise when the claim does not hold. By default only if ``TLBOOK_STRICT=1`` is set.

    Raises
    ------
    ValueError
        If the arrays differ in length, have fewer than two values, or are not finite.
    ClaimNotHeld
        If the claim does not hold and the check is strict.

    Examples
    --------
    >>> record = claim("B beats A", [0.92, 0.90, 0.94], [0.80, 0.81, 0.79], margin=5)
    ✓ B beats A: +12.0 points [4.5, 19.5], asked for > 5, 3 seeds
    """
    margin = float(check_array(margin, "margin", ndim=0, min_rows=0))
    if not isinstance(text, str) or not text.strip():
        raise ValueError(f"text: got {text!r}, want the sentence that is claimed")
    scale = 100.0 if unit == "points" else 1.0
    found = paired_test(better, worse)
    effect, low, high = (scale * v for v in (found.effect, found.low, found.high))
    held = bool(effect > margin)
    record = ClaimRecord(text.strip().rstrip("."), effect, low, high, margin, unit, found.n, held)
    line = _sentence(record, over)
    print(line)
    _log(record)
    if strict is None:
        strict = os.environ.get("TLBOOK_STRICT") == "1"
    if strict and not held:
        raise ClaimNotHeld(line)
    return record


def _sentence(record: ClaimRecord, over: str) -> str:
    digits = ".1f" if record.unit == "points" else ".3g"
    mark, fate = ("✓ ", "") if record.held else ("✗ ", "NOT held: ")
    unit = f" {record.unit}" if record.unit else ""
    return (
        f"{mark}{fate}{record.text}: {record.effect:+{digits}}{unit} "
        f"[{record.low:{digits}}, {record.high:{digits}}], "
        f"asked for > {record.margin:g}, {record.n} {over}"
    )


def _log(record: ClaimRecord) -> None:
    path = os.environ.get("TLBOOK_CLAIM_LOG")
    if path:
        with open(path, "a", encoding="utf-8") as file:
            file.write(json.dumps(asdict(record), ensure_ascii=False) + "\n")
