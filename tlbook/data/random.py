"""Random generators with a name, so that loaders neither share nor touch a random state."""

from __future__ import annotations

import zlib
from typing import Any

import numpy as np


def generator(name: str, seed: int) -> np.random.Generator:
    """Return a generator that depends on ``name`` and ``seed`` alone."""
    return np.random.default_rng(
        np.random.SeedSequence([check_seed(seed), zlib.crc32(name.encode())])
    )


def check_seed(seed: Any) -> int:
    """Return ``seed`` if it is a non-negative integer."""
    if isinstance(seed, bool) or not isinstance(seed, (int, np.integer)) or seed < 0:
        raise ValueError(f"seed: got {seed!r}, want an integer of at least 0")
    return int(seed)
