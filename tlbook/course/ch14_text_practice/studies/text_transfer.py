"""Chapter 14's table: what each arm reaches on torch texts, and on sentences nobody has read.

Every arm has the settings that ``text_tuning`` chose. ``accuracy`` and ``balanced`` (mean recall of
the topics) are of the torch test part, ``source`` is the accuracy on the source's validation part,
``fresh`` on the sixty sentences of ``fresh.py``. Arms that adapt are adapted to torch,
whatever is asked of them afterwards: read the last two columns of the plain arms only.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tlbook import data
from tlbook.course.ch14_text_practice.fresh import fresh_sentences
from tlbook.course.ch14_text_practice.methods import METHODS
from tlbook.course.ch14_text_practice.settings import SETTINGS
from tlbook.course.studies import Study, grid

SEEDS = tuple(range(8))


def transfer(arm: str, seed: int) -> dict[str, Any]:
    """Return accuracy, balanced, source, fresh and recall_0 … recall_5 of one arm and seed."""
    task = data.load("docstrings", seed=seed)
    predict = METHODS[arm](task, seed, **SETTINGS[arm])
    report = task.report(predict)
    texts, topics = fresh_sentences()
    row = {
        "accuracy": report.accuracy,
        "balanced": float(np.nanmean(report.recall)),
        "source": float(np.mean(predict(task.validation.X) == task.validation.y)),
        "fresh": float(np.mean(predict(texts) == topics)),
    }
    return row | {f"recall_{c}": r for c, r in enumerate(report.recall)}


study = Study(transfer, grid(arm=tuple(METHODS), seed=SEEDS))
