"""Texts as vectors: TF-IDF, and sentence embeddings of a pretrained encoder (chapters 05, 14, 15).

The encoder, all-MiniLM-L6-v2, was trained on a billion pairs of texts, code documentation among
them (CodeSearchNet, Stack Exchange). On the ``docstrings`` corpus it may meet sentences that it
has seen: say so wherever the two are used together.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from tlbook.text.embedding import DIMENSIONS, embed, pool
from tlbook.text.minilm import encoder, tokenizer
from tlbook.text.pretrained import choose_weights
from tlbook.text.tokens import pieces, tokenize, trim
from tlbook.text.vectorizers import MiniLM, tfidf
from tlbook.text.zero_shot import ZeroShot, description_probabilities

if TYPE_CHECKING:
    from tlbook.text.classifier import (
        TextClassifier,
        attention_maps,
        blocks,
        probe_into_head,
        text_classifier,
        train_top,
    )
    from tlbook.text.recipes import Tuned, fine_tune, learning_share

_WITH_TORCH = {
    "TextClassifier": "classifier",
    "attention_maps": "classifier",
    "blocks": "classifier",
    "probe_into_head": "classifier",
    "text_classifier": "classifier",
    "train_top": "classifier",
    "Tuned": "recipes",
    "fine_tune": "recipes",
    "learning_share": "recipes",
}

__all__ = [
    "DIMENSIONS",
    "MiniLM",
    "TextClassifier",
    "Tuned",
    "ZeroShot",
    "attention_maps",
    "blocks",
    "choose_weights",
    "description_probabilities",
    "embed",
    "encoder",
    "fine_tune",
    "learning_share",
    "pieces",
    "pool",
    "probe_into_head",
    "text_classifier",
    "tfidf",
    "tokenize",
    "tokenizer",
    "train_top",
    "trim",
]


def __getattr__(name: str) -> Any:
    """Import what needs torch when it is first asked for."""
    if name in _WITH_TORCH:
        return getattr(import_module(f"{__name__}.{_WITH_TORCH[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
