"""The course's pretrained networks, loaded once for all who only read them."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from tlbook.models import create


@lru_cache(maxsize=1)
def signnet() -> Any:
    """Return the pretrained network; copy it before you change it."""
    return create("signnet", weights="embedded")
