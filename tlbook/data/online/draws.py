"""Seeded subsamples and splits that keep the share of each class."""

from __future__ import annotations

import numpy as np

from tlbook._base.checks import check_positive
from tlbook.data.docstrings.task import proportional_order
from tlbook.data.random import generator


def sample_rows(y: np.ndarray, n: int | None, name: str, seed: int) -> np.ndarray:
    """Return ``n`` row numbers in a random order, with the same share of each class as in ``y``.

    All rows where ``n`` is None or there are fewer. For one seed a smaller sample is the beginning
    of a larger one before the last shuffle, so classes keep their shares.
    """
    rng = generator(f"sample of {name}", seed)
    order = proportional_order(y, rng)
    return rng.permutation(order[: len(y) if n is None else n])


def check_limit(n: int | None, name: str, least: int) -> int | None:
    """Return a limit of rows, ``None`` or an integer of at least ``least``."""
    if n is None:
        return None
    if check_positive(n, name, integer=True) < least:
        raise ValueError(f"{name}: got {n}, want None (all rows) or an integer of at least {least}")
    return int(n)
