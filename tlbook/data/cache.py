"""What is rendered once is kept in the user's cache folder.

A cache file is written under another name and then moved into place in one step, so a reader
sees a whole file or none, also when two processes render the same thing at once or one of them
is stopped. The file begins with a digest of what follows, which is an ``.npz`` of plain arrays: no
pickle is written or read, so an entry that somebody planted runs no code. A file that does not
match its digest, or that is no such archive, is thrown away and made again.
"""

from __future__ import annotations

import contextlib
import hashlib
import inspect
import io
import json
import marshal
import os
import tempfile
from collections.abc import Callable
from functools import cache, wraps
from importlib.metadata import version
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import numpy as np

from tlbook._base.home import refuse_unknown_home
from tlbook._base.rights import follow_umask

P = ParamSpec("P")
R = TypeVar("R")

SUFFIX = ".arrays"
"""Of the files: a digest of 32 bytes, then an ``.npz``."""
_DIGEST = 32
_STRUCTURE = "structure"
# Another version of one of these may draw other pixels or other random numbers.
_LIBRARIES = ("numpy", "scipy", "scikit-learn", "matplotlib", "torch")
# Modules of this package whose changes cannot change a pixel.
_NOT_RENDERING = ("__init__", "cache", "catalogue", "toy", "weights")


def cache_dir() -> Path:
    """Return the folder of rendered data; it is made when the first file is written.

    The environment variable ``TLBOOK_CACHE`` overrides the platform's user cache folder.
    """
    chosen = os.environ.get("TLBOOK_CACHE")
    refuse_unknown_home(chosen, "TLBOOK_CACHE")
    if chosen:
        return Path(chosen).expanduser()
    from platformdirs import user_cache_path

    return user_cache_path("tlbook", appauthor=False)


@cache
def rendering_version() -> str:
    """Return a digest of the code that renders and of the libraries that draw."""
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.glob("*.py")):
        if path.stem in _NOT_RENDERING:
            continue
        digest.update(path.name.encode() + b"\0" + b"\n".join(path.read_bytes().splitlines()))
    for library in _LIBRARIES:
        digest.update(f"{library}={version(library)}\0".encode())
    return digest.hexdigest()


def cached(function: Callable[P, R]) -> Callable[P, R]:
    """Keep the results of ``function`` in :func:`cache_dir`.

    The key is made of the function's name and source, its arguments, the code that renders in
    ``tlbook.data``, and the versions of the libraries that draw. Where the folder cannot be
    written to, the function simply runs every time. A result is an array of numbers (images as
    uint8, to save space) or texts, or a tuple or dictionary of such.
    """
    identity = (function.__module__, function.__qualname__, _source(function))

    @wraps(function)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> R:
        import joblib

        key = joblib.hash((identity, args, sorted(kwargs.items()), rendering_version()))
        path = cache_dir() / f"{function.__name__}-{key}{SUFFIX}"
        with contextlib.suppress(OSError, Damaged):
            return read_entry(path)
        result = function(*args, **kwargs)
        with contextlib.suppress(OSError):
            write_entry(path, result)
        return result

    return wrapper


def _source(function: Callable[..., Any]) -> str:
    try:
        return inspect.getsource(function)
    except OSError:  # typed at a prompt: no file to read from
        return marshal.dumps(function.__code__).hex()


class Damaged(Exception):
    """The file is not what was written."""


def read_entry(path: Path) -> Any:
    """Return what :func:`write_entry` wrote; raise ``Damaged`` where that is not what is there."""
    data = path.read_bytes()
    if hashlib.sha256(data[_DIGEST:]).digest() != data[:_DIGEST]:
        raise Damaged(path.name)
    try:
        with np.load(io.BytesIO(data[_DIGEST:]), allow_pickle=False) as arrays:
            return _built(json.loads(str(arrays[_STRUCTURE])), arrays)
    except Exception as error:  # whoever wrote the digest may have put anything behind it
        raise Damaged(path.name) from error


def write_entry(path: Path, result: Any) -> None:
    """Write a result with its digest in front, in one step: a reader never sees half of it."""
    arrays: dict[str, Any] = {}
    structure = _taken_apart(result, arrays)
    buffer = io.BytesIO()
    arrays[_STRUCTURE] = np.array(json.dumps(structure))
    np.savez(buffer, **arrays)
    payload = buffer.getbuffer()
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(prefix=f".{path.stem[:40]}-", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(hashlib.sha256(payload).digest())
            file.write(payload)
        follow_umask(temporary)
        os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise


def _taken_apart(result: Any, arrays: dict[str, np.ndarray]) -> Any:
    """Return the shape of a result as plain lists; its arrays go into ``arrays``.

    An array is ``["array", name]``, one of texts (dtype object) ``["texts", name]``, a tuple
    ``["tuple", parts]``, a dictionary ``["dict", keys, parts]``.

    Raises
    ------
    TypeError
        If there is something else in it.
    """
    if isinstance(result, tuple):
        return ["tuple", [_taken_apart(part, arrays) for part in result]]
    if isinstance(result, dict) and all(isinstance(key, str) for key in result):
        return ["dict", list(result), [_taken_apart(part, arrays) for part in result.values()]]
    if not isinstance(result, np.ndarray):
        raise TypeError(f"result: got {type(result).__name__}, want arrays, or a tuple or dict")
    name = f"a{len(arrays)}"
    if not result.dtype.hasobject:
        arrays[name] = result
        return ["array", name]
    if result.dtype != object or not all(isinstance(text, str) for text in result.ravel()):
        raise TypeError("result: got an array of objects, want numbers or texts")
    # As bytes with their lengths: an array of str would be as wide as its longest text, and
    # would lose zeros at the end of a text.
    coded = [text.encode("utf-8", "surrogatepass") for text in result.ravel()]
    arrays[name] = np.frombuffer(b"".join(coded), dtype=np.uint8)
    arrays[f"{name}-lengths"] = np.array([len(text) for text in coded], dtype=np.int64).reshape(
        result.shape
    )
    return ["texts", name]


def _built(structure: Any, arrays: Any) -> Any:
    """Return the result that :func:`_taken_apart` took apart."""
    kind, *rest = structure
    if kind == "tuple":
        return tuple(_built(part, arrays) for part in rest[0])
    if kind == "dict":
        return {key: _built(part, arrays) for key, part in zip(*rest, strict=True)}
    if kind == "array":
        return arrays[rest[0]]
    if kind != "texts":
        raise ValueError(f"structure: got {kind!r}")
    coded, lengths = arrays[rest[0]].tobytes(), arrays[f"{rest[0]}-lengths"]
    texts = np.empty(lengths.shape, dtype=object)
    ends = np.cumsum(lengths.ravel())
    texts.ravel()[...] = [
        coded[end - length : end].decode("utf-8", "surrogatepass")
        for end, length in zip(ends.tolist(), lengths.ravel().tolist(), strict=True)
    ]
    return texts
