"""The task of chapter 09's studies."""

from __future__ import annotations

from functools import lru_cache

from tlbook import data
from tlbook.domains import Task


@lru_cache(maxsize=1)
def task(seed: int) -> Task:
    """Return fonts → handwriting with this seed."""
    return data.load("fonts-to-handwriting", seed=seed)
