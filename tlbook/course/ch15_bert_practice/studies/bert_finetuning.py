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
import pandas as pd

from tlbook.course.ch15_bert_practice.tables import ARMS, chosen
from tlbook.course.studies._parallel import map_jobs
from tlbook.text.recipes import BATCH, HEAD_C, Tuned

COMMAND = "tlbook results bert_finetuning"

SEEDS = tuple(range(8))
RANKS = (2, 8, 32)
BUDGET = 5
MORE_STEPS = 15
FIRST = 6  # steps whose mean loss is kept: a live run can repeat them in seconds


def trial(mode: str, seed: int) -> dict[str, Any]:
    """Return one row: an arm on the task with this seed, without and with target labels."""
    from tlbook import data
    from tlbook.course.ch15_bert_practice.corpus_features import corpus_features, seconds_per_text
    from tlbook.text.recipes import fine_tune, learning_share

    task = data.load("docstrings", seed=seed)
    X, y, value = task.source.X, task.source.y, chosen(mode)
    Z = corpus_features(X)
    setting = {"C": value} if mode == "frozen" else {"lr": value, "C": HEAD_C}
    start = time.process_time()
    tuned = fine_tune(
        X,
        y,
        len(task.classes),
        mode,
        features=Z,
        seed=1000 * seed,
        device="cpu",
        **setting,  # type: ignore[arg-type]
    )
    seconds = time.process_time() - start + len(X) * seconds_per_text()
    report = task.report(tuned)
    held = task.validation
    learning, share = learning_share(tuned.model)
    row = {
        "mode": mode,
        "value": value,
        "seed": seed,
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
    go_on(tuned, (X, y), few, mode, value, 1000 * seed, Z)
    return {**row, "few_accuracy": task.score(tuned)}


def agreements(tuned: Tuned, task: Any) -> dict[str, float]:
    """Return on how many target texts the changes cut to a rank give the whole network's answer.

    On the target's unlabeled part: no label is asked for.
    """
    from tlbook.text.classifier import text_classifier
    from tlbook.text.low_rank import changed, changes
    from tlbook.text.recipes import MAX_TOKENS

    start = text_classifier(len(task.classes), "full", max_tokens=MAX_TOKENS)
    answers = tuned(task.target.X)
    cut = {r: changed(start, changes(tuned.model, start, r)) for r in RANKS}
    return {
        f"agree_{r}": float((m.predict(task.target.X) == answers).mean()) for r, m in cut.items()
    }


def go_on(
    tuned: Tuned, source: Any, few: Any, mode: str, value: float, seed: int, Z: np.ndarray
) -> None:
    """Train on with a few labeled target texts, in place."""
    from torch.nn.functional import cross_entropy

    from tlbook.objective import Objective, TargetLoss
    from tlbook.text.classifier import probe_into_head
    from tlbook.training import fit

    model, (X, y) = tuned.model, source
    if mode == "frozen":
        n, k = len(X), len(few[0])
        weights = np.concatenate([np.ones(n), np.full(k, n / k)])
        both = np.concatenate([Z, model.embed(few[0])])
        probe_into_head(model, both, np.concatenate([y, few[1]]), value, weights)
        return
    fit(
        model,
        (model.tokens(X), y),
        Objective(cross_entropy, TargetLoss(1.0)),
        labeled=(model.tokens(few[0]), few[1]),
        steps=MORE_STEPS,
        batch_size=BATCH // 2,
        lr=value,
        schedule="one-cycle",
        seed=seed,
        progress=False,
        device="cpu",
    )


def run(jobs: int = 1) -> pd.DataFrame:
    """Return a row per mode and seed; see ``trial``."""
    work = [(mode, seed) for seed in SEEDS for mode in ARMS]
    return pd.DataFrame(map_jobs(trial, work, jobs))
