"""One recipe for frozen, LoRA and full fine-tuning: the same start, the same steps, one rate each.

Every run starts where the frozen encoder ends: its head is the one fitted on cached features
(LP-FT, chapter 06). What then differs between two arms is only what may move, and how fast.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from torch import nn

from tlbook._base.checks import check_labels, check_positive, check_texts
from tlbook._base.named import named
from tlbook.text.classifier import TextClassifier, probe_into_head, text_classifier
from tlbook.training import History, fit

MAX_TOKENS = 40
"""Three texts of five of ``docstrings`` are read whole; the rest is cut, for every arm alike."""

RATES = {"full": 1e-4, "lora": 1e-3}
"""Learning rates to try first with MiniLM: one for everything, ten times that for LoRA.

At 1e-4 LoRA gained nothing in a test on sentiment with few labels in which full fine-tuning gained
4 to 5 points. ``bert_sweep`` has both ways flat within a factor of three around these rates.
"""
BATCH = 16
STEPS = 45
HEAD_C = 1e-2
"""Of the probe that every head starts from; features have length √384 here."""


@dataclass
class Tuned:
    """A trained classifier and the record of its training; call it with texts to get labels."""

    model: TextClassifier
    history: History | None

    def __call__(self, texts: Any) -> np.ndarray:
        """Return the label of each text."""
        return self.model.predict(texts)


@named
def fine_tune(
    texts: Any,
    y: Any,
    n_classes: int,
    mode: str,
    *,
    lr: float = 1e-4,
    steps: int = STEPS,
    batch_size: int = BATCH,
    top: int | None = None,
    rank: int = 8,
    C: float = HEAD_C,
    weights: str = "minilm",
    max_tokens: int = MAX_TOKENS,
    features: Any = None,
    seed: int = 0,
    **fit_options: Any,
) -> Tuned:
    """Train a text classifier: fit the head on frozen features, then let the mode's part move.

    Parameters
    ----------
    texts, y : sequence of n str, array of n labels 0 … n_classes − 1
    n_classes : int
    mode : {"frozen", "lora", "full"}
        ``"frozen"`` ends with the head on cached features, without a gradient step.
    lr, steps, batch_size
        Of the fine-tuning: AdamW without weight decay, one-cycle schedule. The default rate is
        that of ``"full"``; for LoRA take ``RATES["lora"]``, ten times as large.
    top, rank, weights, max_tokens
        See :func:`tlbook.text.text_classifier`.
    C : float
        Inverse regularization of the first head.
    features : array of shape (n, d), optional
        The frozen features of the texts, where they were computed before.
    seed : int
        Seed of draws, dropout and A of LoRA.
    **fit_options
        Other options of ``fit``.

    Returns
    -------
    Tuned

    Raises
    ------
    ValueError
        If a class has no text, or arguments do not fit.

    References
    ----------
    Kumar et al. (2022), Fine-tuning can distort pretrained features and underperform
    out-of-distribution. Mosbach, Andriushchenko & Klakow (2021), On the stability of fine-tuning
    BERT.

    Examples
    --------
    >>> from tlbook.text import fine_tune
    >>> texts = ["inverse of a matrix", "solve a linear system", "draw a sample", "a random seed"]
    >>> tuned = fine_tune(texts, [0, 0, 1, 1], n_classes=2, mode="lora", lr=1e-3, steps=3)
    >>> tuned(["eigenvalues of a matrix", "shuffle at random"])
    array([0, 1])
    """
    rows = check_texts(texts, "texts")
    labels = check_labels(y, len(rows), min_classes=2)
    check_positive(steps, "steps", integer=True)
    model = text_classifier(
        n_classes, mode, weights=weights, rank=rank, top=top, max_tokens=max_tokens, seed=seed
    )
    # Before the first step all modes compute the frozen encoder's features (LoRA's B is zero).
    probe_into_head(model, model.embed(rows) if features is None else features, labels, C)
    if mode == "frozen" or top == 0:
        return Tuned(model.eval(), None)
    options = {"schedule": "one-cycle", "seed": seed, "progress": False, **fit_options}
    history = fit(
        model, (model.tokens(rows), labels), steps=steps, batch_size=batch_size, lr=lr, **options
    )
    return Tuned(model, history)


@named
def learning_share(model: nn.Module) -> tuple[int, float]:
    """Return how many parameters learn, and their share of all."""
    from tlbook.finetuning import trainable_fraction, trainable_parameters

    return trainable_parameters(model), trainable_fraction(model)
