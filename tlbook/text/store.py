"""Where embeddings are kept: files in the cache folder, each with the vectors of some texts.

A vector is found by its text alone, so another split of the same corpus is not embedded again. A
file is written once and never changed; two processes at once at worst both write the same vectors.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from tlbook.data.cache import SUFFIX, Damaged, cache_dir, read_entry, write_entry
from tlbook.text.minilm import SHA256

_SMALLEST_FILE = 32
"""Fewer texts are embedded faster than anyone notices: they are not worth a file."""

_KEY = hashlib.sha256().digest_size
_LIBRARIES = ("torch", "transformers", "tokenizers")
_CODE = ("minilm.py", "embedding.py")
_memory: dict[Path, dict[bytes, np.ndarray]] = {}


class Store:
    """Embeddings of one encoder, one version of the code and one kind of device."""

    def __init__(self, device: str) -> None:
        self.pattern = f"minilm-{device}-{_version()}-"

    def find(self, texts: Iterable[str]) -> dict[str, np.ndarray]:
        """Return the vectors of those texts that are known."""
        vectors: dict[bytes, np.ndarray] = {}
        for path in sorted(cache_dir().glob(f"{self.pattern}*{SUFFIX}")):
            vectors |= _contents(path)
        keys = {text: _key(text) for text in texts}
        return {text: vectors[key] for text, key in keys.items() if key in vectors}

    def add(self, vectors: Mapping[str, np.ndarray]) -> None:
        """Keep vectors in a new file; without a folder to write to, nothing happens."""
        if len(vectors) < _SMALLEST_FILE:
            return
        keys = [_key(text) for text in vectors]
        name = hashlib.sha256(b"".join(sorted(keys))).hexdigest()[:16]
        content = (np.frombuffer(b"".join(keys), np.uint8), np.stack(list(vectors.values())))
        with contextlib.suppress(OSError):
            write_entry(cache_dir() / f"{self.pattern}{name}{SUFFIX}", content)


def _contents(path: Path) -> dict[bytes, np.ndarray]:
    """Return what is in a file, which this process reads once; nothing if it is damaged."""
    if path not in _memory:
        try:
            keys, vectors = read_entry(path)
            if vectors.ndim != 2 or vectors.dtype != np.float32 or not np.isfinite(vectors).all():
                return {}
            rows = keys.reshape(len(vectors), _KEY)
        except (OSError, Damaged, TypeError, ValueError, AttributeError):
            return {}  # no such file, or one that somebody else put there
        names = [row.tobytes() for row in rows]
        _memory[path] = dict(zip(names, vectors, strict=True))
    return _memory[path]


def _key(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()


@cache
def _version() -> str:
    """Return a digest of all that a vector depends on, except its text and the device."""
    digest = hashlib.sha256(repr(sorted(SHA256.items())).encode())
    for library in _LIBRARIES:
        digest.update(f"{library}={version(library)}\0".encode())
    for name in _CODE:
        source: Any = Path(__file__).with_name(name).read_bytes()
        digest.update(b"\n".join(source.splitlines()))
    return digest.hexdigest()[:16]
