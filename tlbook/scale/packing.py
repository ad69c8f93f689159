"""What travels: a function with its parameters as bytes, and never an array."""

from __future__ import annotations

import hashlib
import inspect
import io
import marshal
import types
from dataclasses import dataclass
from typing import Any

from tlbook._base.extras import needs

ARRAYS = {
    ("numpy", "ndarray"),
    ("torch", "Tensor"),
    ("torch.nn.parameter", "Parameter"),
    ("pandas", "DataFrame"),
    ("pandas", "Series"),
    ("pandas.core.frame", "DataFrame"),
    ("pandas.core.series", "Series"),
}


@dataclass(frozen=True)
class Packed:
    """Bytes that travel, the packages they need, and digests of functions that no file has."""

    data: bytes
    packages: frozenset[str]
    written: dict[str, str]


def pack(function: Any, arguments: dict[str, Any], name: str) -> Packed:
    """Return ``(function, arguments)`` as bytes, and what code they come from.

    Functions of modules go by their name, functions of a notebook with their code.

    Raises
    ------
    ValueError
        If an array, a tensor or a table is among them, or something that cannot be pickled.
    """
    needs("cloudpickle", "scale")
    import cloudpickle

    packages: set[str] = set()
    written: dict[str, str] = {}

    class Packer(cloudpickle.CloudPickler):
        def reducer_override(self, thing: Any) -> Any:
            kind = type(thing)
            if any((c.__module__, c.__qualname__) in ARRAYS for c in kind.__mro__):
                shape = "×".join(map(str, getattr(thing, "shape", ()))) or "one number"
                raise ValueError(
                    f"jobs: got a {kind.__name__} of shape {shape} in {name!r}, want parameters "
                    "only: let the function load or make its data, or use tlbook.scale.pack_parcel"
                )
            if isinstance(thing, types.ModuleType):
                packages.add(thing.__name__.split(".")[0])
            elif isinstance(thing, type | types.FunctionType):
                packages.add(str(thing.__module__).split(".")[0])
                if thing.__module__ == "__main__":
                    written[f"{thing.__qualname__} of this session"] = digest(_source(thing))
            return super().reducer_override(thing)

    buffer = io.BytesIO()
    try:
        Packer(buffer).dump((function, arguments))
    except ValueError:
        raise
    except Exception as error:  # whatever a foreign object says when it is pickled
        raise ValueError(f"jobs: {name!r} cannot go to another process: {error}") from error
    return Packed(buffer.getvalue(), frozenset(packages - {"builtins", "cloudpickle"}), written)


def _source(thing: Any) -> bytes:
    try:
        return inspect.getsource(thing).encode()
    except (OSError, TypeError):  # typed at a prompt: no file to read from
        code = getattr(thing, "__code__", None)
        return thing.__qualname__.encode() if code is None else marshal.dumps(code)


def digest(*parts: bytes | str) -> str:
    """Return 16 hexadecimal digits of texts or bytes."""
    found = hashlib.sha256()
    for part in parts:
        found.update((part.encode() if isinstance(part, str) else part) + b"\0")
    return found.hexdigest()[:16]
