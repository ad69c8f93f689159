"""The network that the project ships, loaded once for all chapters."""

from __future__ import annotations

from functools import lru_cache

from tlbook.models import pretrained


@lru_cache(maxsize=1)
def signnet():
    """Return the pretrained network; copy it before you change it."""
    return pretrained("signnet")
