"""Results as text: numbers, words, lists and dictionaries, exactly as they were."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import numpy as np

NUMPY, TUPLE = "numpy type", "tuple of"


def encode(value: Any) -> str:
    """Return a result as JSON that :func:`decode` turns into the same value, bit for bit.

    Raises
    ------
    TypeError
        If there is anything but numbers, words, lists, tuples and dictionaries of them.

    Examples
    --------
    >>> import numpy as np
    >>> decode(encode({"accuracy": np.float32(0.1), "place": ("a", 1)}))
    {'accuracy': np.float32(0.1), 'place': ('a', 1)}
    """
    return json.dumps(_plain(value), ensure_ascii=False)


def decode(text: str) -> Any:
    """Return what was encoded."""
    return json.loads(text, object_hook=_restored)


def _plain(value: Any) -> Any:
    if value is None or type(value) in (bool, int, float, str):
        return value
    if isinstance(value, np.generic) and value.dtype.kind in "biufU":
        return {NUMPY: value.dtype.str, "value": value.item()}
    if isinstance(value, tuple):
        return {TUPLE: [_plain(each) for each in value]}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    if isinstance(value, Mapping) and all(type(key) is str for key in value):
        return {key: _plain(each) for key, each in value.items()}
    raise TypeError(
        f"result: got {type(value).__name__}, want numbers, words, lists and dictionaries of them"
    )


def _restored(found: dict[str, Any]) -> Any:
    if NUMPY in found:
        return np.dtype(found[NUMPY]).type(found["value"])
    return tuple(found[TUPLE]) if TUPLE in found else found
