"""Checks: sentences of the text that are true or false, without any scatter."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from tlbook._base.named import named
from tlbook.evaluation.claim_log import ClaimRecord, checked_text, tell


@named
def check(text: str, condition: Any, *, strict: bool | None = None) -> ClaimRecord:
    """Say a sentence that is true or false, and check it: ✓ or ✗.

    For what does not scatter over seeds: an inequality, a count, two programs with one answer. What
    is measured on samples is a :func:`tlbook.claim`, with an interval.

    Parameters
    ----------
    text : str
        What is stated, as a sentence without the full stop.
    condition : bool
        Whether it is so; a NumPy bool counts too.
    strict : bool, optional
        Raise when it is not so. By default only if ``TLBOOK_STRICT=1`` is set.

    Returns
    -------
    ClaimRecord
        With ``form="check"``; it is logged like that of a claim.

    Raises
    ------
    ValueError
        If ``condition`` is no bool, or ``text`` no sentence.
    ClaimNotHeld
        If it is not so and the check is strict.

    Examples
    --------
    >>> from tlbook.evaluation import check
    >>> record = check("The weights of a density ratio are not negative", min(0.2, 1.8) >= 0)
    ✓ The weights of a density ratio are not negative
    >>> record.mark
    '✓'
    """
    text = checked_text(text)
    if not isinstance(condition, (bool, np.bool_)):
        raise ValueError(f"condition: got {type(condition).__name__}, want True or False")
    mark, nan = ("✓" if condition else "✗"), math.nan
    return tell(ClaimRecord("check", mark, nan, nan, nan, nan, "", 0, "", text), strict)
