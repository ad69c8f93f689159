"""Chapter 14's table: what each arm reaches on torch texts, and on sentences nobody has read.

Every arm has the settings that ``text_tuning`` chose. ``accuracy`` and ``balanced`` (mean recall of
the topics) are of the torch test part, ``source`` is the accuracy on the source's validation part,
``fresh`` on the sixty sentences of ``text_fresh``. Arms that adapt are adapted to torch,
whatever is asked of them afterwards: read the last two columns of the plain arms only.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from tlbook import data
from tlbook.course.ch14_text_practice.fresh import fresh_sentences
from tlbook.course.ch14_text_practice.methods import GRID, fit_arm
from tlbook.course.studies._parallel import map_jobs

COMMAND = "tlbook results text_transfer"

SEEDS = tuple(range(8))


def transfer(arm: str, seed: int) -> dict[str, Any]:
    """Return the row of one arm and seed."""
    task = data.load("docstrings", seed=seed)
    assert task.source.y is not None and task.validation.y is not None
    predict = fit_arm(arm, task.source.X, task.source.y, task.target.X)
    report = task.report(predict)
    texts, topics = fresh_sentences()
    row = {
        "arm": arm,
        "seed": seed,
        "accuracy": report.accuracy,
        "balanced": float(np.nanmean(report.recall)),
        "source": float(np.mean(predict(task.validation.X) == task.validation.y)),
        "fresh": float(np.mean(predict(texts) == topics)),
    }
    return row | {f"recall_{c}": r for c, r in enumerate(report.recall)}


def run(jobs: int = 1, seeds: Sequence[int] = SEEDS) -> pd.DataFrame:
    """Return arm, seed, accuracy, balanced, source, fresh and recall_0 … recall_5."""
    return pd.DataFrame(map_jobs(transfer, [(arm, seed) for arm in GRID for seed in seeds], jobs))
