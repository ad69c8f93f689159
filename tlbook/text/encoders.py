"""Any encoder of transformers under a linear head: a folder of yours, or a name of a hub."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from tlbook._base.checks import check_choice, check_positive, check_texts
from tlbook._base.extras import needs
from tlbook.data.online.answers import PATIENCE
from tlbook.finetuning import freeze, lora
from tlbook.models import seeded
from tlbook.text.classifier import MODES, TextClassifier, blocks, text_classifier, train_top
from tlbook.text.minilm import _no_progress_bars

QUERIES_AND_VALUES = re.compile(r"(^|\.)(query|value|q_lin|v_lin|q_proj|v_proj)(_proj)?$")
"""Layers that make queries and values, by the names that encoders give them."""


class EncoderClassifier(TextClassifier):
    """A :class:`TextClassifier` on any encoder, which brings its own tokenizer.

    Parameters
    ----------
    encoder : nn.Module
        Of transformers; called with ``input_ids`` and ``attention_mask``.
    tokenizer
        Of transformers.
    n_classes, max_tokens : int
        See :class:`TextClassifier`.
    weights : str
        The folder or name that the encoder came from.
    """

    def __init__(
        self, encoder: nn.Module, tokenizer: Any, n_classes: int, max_tokens: int, weights: str
    ) -> None:
        longest = longest_input(encoder.config, tokenizer)
        if check_positive(max_tokens, "max_tokens", integer=True) > longest:
            raise ValueError(f"max_tokens: got {max_tokens}, want at most {longest}")
        super().__init__(encoder, n_classes, max_tokens, weights)
        self.tokenizer = tokenizer

    def tokens(self, texts: Any) -> Tensor:
        """Return texts as ``features`` takes them, cut after ``max_tokens``."""
        rows = [str(text) for text in check_texts(texts, "texts")]
        made = self.tokenizer(rows, truncation=True, max_length=self.max_tokens, padding=True)
        parts = (made["input_ids"], made["attention_mask"])
        return torch.stack([torch.tensor(part) for part in parts], dim=1)


def network(
    name: str, weights: str | None, n_classes: int | None, seed: int, **options: Any
) -> nn.Module:
    """Return a classifier of texts; see :func:`tlbook.models.create`.

    Without ``n_classes`` the head has two outputs.
    """
    word = {"minilm": "embedded", "bert-base-uncased": "pretrained"}.get(name)
    if word is not None and weights == word:
        return text_classifier(n_classes or 2, weights=name, seed=seed, **options)
    if word is not None and not (weights and Path(weights).expanduser().is_dir()):
        check_choice(weights, "weights", (word, "a folder"))
    return encoder_classifier(weights, n_classes or 2, seed=seed, **options)


def encoder_classifier(
    weights: Any,
    n_classes: int,
    mode: str = "full",
    *,
    rank: int = 8,
    top: int | None = None,
    max_tokens: int = 64,
    seed: int = 0,
) -> EncoderClassifier:
    """Return any pretrained encoder with a new head, frozen as the mode wants it.

    Parameters
    ----------
    weights : str or Path
        A folder that ``save_pretrained`` wrote (encoder and tokenizer), or a name such as
        ``"hfl/chinese-roberta-wwm-ext"``, which is looked for in the hub's cache and downloaded
        where it is missing.
    n_classes, mode, rank, top, max_tokens, seed
        See :func:`tlbook.text.text_classifier`.

    Raises
    ------
    ValueError
        If there is no such encoder, or an argument is unfit.
    """
    check_choice(mode, "mode", MODES)
    encoder, tokenizer = read_encoder(weights)
    model: Any = seeded(
        lambda: EncoderClassifier(encoder, tokenizer, n_classes, max_tokens, str(weights)), seed
    )
    if mode == "frozen":
        return freeze(model)  # type: ignore[return-value]
    if mode == "lora":
        names = [name for name, _ in model.named_modules() if QUERIES_AND_VALUES.search(name)]
        if not names:
            raise ValueError(
                f"mode: got 'lora', and {weights} has no layers for queries and values"
            )
        return lora(model, rank, rank, layers=names, seed=seed)  # type: ignore[return-value]
    if top is not None:
        blocks(model)
        train_top(model, top)
    return model


def read_encoder(weights: Any) -> tuple[nn.Module, Any]:
    """Return encoder (on the CPU, in eval mode, without pooling layer) and tokenizer.

    Raises
    ------
    ValueError
        If the folder holds none, or no such name is here or to be had.
    """
    needs("transformers", "text")
    from transformers import AutoModel, AutoTokenizer

    name = str(Path(weights).expanduser()) if weights else ""
    wanted = "want a folder of save_pretrained (encoder and tokenizer) or a name of the hub"
    local = Path(name).is_dir() and name != ""
    if not local and not re.fullmatch(r"[\w.-]+(/[\w.-]+)?", name):
        raise ValueError(f"weights: got {weights!r}, {wanted}")
    try:
        with silent():
            offline = local or not _hub_answers()
            encoder = AutoModel.from_pretrained(name, dtype=torch.float32, local_files_only=offline)
            tokenizer = AutoTokenizer.from_pretrained(name, local_files_only=offline)
    except (OSError, ValueError, KeyError) as error:
        line = str(error).strip().splitlines()[0]
        raise ValueError(f"weights: got {str(weights)!r}, {wanted} ({line})") from None
    if getattr(encoder, "pooler", None) is not None:
        encoder.pooler = None  # we take the mean over tokens and never call it
    return encoder.eval(), tokenizer


def _hub_answers() -> bool:
    """Return whether the hub can be reached: its own library would try for a minute."""
    needs("requests", "text")
    import requests
    from huggingface_hub import constants

    try:
        requests.head(constants.ENDPOINT, timeout=PATIENCE)
    except (requests.RequestException, OSError):
        return False
    return True


def longest_input(config: Any, tokenizer: Any) -> int:
    """Return how many tokens the encoder can read."""
    positions = getattr(config, "max_position_embeddings", None) or 512
    # RoBERTa keeps two positions for itself, which its tokenizer knows.
    return int(min(positions, getattr(tokenizer, "model_max_length", positions) or positions))


class silent:
    """Keep transformers from drawing bars and tables while it loads; its settings are put back."""

    def __enter__(self) -> None:
        from transformers.utils import logging

        self.level, self.bars = logging.get_verbosity(), _no_progress_bars()
        self.bars.__enter__()
        logging.set_verbosity_error()

    def __exit__(self, *error: Any) -> None:
        from transformers.utils import logging

        logging.set_verbosity(self.level)
        self.bars.__exit__(*error)
