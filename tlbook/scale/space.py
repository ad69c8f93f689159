"""Where a search looks: lists of choices and ranges of numbers, as Optuna's distributions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

WANT = 'want a list, (low, high) or (low, high, "log")'


def distributions_of(space: Any) -> dict[str, Any]:
    """Return Optuna's distribution of each name.

    Raises
    ------
    ValueError
        If the space has no names, or something is neither a list of choices nor a range.
    """
    if not isinstance(space, Mapping) or not space:
        raise ValueError(f"space: got {space!r:.60}, want a dictionary, name -> list or range")
    return {name: _distribution(name, given) for name, given in space.items()}


def _distribution(name: str, given: Any) -> Any:
    from optuna import distributions

    if isinstance(given, list) and given:
        return distributions.CategoricalDistribution(given)
    if not (isinstance(given, tuple) and len(given) in (2, 3) and given[2:] in ((), ("log",))):
        raise ValueError(f"space: got {given!r:.60} for {name!r}, {WANT}")
    low, high, log = given[0], given[1], len(given) == 3
    numbers = all(isinstance(end, int | float) and np.isfinite(end) for end in (low, high))
    if not numbers or low > high or (log and low <= 0):
        bound = "0 < low <= high" if log else "numbers with low <= high"
        raise ValueError(f"space: got {given!r:.60} for {name!r}, want {bound}")
    whole = isinstance(low, int) and isinstance(high, int)
    kind = distributions.IntDistribution if whole else distributions.FloatDistribution
    return kind(low, high, log=log)
