"""Exercises of chapter 15: tokenizer output, masked mean, LoRA's size, zero-shot, a symptom."""

from __future__ import annotations

from typing import Any

import numpy as np

from tlbook.course.exercises.checkers import array, choice, number, subset
from tlbook.course.exercises.core import Exercise, Wrong

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

q1 = Exercise(
    "q1",
    "Which of these does BERT's tokenizer return for a list of texts? Answer with a set of "
    "'input_ids', 'attention_mask', 'token_type_ids', 'labels', 'embeddings', 'position_ids', "
    "'logits'.",
    lambda answer: subset(answer, ("input_ids", "attention_mask", "token_type_ids"), _RETURNED),
    hints=(
        "Call it, and look: list(tokenizer(['a text'])).",
        "Three of them. None needs a model, and none needs somebody who knows the topic.",
    ),
    solution="""
    answer = {"input_ids", "attention_mask", "token_type_ids"}
    """,
    reference={"input_ids", "attention_mask", "token_type_ids"},
    wrong_answers={
        "labels": ({"input_ids", "attention_mask", "token_type_ids", "labels"}, "Labels are yours"),
        "no mask": ({"input_ids", "token_type_ids"}, "attention_mask"),
        "no types": ({"input_ids", "attention_mask"}, "token_type_ids"),
        "vectors": (
            {"input_ids", "attention_mask", "token_type_ids", "embeddings"},
            "by the model",
        ),
        "a text": ("input_ids", "Answer with a set"),
    },
)

# -- q2: the mean over tokens ---------------------------------------------------------------------


def masked_mean(hidden: Any, mask: Any) -> np.ndarray:
    """Return the mean of the unmasked token vectors of each text, shape (n, d)."""
    weights = np.asarray(mask, dtype=float)[:, :, None]
    return (np.asarray(hidden) * weights).sum(1) / weights.sum(1)


def _check_mean(answer: Any) -> None:
    rng = np.random.default_rng(0)
    hidden = rng.normal(size=(3, 5, 4))
    mask = np.array([[1, 1, 0, 0, 0], [1, 1, 1, 1, 1], [1, 1, 1, 1, 0]])
    blank = hidden * mask[:, :, None]
    array(
        answer(hidden.copy(), mask.copy()),
        masked_mean(hidden, mask),
        tolerance=1e-9,
        what="the mean",
        mistakes={
            "That is the mean over all positions: the padding is in it, so the answer to a text "
            "depends on how long the longest text beside it is.": hidden.mean(1),
            "You set padding to zero and then divide by all positions: short texts come out too "
            "small. Divide by the number of unmasked ones.": blank.mean(1),
            "That is the sum. Divide it by the number of unmasked positions.": blank.sum(1),
            "That is the vector of [CLS], the first position: another way to pool, but not the "
            "mean.": hidden[:, 0],
            "That averages the padding: the mask is 1 for what counts, not for what is left "
            "out.": _padding_mean(hidden, mask),
            "You divide by the number of unmasked positions of the whole batch.": blank.sum(1)
            / mask.sum(),
        },
    )


def _padding_mean(hidden: np.ndarray, mask: np.ndarray) -> np.ndarray:
    left_out = (1 - np.asarray(mask))[:, :, None]
    return (hidden * left_out).sum(1) / np.maximum(left_out.sum(1), 1)


q2 = Exercise(
    "q2",
    "Write masked_mean(hidden, mask): hidden has shape (n, t, d), mask (n, t) is 1 for a token and "
    "0 for padding. Return the mean of the unmasked token vectors, shape (n, d).",
    _check_mean,
    hints=(
        "Multiply with mask[:, :, None] so that padding adds nothing.",
        "Each text has its own number of tokens to divide by: mask.sum(1).",
    ),
    solution="""
    def answer(hidden, mask):
        return (hidden * mask[:, :, None]).sum(1) / mask.sum(1)[:, None]
    """,
    reference=masked_mean,
    wrong_answers={
        "all positions": (lambda h, m: h.mean(1), "padding is in it"),
        "too small": (lambda h, m: (h * m[:, :, None]).mean(1), "divide by all positions"),
        "sum": (lambda h, m: (h * m[:, :, None]).sum(1), "That is the sum"),
        "first": (lambda h, m: h[:, 0], "vector of [CLS]"),
        "padding": (_padding_mean, "averages the padding"),
        "whole batch": (lambda h, m: (h * m[:, :, None]).sum(1) / m.sum(), "the whole batch"),
    },
    given=lambda: {"np": np},
)

# -- q3: how large is LoRA? -----------------------------------------------------------------------


def lora_size(blocks: int, width: int, rank: int, maps: int = 2) -> int:
    """Return the parameters of LoRA on so many square maps of each block."""
    return blocks * maps * rank * 2 * width


def _check_size(answer: Any) -> None:
    for blocks, width, rank in ((6, 384, 8), (12, 768, 4)):
        want = lora_size(blocks, width, rank)
        number(
            answer(blocks, width, rank),
            want,
            tolerance=0.5,
            what=f"the size for {blocks} blocks of width {width} at rank {rank}",
            mistakes={
                "That is one of the two factors: B A has r·d numbers in A and d·r in B.": want / 2,
                "That is the size of the full maps W: LoRA learns two thin factors instead.": blocks
                * 2
                * width
                * width,
                "That is one block only.": want / blocks,
                "That is a thin factor squared: A is r × d and B is d × r.": blocks
                * 2
                * rank
                * rank,
                "You counted keys too: the question corrects queries and values.": want * 1.5,
            },
        )


q3 = Exercise(
    "q3",
    "BERT has `blocks` blocks; the maps of queries and of values are width × width. Write "
    "lora_size(blocks, width, rank): how many numbers LoRA of that rank learns on these maps (the "
    "head not counted).",
    _check_size,
    hints=(
        "A correction B A has A of shape (rank, width) and B of shape (width, rank).",
        "Two maps in each block, two factors for each map.",
    ),
    solution="""
    def answer(blocks, width, rank):
        return blocks * 2 * (rank * width + width * rank)
    """,
    reference=lora_size,
    wrong_answers={
        "one factor": (lambda b, w, r: b * 2 * r * w, "one of the two factors"),
        "full maps": (lambda b, w, r: b * 2 * w * w, "size of the full maps"),
        "one block": (lambda b, w, r: 4 * r * w, "one block only"),
        "squared": (lambda b, w, r: b * 2 * r * r, "thin factor squared"),
        "keys too": (lambda b, w, r: b * 6 * r * w, "counted keys too"),
    },
)

# -- q4: zero-shot --------------------------------------------------------------------------------


def nearest_description(E: Any, D: Any) -> np.ndarray:
    """Return for each text the class whose description has the largest cosine with it."""
    E, D = np.asarray(E), np.asarray(D)
    return (E @ (D / np.linalg.norm(D, axis=1, keepdims=True)).T).argmax(axis=1)


def _farthest(E: Any, D: Any) -> np.ndarray:
    return (E @ (D / np.linalg.norm(D, axis=1, keepdims=True)).T).argmin(axis=1)


def _by_product(E: Any, D: Any) -> np.ndarray:
    return (E @ D.T).argmax(axis=1)


def _by_distance(E: Any, D: Any) -> np.ndarray:
    return ((E[:, None] - D[None]) ** 2).sum(2).argmin(axis=1)


def _nearest_text(E: Any, D: Any) -> np.ndarray:
    return (E @ (D / np.linalg.norm(D, axis=1, keepdims=True)).T).argmax(axis=0)


def _check_nearest(answer: Any) -> None:
    rng = np.random.default_rng(1)
    D = rng.normal(size=(4, 8)) * np.array([[0.3], [1.0], [2.0], [6.0]])
    E = rng.normal(size=(60, 8))
    given = answer(E.copy(), D.copy())
    array(
        given,
        nearest_description(E, D),
        tolerance=0.5,
        what="the answer",
        mistakes={
            "You take the class that is *least* similar.": _farthest(E, D),
            "That is the largest dot product, not the largest cosine: a long description vector "
            "wins by its length. Divide D by its lengths.": _by_product(E, D),
            "That is the nearest in Euclidean distance: vectors of different length are compared. "
            "A cosine looks at directions alone.": _by_distance(E, D),
            "That is the best text for each class. Wanted is the best class for each text.": (
                _nearest_text(E, D)
            ),
        },
    )
    if np.asarray(given).dtype.kind == "f":
        raise Wrong("Labels are whole numbers: use argmax.")


q4 = Exercise(
    "q4",
    "Write nearest_description(E, D): embeddings E of n texts, D of the classes' descriptions, of "
    "any length. Return for each text the number of the class with the largest cosine.",
    _check_nearest,
    hints=(
        "cos(x, d) = x·d / (‖x‖ ‖d‖). The length of x is the same for all classes.",
        "Divide each row of D by its length, multiply, and take argmax over the classes.",
    ),
    solution="""
    def answer(E, D):
        D = D / np.linalg.norm(D, axis=1, keepdims=True)
        return (E @ D.T).argmax(axis=1)
    """,
    reference=nearest_description,
    wrong_answers={
        "least": (_farthest, "least* similar"),
        "product": (_by_product, "not the largest cosine"),
        "distance": (_by_distance, "Euclidean distance"),
        "other axis": (_nearest_text, "best text for each class"),
    },
    given=lambda: {"np": np},
)

# -- q5: a symptom --------------------------------------------------------------------------------

q5 = Exercise(
    "q5",
    "A colleague's classifier gives a text one answer when it is asked alone and another in a "
    "batch with longer texts. Asked twice in the same batch, it gives the same answer. What is "
    "wrong? One of 'dropout', 'no mask', 'random head', 'truncation', 'labels'.",
    lambda answer: choice(
        answer,
        "no mask",
        {
            "dropout": "Dropout left on would give two answers to the *same* batch as well.",
            "random head": "A head that is random is bad in any company: the same head gives the "
            "same text the same answer.",
            "truncation": "A text is cut at the same place whoever stands beside it; only longer "
            "texts would be cut.",
            "labels": "Labels play no part when a trained model is asked.",
        },
    ),
    hints=(
        "What changes in a text's row of numbers when a longer text joins the batch?",
        "Zeros are added at its end. Something should tell the model not to read them.",
    ),
    solution="""
    answer = "no mask"
    """,
    reference="no mask",
    wrong_answers={
        "dropout": ("dropout", "*same* batch"),
        "head": ("random head", "in any company"),
        "cut": ("truncation", "cut at the same place"),
        "labels": ("labels", "play no part"),
        "no option": ("padding token", "none of the options"),
    },
)
