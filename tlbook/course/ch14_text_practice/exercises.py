"""Exercises of chapter 14: TF-IDF by hand, rows for self-training, what changes or does not."""

from __future__ import annotations

from typing import Any

import numpy as np

from tlbook.course.exercises.checkers import Probe, on
from tlbook.course.exercises.core import Exercise
from tlbook.course.exercises.quizzes import subsets

# -- q1: a TF-IDF row -----------------------------------------------------------------------------


def tfidf_row(counts, found_in, n):
    """Return the TF-IDF row of one text, of length one."""
    tf = np.where(counts > 0, 1 + np.log(np.maximum(counts, 1)), 0)
    row = tf * (1 + np.log((1 + n) / (1 + found_in)))
    return row / np.linalg.norm(row)


def _unit(row: np.ndarray) -> np.ndarray:
    return row / np.linalg.norm(row)


def _tf(counts: np.ndarray) -> np.ndarray:
    return np.where(counts > 0, 1 + np.log(np.maximum(counts, 1)), 0.0)


def _idf(found_in: np.ndarray, n: int) -> np.ndarray:
    return 1 + np.log((1 + n) / (1 + found_in))


LOG_OF_ZERO = (
    "A word that does not stand in the text gives NaN or infinity: the logarithm of 0. Its entry "
    "is 0."
)
A_TEXT = np.array([3, 1, 0, 2]), np.array([2, 9, 5, 20]), 20

q1 = Exercise(
    "q1",
    "Write tfidf_row(counts, found_in, n): the TF-IDF row of one text, of length one.",
    tfidf_row,
    mistakes={
        LOG_OF_ZERO: lambda counts, found, n: _unit((1 + np.log(counts)) * _idf(found, n)),
        "The counts go in as they are. A word that stands there three times does not say three "
        "times as much: use 1 + ln n for n > 0.": lambda counts, found, n: _unit(
            counts * _idf(found, n)
        ),
        "That is ln(N / N_w): a word that stands in every text gets weight 0. Ours is smoothed "
        "and never 0: 1 + ln((1 + N) / (1 + N_w)).": lambda counts, found, n: _unit(
            _tf(counts) * np.log(n / found)
        ),
        "The row is not of length one: long texts would weigh more.": lambda counts, found, n: (
            _tf(counts) * _idf(found, n)
        ),
        "The entries sum to one, but the length of the row is its Euclidean "
        "norm.": lambda counts, found, n: (
            tfidf_row(counts, found, n) / tfidf_row(counts, found, n).sum()
        ),
    },
    probes=[
        Probe("finite", lambda answer: bool(np.isfinite(on(*A_TEXT)(answer)).all())),
        Probe("the row", on(*A_TEXT)),
    ],
    hints=(
        "Three steps: damp the counts, weigh the words by how rare they are, bring the row to "
        "length one.",
        "1 + ln(count), but 0 where the count is 0; times 1 + ln((1 + n) / (1 + found_in)).",
        "np.where(counts > 0, 1 + np.log(np.maximum(counts, 1)), 0) avoids the logarithm of 0; "
        "divide by np.linalg.norm(row).",
    ),
)

# -- q2: which rows self-training takes ------------------------------------------------------------

CHANCES = np.array(
    [
        [0.98, 0.01, 0.01],
        [0.40, 0.35, 0.25],
        [0.90, 0.05, 0.05],
        [0.70, 0.20, 0.10],
        [0.30, 0.60, 0.10],
        [0.45, 0.50, 0.05],
        [0.20, 0.35, 0.45],
        [0.95, 0.03, 0.02],
    ]
)


def surest(P, share):
    """Return the numbers, ascending, of the surest rows of each predicted class."""
    best, sure = P.argmax(axis=1), P.max(axis=1)
    rows = []
    for c in np.unique(best):
        mine = np.flatnonzero(best == c)
        count = max(1, round(share * len(mine)))
        rows.append(mine[np.argsort(-sure[mine])[:count]])
    return np.sort(np.concatenate(rows))


def _least_sure(P: np.ndarray, share: float) -> np.ndarray:
    best, sure = P.argmax(axis=1), P.max(axis=1)
    rows = []
    for c in np.unique(best):
        mine = np.flatnonzero(best == c)
        rows.append(mine[np.argsort(sure[mine])[: max(1, round(share * len(mine)))]])
    return np.concatenate(rows)


def _is_mask(answer: Any) -> bool:
    return np.asarray(answer(CHANCES.copy(), 0.5)).dtype == bool


def _rows(share: float) -> Any:
    """Return a run that sorts the row numbers: their order is not asked for here."""

    def run(answer: Any) -> Any:
        given = np.asarray(answer(CHANCES.copy(), share))
        return np.sort(given) if given.ndim == 1 else given

    return run


q2 = Exercise(
    "q2",
    "Write surest(P, share): the rows that balanced self-training would take.",
    surest,
    mistakes={
        "That is a mask of True and False. Return row numbers: "
        "np.flatnonzero(mask).": lambda P, share: np.isin(np.arange(len(P)), surest(P, share)),
        "Those are the predicted classes of the rows. Return the row numbers.": lambda P, share: (
            P.argmax(axis=1)[surest(P, share)]
        ),
        "Those are the surest rows of all. Here class 0 is answered boldly and would take every "
        "place: go through the predicted classes one by one.": lambda P, share: np.argsort(
            -P.max(axis=1)
        )[: round(share * len(P))],
        "Those are the least sure rows of each class: sort by −sure.": _least_sure,
    },
    probes=[
        Probe("a mask", _is_mask),
        Probe("the row numbers", _rows(0.5)),
        Probe("the row numbers with share = 1", _rows(1.0)),
    ],
    hints=(
        "Predicted class: P.argmax(axis=1). How sure: P.max(axis=1). Then class by class.",
        "mine = np.flatnonzero(best == c) are the rows of one predicted class; take "
        "max(1, round(share * len(mine))) of them, the surest first.",
        "mine[np.argsort(-sure[mine])[:count]] for each class, then np.concatenate and np.sort.",
    ),
)

# -- q3: what changes ------------------------------------------------------------------------------

_REASONS = {
    "two halves of one corpus": {
        "domain": "rows dealt by chance come from one P(x).",
        "task": "the classes and what they mean are the same.",
    },
    "posts of 1993, posts of today": {
        "domain": "people write in other words about other things: P(x) has moved.",
        "task": "the groups, and what belongs into them, are the same.",
    },
    "news topics, film sentiment": {
        "domain": "reviews of films are not news.",
        "task": "other classes: like or dislike instead of topics.",
    },
    "the same posts, a new question": {
        "domain": "the texts are the same ones.",
        "task": "the labels are other ones: spam or not instead of the group.",
    },
}

q3 = subsets(
    "q3",
    "What changes between the two, the domain, the task, both, or nothing?",
    {
        "two halves of one corpus": set(),
        "posts of 1993, posts of today": {"domain"},
        "news topics, film sentiment": {"domain", "task"},
        "the same posts, a new question": {"task"},
    },
    _REASONS,
    hints=(
        "Domain: which texts come, P(x). Task: which classes, and what a text has to have to "
        "belong to one.",
        "Nothing at all is an answer too: set(). It is the case of the published listing.",
    ),
)
