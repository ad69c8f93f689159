"""Chapter 14's winner taken apart: what each arm of ``words.py`` reaches on torch texts.

Settings are those that ``text_word_tuning`` chose; columns and seeds are those of
``text_transfer``, so that the arms of both tables are paired. ``answered_2`` is the share of torch
test texts that are answered "optimization".
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tlbook import data
from tlbook.course.ch14_text_practice.fresh import fresh_sentences
from tlbook.course.ch14_text_practice.word_settings import WORD_SETTINGS
from tlbook.course.ch14_text_practice.words import WORD_METHODS
from tlbook.course.studies import Study, grid

SEEDS = tuple(range(8))


def transfer(arm: str, seed: int) -> dict[str, Any]:
    """Return accuracy, balanced, source, fresh, recalls and shares of answers of one arm."""
    task = data.load("docstrings", seed=seed)
    predict = WORD_METHODS[arm](task, seed, **WORD_SETTINGS[arm])
    report = task.report(predict)
    texts, topics = fresh_sentences()
    row = {
        "accuracy": report.accuracy,
        "balanced": float(np.nanmean(report.recall)),
        "source": float(np.mean(predict(task.validation.X) == task.validation.y)),
        "fresh": float(np.mean(predict(texts) == topics)),
    }
    answered = report.confusion.sum(axis=0) / report.confusion.sum()
    row |= {f"recall_{c}": r for c, r in enumerate(report.recall)}
    return row | {f"answered_{c}": float(share) for c, share in enumerate(answered)}


study = Study(transfer, grid(arm=tuple(WORD_METHODS), seed=SEEDS))
