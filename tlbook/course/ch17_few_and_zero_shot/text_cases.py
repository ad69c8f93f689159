"""The texts of chapter 17: torch's docstrings, and a stand-in to choose settings on."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from tlbook import data
from tlbook.data.docstrings.corpus import corpus
from tlbook.domains import Task

BUDGETS = (1, 2, 4, 8)
"""Labels per topic. The smallest topic has 9 texts to buy from."""


def torch_topics(seed: int) -> Task:
    """Return the task: half of the torch texts may be labeled, the other half is the test."""
    return data.load("docstrings", seed=seed)


def stand_in(seed: int) -> Task:
    """Return the same question about NumPy and SciPy: what every setting was chosen on.

    The source plays the target, and its validation part plays the test. No torch text is in it.
    """
    task = data.load("docstrings", seed=seed)
    pool, held = task.source, task.validation
    return Task.from_arrays(
        source=(pool.X[:10], pool.y[:10]),  # type: ignore[index]  # not used
        validation=(held.X[:10], held.y[:10]),  # type: ignore[index]  # not used
        target_train=(pool.X, pool.y),
        target_test=(held.X, held.y),
        classes=task.classes,
        name="stand-in",
        seed=seed,
    )


@cache
def torch_texts() -> tuple[tuple[str, ...], np.ndarray]:
    """Return all torch texts and their topics, in the order of the corpus."""
    texts, topics, libraries, _ = corpus()
    rows = np.flatnonzero(libraries == "torch")
    return tuple(str(text) for text in texts[rows]), topics[rows]


def scored(task: Task) -> np.ndarray:
    """Return which of :func:`torch_texts` are in the task's test, as bool."""
    may_be_labeled = set(map(str, task.target.X))
    return np.array([text not in may_be_labeled for text in torch_texts()[0]])


def judged(task: Task, predict: Any) -> dict[str, Any]:
    """Return accuracy, balanced accuracy, and which torch texts were answered rightly.

    ``marks`` has one character for each text of :func:`torch_texts`: 1 right, 0 wrong, and a dot
    where the text was not in this test.
    """
    said: dict[str, int] = {}

    def listened(texts: Any) -> np.ndarray:
        answers = predict(texts)
        said.update(zip(map(str, texts), answers.tolist(), strict=True))
        return answers

    report = task.report(listened)
    texts, topics = torch_texts()
    marks = [
        str(int(said[text] == topic)) if text in said else "."
        for text, topic in zip(texts, topics.tolist(), strict=True)
    ]
    balanced = float(np.nanmean(report.recall))
    return {"accuracy": report.accuracy, "balanced": balanced, "marks": "".join(marks)}
