"""What may move, and how fast: learning rate × blocks that learn, and LoRA's rates (chapter 15).

On development seeds. The rate of each arm is chosen here, by source validation: no target label
is asked for.
"""

from __future__ import annotations

import time
from typing import Any

import pandas as pd

from tlbook.course.studies._parallel import map_jobs
from tlbook.text.recipes import HEAD_C

COMMAND = "tlbook results bert_sweep"

SEEDS = (100, 101)
STRENGTHS = (3e-3, 1e-2, 3e-2, 1e-1, 3e-1)
RATES = {"full": (3e-5, 1e-4, 3e-4), "lora": (3e-4, 1e-3, 3e-3)}
TOPS = (6, 4, 2, 1)


def arms() -> list[tuple[str, int, float]]:
    """Return (mode, blocks that learn, C of the head or learning rate) of every run."""
    frozen = [("frozen", 0, C) for C in STRENGTHS]
    lora = [("lora", 6, rate) for rate in RATES["lora"]]
    return frozen + lora + [("full", top, rate) for top in TOPS for rate in RATES["full"]]


def trial(mode: str, top: int, value: float, seed: int) -> dict[str, Any]:
    """Return one row: validation accuracy of one setting on one split of the source."""
    from tlbook import data
    from tlbook.course.ch15_bert_practice.corpus_features import corpus_features
    from tlbook.text.recipes import fine_tune

    task = data.load("docstrings", seed=seed)
    Z = corpus_features(task.source.X)
    setting = {"C": value} if mode == "frozen" else {"lr": value, "C": HEAD_C}
    start = time.process_time()
    tuned = fine_tune(
        task.source.X,
        task.source.y,
        len(task.classes),
        mode,
        top=top if mode == "full" else None,
        features=Z,
        seed=seed,
        device="cpu",
        **setting,  # type: ignore[arg-type]
    )
    seconds = time.process_time() - start
    held = task.validation
    return {
        "mode": mode,
        "top": top,
        "value": value,
        "seed": seed,
        "validation": float((tuned(held.X) == held.y).mean()),
        "seconds": round(seconds, 2),
    }


def run(jobs: int = 1) -> pd.DataFrame:
    """Return mode, top, value (C or rate), seed, validation accuracy, processor seconds."""
    work = [(*arm, seed) for arm in arms() for seed in SEEDS]
    return pd.DataFrame(map_jobs(trial, work, jobs))
