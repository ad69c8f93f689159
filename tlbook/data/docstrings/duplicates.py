"""Finds texts that say nearly the same, and keeps one of each group."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy import sparse

from tlbook.data.docstrings.clean import words

THRESHOLD = 0.6

_COMMON = frozenset(
    words(
        "an and are as at be by can for from has have if in into is it its of on or that the "
        "their then these this to was when where which with will whose such given return returns "
        "compute computes calculate calculates"
    )
)


def stems(text: str) -> frozenset[str]:
    """Return the words that a text is compared by: no common ones, no plural or verbal s."""
    found = set()
    for word in words(text):
        for part in word.split("-"):
            short = part[:-1] if part.endswith("s") and not part.endswith("ss") else part
            if part not in _COMMON and len(short) > 1:
                found.add(short)
    return frozenset(found)


def near_duplicates(texts: Sequence[str], threshold: float = THRESHOLD) -> list[tuple[int, int]]:
    r"""Return the pairs i < j of texts that share most of their words.

    .. math:: J(A, B) = |A \cap B| / |A \cup B| \ge \text{threshold}

    on the sets of their words (:func:`stems`), by one sparse matrix product.
    """
    sets = [stems(text) for text in texts]
    vocabulary = {word: k for k, word in enumerate(sorted(set().union(*sets)))}
    sizes = np.array([len(s) for s in sets])
    columns = np.array([vocabulary[w] for s in sets for w in sorted(s)], dtype=np.int64)
    rows = np.repeat(np.arange(len(sets)), sizes)
    ones = np.ones(len(columns), dtype=np.int32)
    counts = sparse.csr_array((ones, (rows, columns)), shape=(len(sets), len(vocabulary)))
    shared = sparse.triu(counts @ counts.T, k=1).tocoo()
    union = sizes[shared.row] + sizes[shared.col] - shared.data
    close = shared.data >= threshold * union
    return sorted(zip(shared.row[close].tolist(), shared.col[close].tolist(), strict=True))


def first_of_each(texts: Sequence[str], topics: Sequence[str]) -> list[int]:
    """Return which texts to keep, so that no two of them are near-duplicates.

    Of near-duplicates the first stays; where the same words stand under two topics, none does.
    """
    neighbors: dict[int, list[int]] = {}
    for i, j in near_duplicates(texts):
        neighbors.setdefault(i, []).append(j)
        neighbors.setdefault(j, []).append(i)
    by_words: dict[frozenset[str], set[str]] = {}
    for text, topic in zip(texts, topics, strict=True):
        by_words.setdefault(stems(text), set()).add(topic)
    kept: list[int] = []
    chosen: set[int] = set()
    for i, text in enumerate(texts):
        if len(by_words[stems(text)]) == 1 and not chosen.intersection(neighbors.get(i, ())):
            chosen.add(i)
            kept.append(i)
    return kept
