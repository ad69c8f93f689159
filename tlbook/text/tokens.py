"""Texts as one tensor of whole numbers: token numbers and attention mask, padded to one length."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tlbook._base.checks import check_positive, check_texts
from tlbook._base.named import named
from tlbook.text.pretrained import tokenizer_of

if TYPE_CHECKING:
    from torch import Tensor

LONGEST = 512
"""BERT has this many position vectors: it cannot read further."""


@named
def tokenize(texts: Any, max_tokens: int = 64, weights: str = "minilm") -> Tensor:
    """Return token numbers and attention mask as one tensor that ``fit`` can draw rows from.

    Parameters
    ----------
    texts : sequence of n str
        Each becomes [CLS] pieces [SEP] [PAD] … [PAD].
    max_tokens : int
        Longer texts are cut, [SEP] kept; 3 to 512.
    weights : {"minilm", "bert-base-uncased"}
        Whose tokenizer.

    Returns
    -------
    tensor of shape (n, 2, t), int64
        ``[:, 0]`` token numbers, ``[:, 1]`` the mask: 1 for a token, 0 for padding. t is the length
        of the longest text, at most ``max_tokens``.

    Raises
    ------
    ValueError
        If a text is blank or no str, or ``max_tokens`` is out of range.
    """
    import torch

    rows = [str(text) for text in check_texts(texts, "texts")]
    check_positive(max_tokens, "max_tokens", integer=True)
    if not 3 <= max_tokens <= LONGEST:
        raise ValueError(f"max_tokens: got {max_tokens}, want 3 to {LONGEST}")
    made = tokenizer_of(weights)(rows, truncation=True, max_length=int(max_tokens), padding=True)
    return torch.stack(
        [torch.tensor(made["input_ids"]), torch.tensor(made["attention_mask"])], dim=1
    )


@named
def trim(tokens: Tensor) -> Tensor:
    """Drop the last columns that are padding in every row: the same answer, sooner.

    Parameters
    ----------
    tokens : tensor of shape (n, 2, t)
        As :func:`tokenize` makes them.

    Returns
    -------
    tensor of shape (n, 2, s), s ≤ t
        At least one column.

    Raises
    ------
    ValueError
        If the shape does not fit.
    """
    _check(tokens)
    used = tokens[:, 1].any(0).nonzero()
    return tokens[:, :, : int(used[-1]) + 1 if len(used) else 1]


@named
def pieces(tokens: Tensor, weights: str = "minilm") -> list[list[str]]:
    """Return the pieces of each row in words, padding included.

    Raises
    ------
    ValueError
        If the shape does not fit.
    """
    _check(tokens)
    return [tokenizer_of(weights).convert_ids_to_tokens(row.tolist()) for row in tokens[:, 0]]


def _check(tokens: Tensor) -> None:
    if tokens.ndim != 3 or tokens.shape[1] != 2 or tokens.is_floating_point():
        raise ValueError(
            f"tokens: got shape {tuple(tokens.shape)} of {tokens.dtype}, want (n, 2, t) whole "
            "numbers, as tlbook.text.tokenize makes them"
        )
