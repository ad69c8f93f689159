"""Exercises of chapter 14: TF-IDF by hand, rows for self-training, what changes or does not."""

from __future__ import annotations

from typing import Any

import numpy as np

from tlbook.course.exercises.checkers import array, subsets
from tlbook.course.exercises.core import Exercise, Wrong

# -- q1: a TF-IDF row -----------------------------------------------------------------------------

COUNTS = np.array([3, 1, 0, 2])
FOUND_IN = np.array([2, 9, 5, 20])
N_TEXTS = 20


def tfidf_row(counts: np.ndarray, found_in: np.ndarray, n: int) -> np.ndarray:
    """Return the row of length one that ``tlbook.text.tfidf`` makes of word counts."""
    tf = np.where(counts > 0, 1 + np.log(np.maximum(counts, 1)), 0.0)
    row = tf * (1 + np.log((1 + n) / (1 + found_in)))
    return row / np.linalg.norm(row)


def _unit(row: np.ndarray) -> np.ndarray:
    return row / np.linalg.norm(row)


def _tf(counts: np.ndarray) -> np.ndarray:
    return np.where(counts > 0, 1 + np.log(np.maximum(counts, 1)), 0.0)


def _idf(found_in: np.ndarray, n: int) -> np.ndarray:
    return 1 + np.log((1 + n) / (1 + found_in))


def _raw_counts(counts: np.ndarray, found_in: np.ndarray, n: int) -> np.ndarray:
    return _unit(counts * _idf(found_in, n))


def _bare_idf(counts: np.ndarray, found_in: np.ndarray, n: int) -> np.ndarray:
    return _unit(_tf(counts) * np.log(n / found_in))


def _no_length(counts: np.ndarray, found_in: np.ndarray, n: int) -> np.ndarray:
    return _tf(counts) * _idf(found_in, n)


def _sum_one(counts: np.ndarray, found_in: np.ndarray, n: int) -> np.ndarray:
    row = _tf(counts) * _idf(found_in, n)
    return row / row.sum()


def _log_of_zero(counts: np.ndarray, found_in: np.ndarray, n: int) -> np.ndarray:
    with np.errstate(all="ignore"):
        return _unit((1 + np.log(counts)) * _idf(found_in, n))


def _check_row(answer: Any) -> None:
    case = COUNTS, FOUND_IN, N_TEXTS
    with np.errstate(all="ignore"):
        row = np.asarray(answer(*case), dtype=float)
    if row.shape == COUNTS.shape and not np.isfinite(row).all():
        raise Wrong(
            "A word that does not stand in the text gives NaN or infinity: the logarithm of 0. "
            "Its entry is 0."
        )
    array(
        row,
        tfidf_row(*case),
        what="the row",
        mistakes={
            "The counts go in as they are. A word that stands there three times does not say "
            "three times as much: use 1 + ln n for n > 0.": _raw_counts(*case),
            "That is ln(N / N_w): a word that stands in every text gets weight 0. Ours is smoothed "
            "and never 0: 1 + ln((1 + N) / (1 + N_w)).": _bare_idf(*case),
            "The row is not of length one: long texts would weigh more.": _no_length(*case),
            "The entries sum to one, but the length of the row is its Euclidean norm.": _sum_one(
                *case
            ),
        },
    )


q1 = Exercise(
    name="q1",
    question="Write tfidf_row(counts, found_in, n): the TF-IDF row of one text, of length one.",
    check=_check_row,
    hints=(
        "Three steps: damp the counts, weigh the words by how rare they are, bring the row to "
        "length one.",
        "1 + ln(count), but 0 where the count is 0; times 1 + ln((1 + n) / (1 + found_in)).",
        "np.where(counts > 0, 1 + np.log(np.maximum(counts, 1)), 0) avoids the logarithm of 0; "
        "divide by np.linalg.norm(row).",
    ),
    solution="""
    def answer(counts, found_in, n):
        tf = np.where(counts > 0, 1 + np.log(np.maximum(counts, 1)), 0)
        row = tf * (1 + np.log((1 + n) / (1 + found_in)))
        return row / np.linalg.norm(row)
    """,
    reference=tfidf_row,
    wrong_answers={
        "raw counts": (_raw_counts, "go in as they are"),
        "bare idf": (_bare_idf, "a word that stands in every text"),
        "no length": (_no_length, "not of length one"),
        "sums to one": (_sum_one, "sum to one"),
        "log of zero": (_log_of_zero, "the logarithm of 0"),
    },
    given=lambda: {"np": np},
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
SHARE = 0.5


def surest(P: np.ndarray, share: float) -> np.ndarray:
    """Return the numbers, ascending, of the surest rows of each predicted class."""
    best, sure = P.argmax(axis=1), P.max(axis=1)
    rows = []
    for c in np.unique(best):
        mine = np.flatnonzero(best == c)
        count = max(1, round(share * len(mine)))
        rows.append(mine[np.argsort(-sure[mine], kind="stable")[:count]])
    return np.sort(np.concatenate(rows))


def _surest_of_all(P: np.ndarray, share: float) -> np.ndarray:
    return np.sort(np.argsort(-P.max(axis=1), kind="stable")[: round(share * len(P))])


def _least_sure(P: np.ndarray, share: float) -> np.ndarray:
    best, sure = P.argmax(axis=1), P.max(axis=1)
    rows = []
    for c in np.unique(best):
        mine = np.flatnonzero(best == c)
        count = max(1, round(share * len(mine)))
        rows.append(mine[np.argsort(sure[mine], kind="stable")[:count]])
    return np.sort(np.concatenate(rows))


def _labels_instead(P: np.ndarray, share: float) -> np.ndarray:
    return P.argmax(axis=1)[surest(P, share)]


def _mask(P: np.ndarray, share: float) -> np.ndarray:
    return np.isin(np.arange(len(P)), surest(P, share))


def _check_surest(answer: Any) -> None:
    given = np.asarray(answer(CHANCES, SHARE))
    if given.dtype == bool:
        raise Wrong("That is a mask of True and False. Return row numbers: np.flatnonzero(mask).")
    if given.ndim == 1:
        given = np.sort(given)
    if given.shape == _labels_instead(CHANCES, SHARE).shape and np.array_equal(
        given, np.sort(_labels_instead(CHANCES, SHARE))
    ):
        raise Wrong("Those are the predicted classes of the rows. Return the row numbers.")
    array(
        given,
        surest(CHANCES, SHARE),
        what="the row numbers",
        mistakes={
            "Those are the surest rows of all. Here class 0 is answered boldly and would take "
            "every place: go through the predicted classes one by one.": _surest_of_all(
                CHANCES, SHARE
            ),
            "Those are the least sure rows of each class: sort by −sure.": _least_sure(
                CHANCES, SHARE
            ),
        },
    )
    everything = np.sort(np.asarray(answer(CHANCES, 1.0)))
    array(everything, surest(CHANCES, 1.0), what="the row numbers with share = 1")


q2 = Exercise(
    name="q2",
    question="Write surest(P, share): the rows that balanced self-training would take.",
    check=_check_surest,
    hints=(
        "Predicted class: P.argmax(axis=1). How sure: P.max(axis=1). Then class by class.",
        "mine = np.flatnonzero(best == c) are the rows of one predicted class; take "
        "max(1, round(share * len(mine))) of them, the surest first.",
        "mine[np.argsort(-sure[mine])[:count]] for each class, then np.concatenate and np.sort.",
    ),
    solution="""
    def answer(P, share):
        best, sure = P.argmax(axis=1), P.max(axis=1)
        rows = []
        for c in np.unique(best):
            mine = np.flatnonzero(best == c)
            count = max(1, round(share * len(mine)))
            rows.append(mine[np.argsort(-sure[mine])[:count]])
        return np.sort(np.concatenate(rows))
    """,
    reference=surest,
    wrong_answers={
        "surest of all": (_surest_of_all, "surest rows of all"),
        "least sure": (_least_sure, "least sure"),
        "labels instead": (_labels_instead, "predicted classes of the rows"),
        "mask": (_mask, "np.flatnonzero(mask)"),
    },
    given=lambda: {"np": np},
)

# -- q3: what changes ------------------------------------------------------------------------------

_RIGHT: dict[str, set[str]] = {
    "two halves of one corpus": set(),
    "posts of 1993, posts of today": {"domain"},
    "news topics, film sentiment": {"domain", "task"},
    "the same posts, a new question": {"task"},
}

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


def _check_changes(answer: Any) -> None:
    subsets(answer, _RIGHT, _REASONS)


def _with(key: str, value: Any) -> dict[str, Any]:
    return {**_RIGHT, key: value}


q3 = Exercise(
    name="q3",
    question="What changes between the two, the domain, the task, both, or nothing?",
    check=_check_changes,
    hints=(
        "Domain: which texts come, P(x). Task: which classes, and what a text has to have to "
        "belong to one.",
        "Nothing at all is an answer too: set(). It is the case of the published listing.",
    ),
    solution="""
    answer = {
        "two halves of one corpus": set(),
        "posts of 1993, posts of today": {"domain"},
        "news topics, film sentiment": {"domain", "task"},
        "the same posts, a new question": {"task"},
    }
    """,
    reference=_RIGHT,
    wrong_answers={
        "halves are domains": (
            _with("two halves of one corpus", {"domain"}),
            "dealt by chance come from one P(x)",
        ),
        "test half is a task": (
            _with("two halves of one corpus", {"task"}),
            "the classes and what they mean are the same",
        ),
        "time changes nothing": (
            _with("posts of 1993, posts of today", set()),
            "other words about other things",
        ),
        "sentiment is the same task": (
            _with("news topics, film sentiment", {"domain"}),
            "like or dislike",
        ),
        "new question, new domain": (
            _with("the same posts, a new question", {"task", "domain"}),
            "the texts are the same ones",
        ),
        "not a dictionary": ({"domain"}, "dictionary of sets"),
    },
)
