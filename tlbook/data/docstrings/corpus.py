"""The corpus: collected, cleaned, without near-duplicates, kept in the cache."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

import numpy as np

from tlbook.data.cache import cached
from tlbook.data.docstrings.places import TOPICS

FEWEST_WORDS = 5

Arrays = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]


def corpus(leakage: str = "removed") -> Arrays:
    """Return texts, topics, libraries and own names, all of shape (n,).

    Texts, libraries and names are str; topic ``c`` is ``TOPICS[c]``.
    """
    return _corpus(leakage, _code_version())


@cache
def _code_version() -> str:
    """Return a digest of the code in this folder, a part of the key in the cache."""
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(path.name.encode() + b"\0" + b"\n".join(path.read_bytes().splitlines()))
    return digest.hexdigest()


@cached
def _corpus(leakage: str, code: str) -> Arrays:
    from tlbook.data.docstrings.clean import clean, words
    from tlbook.data.docstrings.collect import collect
    from tlbook.data.docstrings.duplicates import first_of_each

    # torch first: of a text and its near-duplicate in the source, the scarce target keeps its own.
    items = sorted(collect(), key=lambda item: item.library != "torch")
    names = frozenset(item.name for item in items if len(item.name) > 1)
    texts = [clean(item.text, item.name, names) for item in items]
    long_enough = [i for i, text in enumerate(texts) if len(words(text)) >= FEWEST_WORDS]
    kept = first_of_each([texts[i] for i in long_enough], [items[i].topic for i in long_enough])
    rows = [long_enough[k] for k in kept]
    if leakage == "kept":  # the same items, so that only the names make the difference
        texts = [clean(item.text, item.name, keep_names=True) for item in items]
    return (
        np.array([texts[i] for i in rows], dtype=object),
        np.array([TOPICS.index(items[i].topic) for i in rows]),
        np.array([items[i].library for i in rows], dtype=object),
        np.array([items[i].name for i in rows], dtype=object),
    )
