"""Sentence embeddings: mean of the token vectors, of length one, kept on disk."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from tlbook._base.checks import check_positive, check_texts
from tlbook._base.named import named
from tlbook.text.minilm import encoder, tokenizer
from tlbook.text.store import Store

if TYPE_CHECKING:
    from torch import Tensor

DIMENSIONS = 384
MAX_TOKENS = 256
"""What the model card prescribes: longer texts are cut."""

_ACCELERATOR_BATCH = 64


@named
def embed(
    texts: Any, device: str = "auto", batch_size: int | None = None, *, keep: bool = True
) -> np.ndarray:
    r"""Return MiniLM sentence embeddings.

    .. math:: e = m / \lVert m \rVert_2, \qquad m = \frac{\sum_t a_t h_t}{\sum_t a_t}

    with the last hidden states h_t of the tokens and the attention mask a_t (0 for padding).
    So the dot product of two embeddings is their cosine similarity.

    Parameters
    ----------
    texts : sequence of n str
        Cut after 256 tokens each.
    device : str
        ``"auto"``: CUDA, else MPS, else CPU.
    batch_size : int, optional
        Texts at a time. By default 1 on the CPU, where larger batches gain little and where so a
        text's vector is the same to the last bit whatever it comes with; 64 on an accelerator.
    keep : bool
        Look vectors up in the cache folder, and keep new ones there. About 12 ms per text on
        one core are saved.

    Returns
    -------
    array of shape (n, 384), float32
        In the order of ``texts``.

    Raises
    ------
    ValueError
        If ``texts`` is one text, or one of them is blank or no str; for a bad device; or if the
        encoder's files are not those expected.

    Notes
    -----
    The encoder's training data contain code documentation (CodeSearchNet, Stack Exchange).

    References
    ----------
    Reimers and Gurevych, Sentence-BERT: Sentence embeddings using Siamese BERT-networks (2019).

    Examples
    --------
    >>> from tlbook.text import embed
    >>> texts = ["The inverse of a matrix.", "Solve a linear system.", "Shuffle a list at random."]
    >>> E = embed(texts, device="cpu")
    >>> E.shape, bool(E[0] @ E[1] > E[0] @ E[2])  # cosines: the vectors have length one
    ((3, 384), True)
    """
    rows = [str(text) for text in check_texts(texts, "texts")]
    if batch_size is not None:
        check_positive(batch_size, "batch_size", integer=True)
    from tlbook.training.device import choose_device

    chosen_device = choose_device(device)
    size = batch_size or (1 if chosen_device.type == "cpu" else _ACCELERATOR_BATCH)
    unique = list(dict.fromkeys(rows))
    store = Store(chosen_device.type) if keep else None
    known = store.find(unique) if store is not None else {}
    new = [text for text in unique if text not in known]
    if new:
        vectors = dict(zip(new, _forward(new, chosen_device, size), strict=True))
        if store is not None:
            store.add(vectors)
        known |= vectors
    return np.stack([known[text] for text in rows])


@named
def pool(hidden: Tensor, mask: Tensor) -> Tensor:
    """Return the mean of the unmasked token vectors, scaled to length one.

    Parameters
    ----------
    hidden : tensor of shape (n, tokens, d)
        Last hidden states.
    mask : tensor of shape (n, tokens)
        Attention mask: 1 for a token, 0 for padding.

    Returns
    -------
    tensor of shape (n, d)
    """
    from torch.nn.functional import normalize

    weights = mask.unsqueeze(-1).to(hidden.dtype)
    return normalize((hidden * weights).sum(1) / weights.sum(1).clamp(min=1e-9), dim=1)


@lru_cache(maxsize=2)
def _loaded(device: str) -> tuple[Any, Any]:
    return tokenizer(), encoder().to(device)


def _forward(texts: Sequence[str], device: Any, batch_size: int) -> np.ndarray:
    """Embed texts in batches of similar length: little padding, and an order of their own."""
    import torch
    from tqdm.auto import tqdm

    tokens_of, model = _loaded(str(device))
    tokens = [tokens_of(t, truncation=True, max_length=MAX_TOKENS)["input_ids"] for t in texts]
    order = sorted(range(len(texts)), key=lambda i: (len(tokens[i]), texts[i]))
    out = np.empty((len(texts), DIMENSIONS), dtype=np.float32)
    bar = tqdm(
        total=len(texts),
        desc="embedding",
        unit="text",
        delay=2,
        leave=False,
        disable=bool(os.environ.get("TLBOOK_QUIET")),
    )
    with bar, torch.inference_mode():
        for start in range(0, len(order), batch_size):
            rows = order[start : start + batch_size]
            ids, mask = _padded([tokens[i] for i in rows])
            ids, mask = ids.to(device), mask.to(device)
            hidden = model(input_ids=ids, attention_mask=mask).last_hidden_state
            out[rows] = pool(hidden, mask).cpu().numpy()
            bar.update(len(rows))
    return out


def _padded(tokens: Sequence[Sequence[int]]) -> tuple[Tensor, Tensor]:
    """Return token numbers and attention mask of shape (n, longest); 0 is the padding."""
    import torch

    longest = max(map(len, tokens))
    ids = torch.zeros(len(tokens), longest, dtype=torch.int64)
    mask = torch.zeros_like(ids)
    for row, sequence in enumerate(tokens):
        ids[row, : len(sequence)] = torch.tensor(sequence)
        mask[row, : len(sequence)] = 1
    return ids, mask
