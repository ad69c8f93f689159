"""Claims: sentences of the text that are computed each time the text runs."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from tlbook._base.checks import check_array, check_positive
from tlbook._base.named import named
from tlbook.evaluation.claim_log import ClaimNotHeld, ClaimRecord, checked_text, tell
from tlbook.evaluation.statistics import paired_values, t_interval

__all__ = ["ClaimNotHeld", "ClaimRecord", "claim"]


@named
def claim(
    text: str,
    better: Any,
    worse: Any = 0.0,
    *,
    margin: float | None = None,
    at_most: float | None = None,
    within: float | None = None,
    ratio: float | None = None,
    unit: str = "points",
    over: str = "seeds",
    strict: bool | None = None,
) -> ClaimRecord:
    """Say a sentence about paired values, compute it, and mark how sure it is.

    The effect is the mean of ``better − worse`` with Student's 95 % interval; for a ratio it is the
    geometric mean of ``better / worse``, with the interval of the mean logarithm, transformed back.
    Exactly one of the four forms says what is asked of the effect:

    ========== ============================== ==========================
    form       asked                          equal to the bound
    ========== ============================== ==========================
    margin     effect > margin                does not hold
    at_most    effect ≤ at_most               holds
    within     −within ≤ effect ≤ within      holds
    ratio      better / worse > ratio         does not hold
    ========== ============================== ==========================

    The mark is ✓ if the whole interval is where the effect is asked to be, ~ if only the effect
    is ("seen here, not certain"), ✗ if it is not, or if a value, the effect or the interval is not
    a finite number. The sentence, the effect itself, its interval, what was asked and n are printed
    in one line, appended to the file named by ``TLBOOK_CLAIM_LOG``, and returned.

    Parameters
    ----------
    text : str
        What is claimed, as a sentence without the full stop.
    better, worse : arrays of shape (n,), n >= 2
        Paired values, one per seed. ``worse`` may be one number. With ``unit="points"`` they are
        fractions (accuracies) and are shown times 100.
    margin : float
        What the effect has to exceed, in ``unit``. It may be negative.
    at_most : float
        What the effect must not exceed, in ``unit``. It may be negative.
    within : float, >= 0
        How far from 0 the effect may be on either side, in ``unit``.
    ratio : float, > 0
        How many times as large as ``worse`` ``better`` has to be; the values must be positive.
    unit : str
        "points" for percentage points; any other word leaves the values as they are. A ratio has
        no unit.
    over : str
        What the pairs run over, for the printed line.
    strict : bool, optional
        Raise on ✗. By default only if ``TLBOOK_STRICT=1`` is set.

    Raises
    ------
    ValueError
        If the arrays differ in length or have fewer than two values, if not exactly one form is
        asked for, or if a ratio of values that are not positive is.
    ClaimNotHeld
        If the mark is ✗ and the check is strict.

    References
    ----------
    Student, "The probable error of a mean", Biometrika 1908; for ``within`` (the interval inside
    the bounds): Schuirmann, "A comparison of the two one-sided tests procedure and the power
    approach", J. Pharmacokinet. Biopharm. 1987.

    Examples
    --------
    >>> from tlbook.evaluation import claim
    >>> a, b = [0.80, 0.81, 0.79], [0.92, 0.90, 0.94]
    >>> record = claim("B beats A", b, a, margin=5)
    ~ B beats A: +12.0 points [4.5, 19.5], more than 5 asked, 3 seeds
    >>> record = claim("B beats A", b, a, margin=4)
    ✓ B beats A: +12.0 points [4.5, 19.5], more than 4 asked, 3 seeds
    >>> record = claim("A is no better than B", a, b, at_most=0)
    ✓ A is no better than B: -12.0 points [-19.5, -4.5], at most 0 asked, 3 seeds
    >>> record = claim("A and B are equal", a, b, within=5)
    ✗ NOT held: A and B are equal: -12.0 points [-19.5, -4.5], within ±5 asked, 3 seeds
    >>> record = claim("B takes twice as long", [2.5, 5.2, 9.6], [1.0, 2.0, 4.0], ratio=2)
    ✓ B takes twice as long: ×2.5 [2.26, 2.76], more than ×2 asked, 3 seeds
    """
    text = checked_text(text)
    form, bound = _form(margin=margin, at_most=at_most, within=within, ratio=ratio)
    differences, reason = _differences(better, worse, form)
    n, unit = len(differences), "times" if form == "ratio" else unit
    effect = low = high = math.nan
    if not reason:
        effect, low, high = _effect(differences, form, unit)
        if not np.isfinite([effect, low, high]).all():
            reason = "the interval is not finite"
    mark = "✗" if reason else _mark(form, bound, effect, low, high)
    return tell(
        ClaimRecord(form, mark, effect, low, high, bound, unit, n, over, text), strict, reason
    )


def _form(**bounds: float | None) -> tuple[str, float]:
    """Return the one form that was asked for and its bound."""
    given = {name: value for name, value in bounds.items() if value is not None}
    if len(given) != 1:
        raise ValueError(
            f"claim: got {' and '.join(given) or 'no form'}, "
            "want exactly one of margin, at_most, within, ratio"
        )
    [(name, value)] = given.items()
    bound = float(check_array(value, name, ndim=0, min_rows=0))
    if name in ("within", "ratio"):
        check_positive(bound, name, zero_ok=name == "within")
    return name, bound


def _differences(better: Any, worse: Any, form: str) -> tuple[np.ndarray, str]:
    """Return the paired differences, of logarithms for a ratio, and why they are not finite."""
    first, second = paired_values(better, worse, allow_nan=True)
    if form == "ratio":
        for name, values in (("better", first), ("worse", second)):
            if np.any(values <= 0):
                raise ValueError(f"{name}: got {values.min():g}, want positive values for a ratio")
        first, second = np.log(first), np.log(second)
    with np.errstate(invalid="ignore", over="ignore"):  # inf − inf is what is looked for
        differences = first - second
    bad = int(np.count_nonzero(~np.isfinite(differences)))
    return differences, f"not finite in {bad} of {len(differences)}" if bad else ""


def _effect(differences: np.ndarray, form: str, unit: str) -> tuple[float, float, float]:
    """Return the effect and its interval in the unit that is printed."""
    with np.errstate(over="ignore", invalid="ignore"):
        found = t_interval(differences)
        values = np.array([found.mean, found.low, found.high])
        values = np.exp(values) if form == "ratio" else values * (100 if unit == "points" else 1)
    return tuple(values.tolist())


def _mark(form: str, bound: float, effect: float, low: float, high: float) -> str:
    """Return ✓, ~ or ✗ for a finite effect and interval."""

    def clears(lowest: float, highest: float) -> bool:
        if form in ("margin", "ratio"):
            return _above(lowest, bound)
        return not _above(highest, bound) and (form == "at_most" or not _above(-lowest, bound))

    if not clears(effect, effect):
        return "✗"
    return "✓" if clears(low, high) else "~"


def _above(value: float, bound: float) -> bool:
    """Whether ``value > bound``, by more than rounding: 100 · (0.85 − 0.80) is not above 5."""
    return value - bound > 1e-12 * max(1.0, abs(value), abs(bound))
