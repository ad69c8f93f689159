"""Frozen, LoRA and full fine-tuning of MiniLM at every rate, NumPy and SciPy → torch, eight seeds.

All arms start from one head: the same strength of regularization, fitted on the same frozen
features. So what an arm differs by from the frozen encoder with ``HEAD_C`` is the doing of its
steps. The frozen encoder is also scored with its class frequencies divided out, and with five
labels per class of the target. Seconds are those of one processor core, with the frozen features of
the source texts in each arm, without validation and test.
"""

from __future__ import annotations

import time
from typing import Any

import numpy as np

from tlbook import data
from tlbook.course.ch15_bert_practice.corpus_features import corpus_features, seconds_per_text
from tlbook.course.ch15_bert_practice.methods import CHOICE, METHODS, refit_head
from tlbook.course.ch15_bert_practice.studies.bert_sweep import RATES
from tlbook.course.studies import Study
from tlbook.text.classifier import text_classifier
from tlbook.text.low_rank import changed, changes
from tlbook.text.recipes import HEAD_C, MAX_TOKENS, Tuned, learning_share

SEEDS = tuple(range(8))
RANKS = (0, 2, 8)
BUDGET = 5
FIRST = 6  # steps whose mean loss is kept: a live run can repeat them in seconds
SETTINGS = {"frozen": (HEAD_C, 3 * HEAD_C), **RATES}
COMPARED = 3e-4  # the rate at which the changes of full fine-tuning are cut to a rank


def trial(mode: str, value: float, seed: int) -> dict[str, Any]:
    """Return what an arm reaches on the task with this seed; ``value`` is C or the rate."""
    task = data.load("docstrings", seed=seed)
    Z = corpus_features(task.source.X)
    start = time.process_time()
    tuned = METHODS[mode](task, 1000 * seed, features=Z, **{CHOICE[mode]: value})
    seconds = time.process_time() - start + len(Z) * seconds_per_text()
    report, held = task.report(tuned), task.validation
    learning, share = learning_share(tuned.model)
    row = {
        "accuracy": report.accuracy,
        "balanced": float(np.nanmean(report.recall)),
        "validation": float((tuned(held.X) == held.y).mean()),
        "learning": learning,
        "share": share,
        "seconds": round(seconds, 2),
    }
    if tuned.history is not None:
        row["first_loss"] = float(tuned.history.columns["loss"][:FIRST].mean())
    if mode == "full" and value == COMPARED:
        row |= agreements(tuned, task)
    if mode == "frozen":
        row |= without_habits(tuned, task)
        few = task.label(BUDGET, seed=1000 * seed)
        refit_head(tuned, task, few, value, Z)
        row["few_accuracy"] = task.score(tuned)
    return row


def agreements(tuned: Tuned, task: Any) -> dict[str, float]:
    """Return on how many target texts the changes cut to a rank give the whole network's answer.

    At rank 0 no matrix of the encoder has changed; the head and all vectors have, as at every rank.
    On the target's unlabeled part: no label is asked for.
    """
    start = text_classifier(len(task.classes), "full", max_tokens=MAX_TOKENS)
    answers = tuned(task.target.X)
    row = {}
    for rank in RANKS:
        found = changes(tuned.model, start, max(rank, 1))
        if rank == 0:
            found = {n: v for n, v in found.items() if not n.endswith((".A", ".B"))}
        cut = changed(start, found)
        row[f"agree_{rank}"] = float((cut.predict(task.target.X) == answers).mean())
    return row


def without_habits(tuned: Tuned, task: Any) -> dict[str, float]:
    """Return accuracies after dividing each probability by the frequency of its class."""
    frequency = np.bincount(task.source.y) / len(task.source.y)
    report = task.report(lambda X: (tuned.model.probabilities(X) / frequency).argmax(axis=1))
    return {
        "corrected": report.accuracy,
        "corrected_balanced": float(np.nanmean(report.recall)),
    }


CASES = [
    {"mode": mode, "value": value, "seed": seed}
    for seed in SEEDS
    for mode, values in SETTINGS.items()
    for value in values
]
study = Study(trial, CASES)
