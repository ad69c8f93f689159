"""A BERT encoder with a linear head, cut where every model of this course is cut."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from tlbook._base.checks import check_array, check_choice, check_labels, check_positive
from tlbook._base.named import named
from tlbook.finetuning import freeze, lora, unfreeze
from tlbook.models import seeded
from tlbook.text.embedding import pool
from tlbook.text.pretrained import choose_weights, encoder_of
from tlbook.text.tokens import tokenize, trim

MODES = ("frozen", "lora", "full")
BLOCK = 32  # texts at a time when predicting, of similar length


class TextClassifier(nn.Module):
    r"""Mean of the token vectors, of length √d, then one linear layer.

    .. math:: z = \sqrt d \, \frac{m}{\lVert m \rVert_2}, \qquad
        m = \frac{\sum_t a_t h_t}{\sum_t a_t}, \qquad \text{logits} = W z + b

    with the last hidden states h of the encoder and the attention mask a. The direction of z is
    that of :func:`tlbook.text.embed`; its length makes a coordinate about one in size, as a
    head with ordinary learning rates wants it.

    Parameters
    ----------
    encoder : BertModel
        Called with ``input_ids`` and ``attention_mask``.
    n_classes : int
        Outputs of the head.
    max_tokens : int
        Where :meth:`predict` and :meth:`embed` cut texts.
    weights : str
        Name of the encoder's weights; says which tokenizer reads texts.

    Notes
    -----
    ``features(tokens)`` maps (n, 2, t) whole numbers (:func:`tlbook.text.tokenize`) to (n, d).

    References
    ----------
    Devlin, Chang, Lee & Toutanova (2019), BERT: Pre-training of deep bidirectional transformers
    for language understanding. Reimers & Gurevych (2019), Sentence-BERT.
    """

    @named
    def __init__(
        self, encoder: nn.Module, n_classes: int, max_tokens: int = 64, weights: str = "minilm"
    ) -> None:
        super().__init__()
        check_positive(n_classes, "n_classes", integer=True)
        check_positive(max_tokens, "max_tokens", integer=True)
        self.encoder = encoder
        self.max_tokens, self.weights = max_tokens, weights
        width: int = encoder.config.hidden_size  # type: ignore[union-attr, assignment]
        self.head = nn.Linear(width, n_classes)

    def features(self, tokens: Tensor) -> Tensor:
        """Return the pooled vectors of shape (n, d)."""
        ids, mask = trim(tokens).unbind(1)
        hidden = self.encoder(input_ids=ids, attention_mask=mask).last_hidden_state
        return math.sqrt(hidden.shape[-1]) * pool(hidden, mask)

    def forward(self, tokens: Tensor) -> Tensor:
        """Return logits of shape (n, n_classes)."""
        return self.head(self.features(tokens))

    def tokens(self, texts: Any) -> Tensor:
        """Return texts as ``features`` takes them, cut after ``max_tokens``."""
        return tokenize(texts, self.max_tokens, self.weights)

    def predict(self, texts: Any) -> np.ndarray:
        """Return the label of each text, shape (n,): what ``task.score`` takes."""
        return self.probabilities(texts).argmax(axis=1)

    def probabilities(self, texts: Any) -> np.ndarray:
        """Return the softmax of the logits, shape (n, n_classes)."""
        return self._over(texts, lambda x: self(x).softmax(dim=1))

    def embed(self, texts: Any) -> np.ndarray:
        """Return the features of texts, shape (n, d), float32."""
        return self._over(texts, self.features)

    def _over(self, texts: Any, function: Callable[[Tensor], Tensor]) -> np.ndarray:
        """Apply a function in eval mode to blocks of texts of similar length: little padding."""
        tokens = self.tokens(texts)
        order = tokens[:, 1].sum(1).argsort(stable=True)
        device = self.head.weight.device
        was_training = self.training
        self.eval()
        try:
            with torch.inference_mode():
                blocks = [function(b.to(device)).cpu() for b in tokens[order].split(BLOCK)]
        finally:
            self.train(was_training)
        return torch.cat(blocks)[order.argsort()].numpy()


@named
def text_classifier(
    n_classes: int,
    mode: str = "full",
    *,
    weights: str = "minilm",
    rank: int = 8,
    top: int | None = None,
    max_tokens: int = 64,
    seed: int = 0,
) -> TextClassifier:
    """Return a pretrained encoder with a new head, frozen as the mode wants it.

    Parameters
    ----------
    n_classes : int
        Outputs of the new head, whose random start comes from ``seed``.
    mode : {"frozen", "lora", "full"}
        Train the head alone; the head and corrections of low rank to the queries and values of
        every block; or everything.
    weights : {"auto", "minilm", "bert-base-uncased"}
        The one parameter to change for another BERT (see :func:`choose_weights`).
    rank : int
        Of the corrections; α is the rank, so that their factor α / r is 1.
    top : int, optional
        With ``"full"``: only the head and so many of the last blocks learn.
    max_tokens : int
        Longer texts are cut.

    Raises
    ------
    ValueError
        If an argument is unfit.

    References
    ----------
    Hu et al. (2022), LoRA: low-rank adaptation of large language models.
    """
    check_choice(mode, "mode", MODES)
    name = choose_weights(weights)
    model: Any = seeded(lambda: TextClassifier(encoder_of(name), n_classes, max_tokens, name), seed)
    if mode == "lora":
        model = lora(model, rank, rank, layers=attention_maps(model), seed=seed)
    elif mode == "frozen":
        freeze(model)
    elif top is not None:
        train_top(model, top)
    return model


@named
def blocks(model: nn.Module) -> list[str]:
    """Return the names of the encoder's blocks, from the input on.

    Raises
    ------
    ValueError
        If the model has none.
    """
    found = [n for n, _ in model.named_modules() if n.rpartition(".")[0].endswith("encoder.layer")]
    if not found:
        raise ValueError(f"model: got a {type(model).__name__} without blocks encoder.layer.0, …")
    return found


@named
def attention_maps(model: nn.Module) -> list[str]:
    """Return the names of the linear maps that make queries and values, which LoRA corrects."""
    return [f"{b}.attention.self.{part}" for b in blocks(model) for part in ("query", "value")]


@named
def train_top(model: nn.Module, top: int) -> nn.Module:
    """Freeze all but the head and the last ``top`` blocks, in place; all blocks: everything learns.

    Frozen blocks stay in eval mode, without dropout. With ``top`` equal to the number of blocks
    the word vectors learn too.

    Raises
    ------
    ValueError
        If there are not that many blocks.
    """
    names = blocks(model)
    check_positive(top, "top", zero_ok=True, integer=True)
    if top > len(names):
        raise ValueError(f"top: got {top}, want at most {len(names)}, the blocks of the encoder")
    unfreeze(model)
    if top < len(names):
        freeze(model, but=("head", *names[len(names) - top :]))
    return model


@named
def probe_into_head(
    model: TextClassifier, Z: Any, y: Any, C: float = 1.0, row_weights: Any = None
) -> TextClassifier:
    r"""Fit the head on features that do not change, and write it into the model, in place.

    .. math:: \min_{W, b} \; C \sum_i w_i \, \ell(W z_i + b, y_i) + \tfrac12 \lVert W \rVert^2

    with the logistic loss. Features are *not* standardized: one coordinate of MiniLM is dead (about
    1e-30 for every text), and to divide by its spread makes a weight of 1e29, which is harmless
    until the encoder moves.

    Parameters
    ----------
    model : TextClassifier
    Z, y : arrays of shape (n, d) and (n,)
        Cached features (:meth:`TextClassifier.embed`), and labels 0 … classes − 1.
    C : float
        Inverse strength of the L2 regularization.
    row_weights : array of shape (n,), optional
        w; 1 by default.

    Returns
    -------
    TextClassifier
        ``model``.

    Raises
    ------
    ValueError
        If a class has no row, or shapes do not fit.
    """
    from sklearn.linear_model import LogisticRegression

    check_positive(C, "C")
    rows = check_array(Z, "Z", ndim=2)
    labels = check_labels(y, len(rows), min_classes=2)
    classes, width = model.head.weight.shape
    if rows.shape[1] != width:
        raise ValueError(f"Z: got {rows.shape[1]} features, want {width} like the model's head")
    if not np.array_equal(np.unique(labels), np.arange(classes)):
        raise ValueError(f"y: got {np.unique(labels)}, want each of 0 … {classes - 1}")
    fitted = LogisticRegression(C=C, max_iter=2000).fit(rows, labels, sample_weight=row_weights)
    W, b = fitted.coef_, fitted.intercept_
    if classes == 2:  # scikit-learn keeps only the difference of the two logits
        W, b = np.concatenate([-W, W]) / 2, np.concatenate([-b, b]) / 2
    with torch.no_grad():
        model.head.weight.copy_(torch.as_tensor(W))
        model.head.bias.copy_(torch.as_tensor(b))
    return model
