"""Answers as plain data: JSON of tagged lists, so that reading one can run nothing.

Numbers, truth values, texts, None, dots, lists, tuples, sets, dictionaries and arrays of numbers
come back as they were. Of everything else only the name of its type is kept.
"""

import json
import math
import re
from collections.abc import Mapping
from typing import Any

import numpy as np

LIMIT = 2_000_000
_KINDS = "biuf"


class NotPlain(ValueError):
    """What was read is no answer that was written here."""


def packed(value: Any) -> list[Any]:
    """Return a value as tagged lists that JSON can hold."""
    if value is None:
        return ["none"]
    if value is ...:
        return ["dots"]
    if isinstance(value, (bool, np.bool_)):
        return ["bool", bool(value)]
    if isinstance(value, (int, np.integer)):
        return ["int", str(int(value))] if abs(int(value)) < 10**300 else ["object", "int"]
    if isinstance(value, (float, np.floating)):
        return ["float", float(value).hex()]
    if isinstance(value, str):
        return ["text", str(value)[:LIMIT]]
    if isinstance(value, Mapping):
        return ["dict", [[packed(k), packed(v)] for k, v in value.items()]]
    for tag, types in (("list", list), ("tuple", tuple), ("set", (set, frozenset))):
        if isinstance(value, types):
            return [tag, [packed(item) for item in value]]
    return _array(value) or ["object", type(value).__name__]


def _array(value: Any) -> list[Any] | None:
    if hasattr(value, "detach"):
        value = value.detach().cpu().numpy()
    if not isinstance(value, np.ndarray) or value.dtype.kind not in _KINDS or value.size > LIMIT:
        return None
    kind = "f8" if value.dtype.kind == "f" else "i8" if value.dtype.kind in "iu" else "?"
    flat = value.astype(kind).ravel().tolist()
    return ["array", kind, list(value.shape), [x.hex() for x in flat] if kind == "f8" else flat]


def unpacked(data: Any, depth: int = 50) -> Any:
    """Return the value of :func:`packed` data.

    Raises
    ------
    NotPlain
        If the data are not of that form.
    """
    try:
        return _unpacked(data, depth)
    except (TypeError, ValueError, OverflowError, KeyError, IndexError) as error:
        raise NotPlain(f"data: {type(error).__name__}") from None


def _unpacked(data: Any, depth: int) -> Any:
    if depth == 0 or not isinstance(data, list) or not data:
        raise NotPlain("data")
    tag, *rest = data
    if tag in ("none", "dots"):
        return None if tag == "none" else ...
    if tag == "array":
        return _unpacked_array(*rest)
    (content,) = rest
    if tag == "bool":
        return content is True
    if tag == "int":
        return int(_text(content, 400))
    if tag == "float":
        return float.fromhex(_text(content, 40))
    if tag == "text":
        return _text(content, LIMIT)
    if tag == "dict":
        return {_unpacked(k, depth - 1): _unpacked(v, depth - 1) for k, v in content}
    if tag in ("list", "tuple", "set"):
        makes: Any = {"list": list, "tuple": tuple, "set": set}[tag]
        return makes(_unpacked(item, depth - 1) for item in content)
    if tag == "object":
        return _stranger(_text(content, 200))
    raise NotPlain("tag")


def _unpacked_array(kind: str, shape: list[int], flat: list[Any]) -> np.ndarray:
    if kind not in ("f8", "i8", "?") or len(flat) > LIMIT or math.prod(shape) != len(flat):
        raise NotPlain("array")
    values = [float.fromhex(x) for x in flat] if kind == "f8" else flat
    return np.array(values, dtype=kind).reshape([int(n) for n in shape])


def _text(content: Any, limit: int) -> str:
    if not isinstance(content, str) or len(content) > limit:
        raise NotPlain("text")
    return content


def _stranger(name: str) -> Any:
    """Return an object that is nothing but the name of its type; a function stays callable."""
    name = re.sub(r"\W", "_", name)[:60] or "object"
    members = {"__call__": lambda self, *args: None} if name == "function" else {}
    return type(name, (), members)()


def read_lines(text: str) -> list[dict[str, Any]]:
    """Return the JSON objects of a file, one a line; lines that are none are left out."""
    found = []
    for line in text.splitlines():
        try:
            entry = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if isinstance(entry, dict):
            found.append(entry)
    return found
