"""Classifiers of texts in a folder: configuration and tokenizer beside the weights."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from tlbook._base.checks import check_texts
from tlbook.text.classifier import TextClassifier
from tlbook.text.encoders import EncoderClassifier, longest_input, silent
from tlbook.text.pretrained import tokenizer_of

FOLDER = "encoder"
BLOCK = 32


class Whole(nn.Module):
    """A model of transformers for sequence classification with its tokenizer."""

    def __init__(self, network: nn.Module, tokenizer: Any, max_tokens: int) -> None:
        super().__init__()
        self.network, self.tokenizer, self.max_tokens = network, tokenizer, max_tokens

    def probabilities(self, texts: Any) -> np.ndarray:
        """Return the softmax of the logits, shape (n, n_classes)."""
        rows = [str(text) for text in check_texts(texts, "texts")]
        order = sorted(range(len(rows)), key=lambda i: len(rows[i]))
        device = next(self.network.parameters()).device
        found: list[Tensor] = [torch.empty(0)] * len(rows)
        for start in range(0, len(rows), BLOCK):
            numbers = order[start : start + BLOCK]
            made = self.tokenizer(
                [rows[i] for i in numbers],
                truncation=True,
                max_length=self.max_tokens,
                padding=True,
                return_tensors="pt",
            ).to(device)
            with torch.inference_mode():
                answers = self.network(**made).logits.float().softmax(1).cpu()
            for i, answer in zip(numbers, answers, strict=True):
                found[i] = answer
        return torch.stack(found).numpy()

    # The weights are those of the model inside, under its own names.
    def state_dict(self, *arguments: Any, **options: Any) -> Any:
        """Return the state of the model inside."""
        return self.network.state_dict(*arguments, **options)

    def load_state_dict(self, state_dict: Any, strict: bool = True, assign: bool = False) -> Any:
        """Fill the model inside."""
        return self.network.load_state_dict(state_dict, strict, assign)


def describe(model: nn.Module) -> dict[str, Any]:
    """Return what a file has to say about a classifier of texts."""
    if isinstance(model, TextClassifier):
        return {"kind": "texts", "max_tokens": model.max_tokens}
    return {"kind": "transformers"}


def write(folder: Path, model: Any, tokenizer: Any = None) -> None:
    """Write configuration and tokenizer into the folder.

    Raises
    ------
    ValueError
        If a model of transformers comes without its tokenizer.
    """
    config = model.encoder.config if hasattr(model, "encoder") else model.config
    if isinstance(model, EncoderClassifier):
        tokenizer = model.tokenizer
    elif isinstance(model, TextClassifier):
        tokenizer = tokenizer_of(model.weights)
    if tokenizer is None:
        raise ValueError("tokenizer: got nothing, want the tokenizer of the model")
    config.save_pretrained(str(folder / FOLDER))
    tokenizer.save_pretrained(str(folder / FOLDER))


def rebuild(folder: Path, n_classes: int, max_tokens: int) -> EncoderClassifier:
    """Return a classifier of texts with a random start."""
    from transformers import AutoConfig, AutoModel, AutoTokenizer

    place = str(folder / FOLDER)
    with silent():
        config = AutoConfig.from_pretrained(place, local_files_only=True)
        tokenizer = AutoTokenizer.from_pretrained(place, local_files_only=True)
        encoder = AutoModel.from_config(config).float()
    if getattr(encoder, "pooler", None) is not None:
        encoder.pooler = None
    return EncoderClassifier(encoder, tokenizer, n_classes, max_tokens, place)


def rebuild_whole(folder: Path) -> Whole:
    """Return a model of transformers for sequence classification with a random start."""
    from transformers import AutoConfig, AutoModelForSequenceClassification, AutoTokenizer

    place = str(folder / FOLDER)
    with silent():
        config = AutoConfig.from_pretrained(place, local_files_only=True)
        tokenizer = AutoTokenizer.from_pretrained(place, local_files_only=True)
        network = AutoModelForSequenceClassification.from_config(config).float()
    return Whole(network, tokenizer, longest_input(config, tokenizer))
