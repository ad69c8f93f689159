"""Texts as vectors: TF-IDF, and sentence embeddings of a pretrained encoder (chapters 05, 14, 15).

The encoder, all-MiniLM-L6-v2, was trained on a billion pairs of texts, code documentation among
them (CodeSearchNet, Stack Exchange). On the ``docstrings`` corpus it may meet sentences that it
has seen: say so wherever the two are used together.
"""

from tlbook.text.embedding import DIMENSIONS, embed, pool
from tlbook.text.minilm import encoder, tokenizer
from tlbook.text.vectorizers import MiniLM, tfidf

__all__ = ["DIMENSIONS", "MiniLM", "embed", "encoder", "pool", "tfidf", "tokenizer"]
