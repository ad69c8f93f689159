"""Exercises of chapter 15: a collator, the mask again, a figure, a script to repair, a choice."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch.nn.functional import cross_entropy

from tlbook.course.exercises.checkers import Probe, on
from tlbook.course.exercises.core import Exercise
from tlbook.course.exercises.quizzes import choice

# -- q1: a collate function -----------------------------------------------------------------------


def collate(rows):
    """Return input_ids, attention_mask (n, t) and labels (n,) of rows of unequal length."""
    longest = max(len(row["input_ids"]) for row in rows)
    batch = {"input_ids": np.zeros((len(rows), longest), dtype=int)}
    batch["attention_mask"] = np.zeros((len(rows), longest), dtype=int)
    for i, row in enumerate(rows):
        batch["input_ids"][i, : len(row["input_ids"])] = row["input_ids"]
        batch["attention_mask"][i, : len(row["input_ids"])] = 1
    batch["labels"] = np.array([row["labels"] for row in rows])
    return batch


def _changed(part: str, change: Any) -> Any:
    """Return the reference with one part of its batch changed."""

    def wrong(rows: Any) -> dict[str, np.ndarray]:
        batch = collate(rows)
        return {**batch, part: change(batch)}

    return wrong


def _widened(rows: Any) -> dict[str, np.ndarray]:
    batch = collate(rows)
    wide = {k: np.pad(v, ((0, 0), (0, 512 - v.shape[1]))) for k, v in batch.items() if v.ndim == 2}
    return {**batch, **wide}


def _cut(rows: Any) -> dict[str, np.ndarray]:
    shortest = min(len(row["input_ids"]) for row in rows)
    return {k: v[:, :shortest] if v.ndim == 2 else v for k, v in collate(rows).items()}


def _part(name: str) -> Any:
    """Return what a collate function makes of three rows, one part of it."""
    rows = [
        {"input_ids": [101, 2024, 102], "labels": 4},
        {"input_ids": [101, 1996, 8185, 2003, 102], "labels": 0},
        {"input_ids": [101, 7099, 2003, 102], "labels": 2},
    ]

    def ask(answer: Any) -> np.ndarray:
        return np.asarray(on(rows)(answer)[name])

    return ask


q1 = Exercise(
    "q1",
    "Write collate(rows): each row is {'input_ids': list, 'labels': int}. Return a dictionary of "
    "arrays: input_ids and attention_mask of shape (n, t), padded with 0 to the longest of these "
    "rows, and labels of shape (n,).",
    collate,
    mistakes={
        "The mask is 1 everywhere, so padding is read like words.": _changed(
            "attention_mask", lambda batch: np.ones_like(batch["attention_mask"])
        ),
        "The mask is turned round: 1 stands for a piece, 0 for padding.": _changed(
            "attention_mask", lambda batch: 1 - batch["attention_mask"]
        ),
        "You pad to 512 positions. That is right and slow: pad to the longest row of this "
        "batch.": _widened,
        "You cut all rows to the shortest one. Padding throws nothing away.": _cut,
        "The padding stands in front. BERT counts positions from the left, so the text has to "
        "come first.": _changed(
            "input_ids",
            lambda batch: np.stack([np.roll(r, int((r == 0).sum())) for r in batch["input_ids"]]),
        ),
        "The labels came out in another order than the rows.": _changed(
            "labels", lambda batch: np.sort(batch["labels"])
        ),
    },
    probes=[
        Probe("input_ids", _part("input_ids"), tolerance=0.5),
        Probe("the mask", _part("attention_mask"), tolerance=0.5),
        Probe("the labels", _part("labels"), tolerance=0.5),
    ],
    hints=(
        "Begin with two arrays of zeros whose width is the length of the longest row.",
        "Row i has k numbers: write them to the first k places, and 1 to the mask there.",
    ),
)

# -- q2: the experiment with the mask, changed ----------------------------------------------------

BY_LENGTH = 6.1
"""Percent of answers that change without the mask in batches of eight of like length."""


q2 = Exercise(
    "q2",
    "Repeat the experiment of section 'What the mask does' in another way: sort the texts by "
    "length, take them in batches of 8, trim each batch, and leave the mask out. What percentage "
    "of the 132 answers changes?",
    BY_LENGTH,
    mistakes={
        "That is the percentage of the cell above: all texts were padded to the longest one.": 15.2,
        "That is a share. Wanted is a percentage, 100 times as large.": BY_LENGTH / 100,
        "That is the number of texts. Wanted is the percentage of 132.": 132 * BY_LENGTH / 100,
    },
    probes=[Probe("the percentage", tolerance=1.5)],
    hints=(
        "order = full_length[:, 1].sum(1).argsort(), then full_length[order].split(8).",
        "text.trim(batch) drops padding. Trim while the mask is right, set it to 1 afterwards.",
    ),
)

# -- q3: a figure ---------------------------------------------------------------------------------

q3 = Exercise(
    "q3",
    "Read the right panel of the figure in 'At every rate'. How many points of balanced accuracy "
    "does full fine-tuning at rate 3e-4 lose at most, if you trust the 95 % interval? Answer with "
    "a positive number.",
    7.6,
    mistakes={
        "That is the mean loss, the dot. The question asks for the far end of the bar.": 4.2,
        "That is the near end of the bar: the smallest loss that the interval allows.": 0.9,
        "The bar ends on the left of zero, and the question asks for a loss: give it without the "
        "minus sign.": -7.6,
        "That is the left panel, which shows source texts.": 2.8,
    },
    probes=[Probe("the largest loss", tolerance=0.7)],
    hints=("The line at zero is the frozen encoder.", "Read the left end of the bar at 3e-4."),
)

# -- q4: a training script to repair --------------------------------------------------------------


def train(model, batches, lr):
    """Train a classifier on batches from a collator and return it, ready to answer."""
    optimizer = torch.optim.AdamW(model.parameters(), lr=lr)
    model.train()
    for batch in batches:
        inputs = {"input_ids": batch["input_ids"], "attention_mask": batch["attention_mask"]}
        loss = cross_entropy(model(**inputs).logits, batch["labels"])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return model.eval()


def _script(
    mask: bool = True,
    softmax: bool = False,
    zero: bool = True,
    begin: bool = True,
    end: bool = True,
) -> Any:
    """Return a training script with some of the listing's mistakes."""

    def wrong(model: Any, batches: Any, lr: float) -> Any:
        optimizer = torch.optim.AdamW(model.parameters(), lr=lr)
        model.train(begin)
        for batch in batches:
            kept = ("input_ids", "attention_mask") if mask else ("input_ids",)
            logits = model(**{name: batch[name] for name in kept}).logits
            loss = cross_entropy(logits.softmax(dim=1) if softmax else logits, batch["labels"])
            if zero:
                optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        return model.eval() if end else model

    return wrong


def _trained(answer: Any) -> Any:
    """Return the classifier of a tiny BERT after the learner's training."""
    from transformers import BertConfig, BertForSequenceClassification

    sizes = {"hidden_size": 16, "num_attention_heads": 2, "intermediate_size": 32}
    made = {"vocab_size": 40, "num_hidden_layers": 1, "num_labels": 3, **sizes}
    config = BertConfig.from_dict(made)
    rng = np.random.default_rng(0)
    batches = []
    for _ in range(4):
        lengths = torch.as_tensor(rng.integers(2, 9, size=(6, 1)))
        mask = (torch.arange(8)[None] < lengths).long()
        ids = torch.as_tensor(rng.integers(1, 40, size=(6, 8))) * mask
        labels = torch.as_tensor(rng.integers(0, 3, size=6))
        batches.append({"input_ids": ids, "attention_mask": mask, "labels": labels})
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        model = BertForSequenceClassification(config).eval()  # as from_pretrained returns it
        return on(model, batches, 1e-2)(answer)


def _weights(answer: Any) -> np.ndarray:
    return _trained(answer).bert.embeddings.word_embeddings.weight.detach().numpy()


def _answers_twice(answer: Any) -> bool:
    return bool(not _trained(answer).training)


q4 = Exercise(
    "q4",
    "Repair train(model, batches, lr): batches have input_ids, attention_mask and labels. It "
    "should train the model as a classifier and return it ready to answer. Five things are "
    "missing or wrong.",
    train,
    mistakes={
        "The mask is not passed on, so padding is read like words.": _script(mask=False),
        "cross_entropy takes logits and makes the softmax itself. You give it "
        "probabilities.": _script(softmax=True),
        "The gradients are never zeroed, so each step repeats all steps before it.": _script(
            zero=False
        ),
        "from_pretrained returns a model in eval mode: without model.train() there is no "
        "dropout in training.": _script(begin=False),
        "The model comes back in training mode, and dropout will disturb its answers. Return "
        "model.eval().": _script(end=False),
    },
    probes=[
        Probe("what the model learned", _weights, tolerance=1e-6),
        Probe("whether dropout is off at the end", _answers_twice),
    ],
    hints=(
        "Go through the table of the patient: mask, train and eval. Then look at the loss.",
        "The order of a step is: loss, zero_grad, backward, step.",
    ),
)

# -- q5: choose and defend ------------------------------------------------------------------------

q5 = choice(
    "q5",
    "There are 500 labeled reviews of an old shop and 30 of a new one. You need a classifier for "
    "the new shop, and nothing has been measured. What do you try first? One of 'frozen, both', "
    "'full, old', 'best rate', 'best on new'.",
    "frozen, both",
    {
        "full, old": "In this chapter no rate of full fine-tuning on the source brought what five "
        "target labels per class brought. Keep some of the 30 reviews to learn from.",
        "best rate": "The sweep could not tell the rates apart, and source texts cannot show what "
        "is lost on the new shop.",
        "best on new": "The best of twenty on 30 reviews is best by chance too: its accuracy there "
        "promises too much. Choose on some texts and report on others.",
    },
    hints=(
        "Which arm of this chapter gained most, and from what?",
        "Which of the four uses the 30 reviews for learning, and reports nothing that it chose by?",
    ),
    because="It is cheap, it learns from the new shop, and it has no rate to choose.",
)
