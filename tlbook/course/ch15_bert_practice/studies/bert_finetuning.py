"""Frozen, LoRA and full fine-tuning of MiniLM, NumPy and SciPy → torch, on eight fresh seeds.

Each arm with the setting that ``bert_sweep`` chose by source validation. Then five labels per class
of the target are bought and each arm goes on with them: L_S + L_T, the domains weighing the same.
Seconds are those of one processor core, with the frozen features of the source texts in each arm
(all start from them), without validation and test.
"""

from __future__ import annotations

import time
from typing import Any

import numpy as np

from tlbook import data
from tlbook.course.ch15_bert_practice.corpus_features import corpus_features, seconds_per_text
from tlbook.course.ch15_bert_practice.methods import CHOICE, METHODS, refit_head, train_on
from tlbook.course.ch15_bert_practice.tables import ARMS, chosen
from tlbook.course.studies import Study
from tlbook.text.classifier import text_classifier
from tlbook.text.low_rank import changed, changes
from tlbook.text.recipes import MAX_TOKENS, Tuned, learning_share

SEEDS = tuple(range(8))
RANKS = (2, 8, 32)
BUDGET = 5
FIRST = 6  # steps whose mean loss is kept: a live run can repeat them in seconds


def trial(mode: str, value: float, seed: int) -> dict[str, Any]:
    """Return what an arm reaches on the task with this seed, without and with target labels."""
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
    if mode == "full":
        row |= agreements(tuned, task)
    few = task.label(BUDGET, seed=1000 * seed)
    if mode == "frozen":
        refit_head(tuned, task, few, value, Z)
    else:
        train_on(tuned, task, few, value, 1000 * seed)
    return row | {"few_accuracy": task.score(tuned)}


def agreements(tuned: Tuned, task: Any) -> dict[str, float]:
    """Return on how many target texts the changes cut to a rank give the whole network's answer.

    On the target's unlabeled part: no label is asked for.
    """
    start = text_classifier(len(task.classes), "full", max_tokens=MAX_TOKENS)
    answers = tuned(task.target.X)
    cut = {r: changed(start, changes(tuned.model, start, r)) for r in RANKS}
    return {
        f"agree_{r}": float((m.predict(task.target.X) == answers).mean()) for r, m in cut.items()
    }


def cases() -> list[dict[str, Any]]:
    """Return the arms of each seed, with what ``bert_sweep`` chose."""
    values = {mode: chosen(mode) for mode in ARMS}
    return [{"mode": m, "value": v, "seed": seed} for seed in SEEDS for m, v in values.items()]


study = Study(trial, cases)
