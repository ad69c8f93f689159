"""What is rendered once is kept in the user's cache folder.

A cache file is written under another name and then moved into place in one step, so a reader
sees a whole file or none, also when two processes render the same thing at once or one of them
is stopped. The file begins with a digest of what follows; a file that does not match is thrown
away and made again.
"""

from __future__ import annotations

import contextlib
import hashlib
import inspect
import io
import marshal
import os
import tempfile
from collections.abc import Callable
from functools import cache, wraps
from importlib.metadata import version
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")

_DIGEST = 32
# Another version of one of these may draw other pixels or other random numbers.
_LIBRARIES = ("numpy", "scipy", "scikit-learn", "matplotlib", "torch")
# Modules of this package whose changes cannot change a pixel.
_NOT_RENDERING = ("__init__", "cache", "catalogue", "toy", "weights")


def cache_dir() -> Path:
    """Return the folder of rendered data; it is made when the first file is written.

    The environment variable ``TLBOOK_CACHE`` overrides the platform's user cache folder.
    """
    chosen = os.environ.get("TLBOOK_CACHE")
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
    written to, the function simply runs every time. Results have to be plain arrays (images as
    uint8, to save space).
    """
    identity = (function.__module__, function.__qualname__, _source(function))

    @wraps(function)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> R:
        import joblib

        key = joblib.hash((identity, args, sorted(kwargs.items()), rendering_version()))
        path = cache_dir() / f"{function.__name__}-{key}.joblib"
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
    """Return what :func:`write_entry` wrote; raise ``Damaged`` where the digest does not match."""
    import joblib

    data = path.read_bytes()
    if hashlib.sha256(data[_DIGEST:]).digest() != data[:_DIGEST]:
        raise Damaged(path.name)
    return joblib.load(io.BytesIO(data[_DIGEST:]))


def write_entry(path: Path, result: Any) -> None:
    """Write a result with its digest in front, in one step: a reader never sees half of it."""
    import joblib

    buffer = io.BytesIO()
    joblib.dump(result, buffer)
    payload = buffer.getbuffer()
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(prefix=f".{path.stem[:40]}-", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(hashlib.sha256(payload).digest())
            file.write(payload)
        os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise
