"""Frozen features of the whole ``docstrings`` corpus, computed once for all seeds of a study."""

from __future__ import annotations

import time
from functools import lru_cache
from typing import Any

import numpy as np

from tlbook.text.classifier import text_classifier
from tlbook.text.recipes import MAX_TOKENS


@lru_cache(maxsize=2)
def _all(max_tokens: int) -> tuple[dict[str, np.ndarray], float]:
    from tlbook.data.docstrings.corpus import corpus

    texts = [str(text) for text in corpus()[0]]
    model = text_classifier(2, "frozen", max_tokens=max_tokens)
    start = time.process_time()
    Z = model.embed(texts)
    return dict(zip(texts, Z, strict=True)), (time.process_time() - start) / len(texts)


def corpus_features(texts: Any, max_tokens: int = MAX_TOKENS) -> np.ndarray:
    """Return the features of texts of the corpus, shape (n, d)."""
    known = _all(max_tokens)[0]
    return np.stack([known[str(text)] for text in texts])


def seconds_per_text(max_tokens: int = MAX_TOKENS) -> float:
    """Return the processor seconds that the features of one text took in this process."""
    return _all(max_tokens)[1]
