"""Spam and opinions on made texts, words against sentence embeddings (chapter 19).

Rows of "negated" ask the same classifiers of opinions about sentences in which every loaded word
stands under a negation.
"""

from __future__ import annotations

from typing import Any

from tlbook.course.ch19b_applications_language.messages import (
    METHODS,
    message_task,
    negated_accuracy,
)
from tlbook.course.studies import Study, grid
from tlbook.evaluation import measure


def trial(kind: str, seed: int) -> list[dict[str, Any]]:
    """Return the accuracy of every method on the other channel, and on negated opinions."""
    task = message_task(kind, seed)
    rows = []
    for name, method in METHODS.items():
        kept: list[Any] = []

        def keeping(task: Any, seed: int, method: Any = method, kept: list = kept) -> Any:
            kept.append(method(task, seed))
            return kept[-1]

        row = {"method": name, "asked": "other channel"} | measure(keeping, task, seed)
        rows.append(row)
        if kind == "opinion":
            rows.append(row | {"asked": "negated", "accuracy": negated_accuracy(kept[-1])})
    return rows


study = Study(trial, grid(kind=("spam", "opinion"), seed=tuple(range(8))))
