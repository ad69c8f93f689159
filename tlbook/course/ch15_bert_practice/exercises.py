"""Exercises of chapter 15: tokenizer output, masked mean, LoRA's size, zero-shot, a symptom."""

from __future__ import annotations

from typing import Any

import numpy as np

from tlbook.course.exercises.checkers import Probe, on
from tlbook.course.exercises.core import Exercise
from tlbook.course.exercises.quizzes import choice, subset

# -- q1: what a tokenizer returns -----------------------------------------------------------------

_RETURNED = {
    "input_ids": "the number of each piece in the vocabulary: that is what BERT reads.",
    "attention_mask": "1 for a piece, 0 for padding: without it padding is read like words.",
    "token_type_ids": "0 or 1: the first or the second of two texts. BERT has a vector for each.",
    "labels": "a tokenizer sees texts, and no text says what you call it. Labels are yours.",
    "embeddings": "vectors are made by the model, from input_ids.",
    "position_ids": "the model counts positions itself; the tokenizer returns none.",
    "logits": "scores come from the model's head, long after the tokenizer.",
}

q1 = subset(
    "q1",
    "Which of these does BERT's tokenizer return for a list of texts? Answer with a set of "
    "'input_ids', 'attention_mask', 'token_type_ids', 'labels', 'embeddings', 'position_ids', "
    "'logits'.",
    {"input_ids", "attention_mask", "token_type_ids"},
    _RETURNED,
    hints=(
        "Call it, and look: list(tokenizer(['a text'])).",
        "Three of them. None needs a model, and none needs somebody who knows the topic.",
    ),
)

# -- q2: the mean over tokens ---------------------------------------------------------------------


def masked_mean(hidden, mask):
    """Return the mean of the unmasked token vectors of each text, shape (n, d)."""
    return (hidden * mask[:, :, None]).sum(1) / mask.sum(1)[:, None]


def _padding_mean(hidden: np.ndarray, mask: np.ndarray) -> np.ndarray:
    left_out = (1 - mask)[:, :, None]
    return (hidden * left_out).sum(1) / np.maximum(left_out.sum(1), 1)


q2 = Exercise(
    "q2",
    "Write masked_mean(hidden, mask): hidden has shape (n, t, d), mask (n, t) is 1 for a token and "
    "0 for padding. Return the mean of the unmasked token vectors, shape (n, d).",
    masked_mean,
    mistakes={
        "That is the mean over all positions: the padding is in it, so the answer to a text "
        "depends on how long the longest text beside it is.": lambda h, m: h.mean(1),
        "You set padding to zero and then divide by all positions: short texts come out too "
        "small. Divide by the number of unmasked ones.": lambda h, m: (h * m[:, :, None]).mean(1),
        "That is the sum. Divide it by the number of unmasked positions.": lambda h, m: (
            h * m[:, :, None]
        ).sum(1),
        "That is the vector of [CLS], the first position: another way to pool, but not the "
        "mean.": lambda h, m: h[:, 0],
        "That averages the padding: the mask is 1 for what counts, not for what is left "
        "out.": _padding_mean,
        "You divide by the number of unmasked positions of the whole batch.": lambda h, m: (
            (h * m[:, :, None]).sum(1) / m.sum()
        ),
    },
    probes=[
        Probe(
            "the mean",
            on(
                np.random.default_rng(0).normal(size=(3, 5, 4)),
                np.array([[1, 1, 0, 0, 0], [1, 1, 1, 1, 1], [1, 1, 1, 1, 0]]),
            ),
            tolerance=1e-9,
        )
    ],
    hints=(
        "Multiply with mask[:, :, None] so that padding adds nothing.",
        "Each text has its own number of tokens to divide by: mask.sum(1).",
    ),
)

# -- q3: how large is LoRA? -----------------------------------------------------------------------


def lora_size(blocks, width, rank):
    """Return the parameters of LoRA on the maps of queries and of values of each block."""
    return blocks * 2 * (rank * width + width * rank)


q3 = Exercise(
    "q3",
    "BERT has `blocks` blocks; the maps of queries and of values are width × width. Write "
    "lora_size(blocks, width, rank): how many numbers LoRA of that rank learns on these maps (the "
    "head not counted).",
    lora_size,
    mistakes={
        "That is one of the two factors: B A has r·d numbers in A and d·r in B.": lambda b, w, r: (
            b * 2 * r * w
        ),
        "That is the size of the full maps W: LoRA learns two thin factors "
        "instead.": lambda b, w, r: b * 2 * w * w,
        "That is one block only.": lambda b, w, r: 4 * r * w,
        "That is a thin factor squared: A is r × d and B is d × r.": lambda b, w, r: b * 2 * r * r,
        "You counted keys too: the question corrects queries and values.": lambda b, w, r: (
            b * 6 * r * w
        ),
    },
    probes=[
        Probe(
            f"the size for {blocks} blocks of width {width} at rank {rank}",
            on(blocks, width, rank),
            tolerance=0.5,
        )
        for blocks, width, rank in ((6, 384, 8), (12, 768, 4))
    ],
    hints=(
        "A correction B A has A of shape (rank, width) and B of shape (width, rank).",
        "Two maps in each block, two factors for each map.",
    ),
)

# -- q4: zero-shot --------------------------------------------------------------------------------


def nearest_description(E, D):
    """Return for each text the class whose description has the largest cosine with it."""
    D = D / np.linalg.norm(D, axis=1, keepdims=True)
    return (E @ D.T).argmax(axis=1)


def _cosines(E: Any, D: Any) -> np.ndarray:
    """Return the cosines of texts and classes, times the length of each text."""
    return E @ (D / np.linalg.norm(D, axis=1, keepdims=True)).T


def _texts_and_classes() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(1)
    D = rng.normal(size=(4, 8)) * np.array([[0.3], [1.0], [2.0], [6.0]])
    return rng.normal(size=(60, 8)), D


q4 = Exercise(
    "q4",
    "Write nearest_description(E, D): embeddings E of n texts, D of the classes' descriptions, of "
    "any length. Return for each text the number of the class with the largest cosine.",
    nearest_description,
    mistakes={
        "You take the class that is *least* similar.": lambda E, D: _cosines(E, D).argmin(axis=1),
        "That is the largest dot product, not the largest cosine: a long description vector wins "
        "by its length. Divide D by its lengths.": lambda E, D: (E @ D.T).argmax(axis=1),
        "That is the nearest in Euclidean distance: vectors of different length are compared. A "
        "cosine looks at directions alone.": lambda E, D: (
            ((E[:, None] - D[None]) ** 2).sum(2).argmin(axis=1)
        ),
        "That is the best text for each class. Wanted is the best class for each "
        "text.": lambda E, D: _cosines(E, D).argmax(axis=0),
        "Labels are whole numbers: use argmax.": lambda E, D: nearest_description(E, D).astype(
            float
        ),
    },
    probes=[
        Probe("the answer", on(*_texts_and_classes()), tolerance=0.5),
        Probe(
            "whole numbers",
            lambda answer: np.asarray(on(*_texts_and_classes())(answer)).dtype.kind != "f",
        ),
    ],
    hints=(
        "cos(x, d) = x·d / (‖x‖ ‖d‖). The length of x is the same for all classes.",
        "Divide each row of D by its length, multiply, and take argmax over the classes.",
    ),
)

# -- q5: a symptom --------------------------------------------------------------------------------

q5 = choice(
    "q5",
    "A colleague's classifier gives a text one answer when it is asked alone and another in a "
    "batch with longer texts. Asked twice in the same batch, it gives the same answer. What is "
    "wrong? One of 'dropout', 'no mask', 'random head', 'truncation', 'labels'.",
    "no mask",
    {
        "dropout": "Dropout left on would give two answers to the *same* batch as well.",
        "random head": "A head that is random is bad in any company: the same head gives the same "
        "text the same answer.",
        "truncation": "A text is cut at the same place whoever stands beside it; only longer "
        "texts would be cut.",
        "labels": "Labels play no part when a trained model is asked.",
    },
    hints=(
        "What changes in a text's row of numbers when a longer text joins the batch?",
        "Zeros are added at its end. Something should tell the model not to read them.",
    ),
)
