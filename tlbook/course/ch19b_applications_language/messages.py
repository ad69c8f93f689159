"""Spam and opinions on made texts: what a method reads in one channel, asked in another.

``method(task, seed) -> predict`` from texts to labels; the task is made of ``made_texts``.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import MultinomialNB
from sklearn.pipeline import make_pipeline

from tlbook.course.ch19b_applications_language.made_texts import (
    CHANNELS,
    KINDS,
    NEGATED,
    made_texts,
)
from tlbook.domains import Task
from tlbook.evaluation.compare import Predict
from tlbook.text import ZeroShot, embed, tfidf

N = 160
"""Texts of each channel; of the second one half is the target's training part."""
DESCRIPTIONS = {
    "spam": ("an ordinary personal or business message", "an unwanted advertisement or a fraud"),
    "opinion": ("a dissatisfied customer complains", "a satisfied customer praises"),
}
"""One sentence for each class, written once, before any result with them was seen."""


def message_task(kind: str, seed: int) -> Task:
    """Return made texts of one channel → the other, N of each."""
    first, second = CHANNELS[kind]
    source = made_texts(kind, first, N, seed)
    X, y = made_texts(kind, second, N, seed)
    half = N // 2
    return Task.from_arrays(
        source=source,
        validation=(source[0][:10], source[1][:10]),  # not used: its sentences are the source's
        target_train=(X[:half], y[:half]),
        target_test=(X[half:], y[half:]),
        name=f"made {kind}, {first} to {second}",
        classes=KINDS[kind],
        seed=seed,
    )


def bag(model: Any, characters: bool = False) -> Any:
    """Return a classifier of words, or of pieces of two to four characters."""
    if characters:
        return make_pipeline(TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 4)), model)
    return make_pipeline(tfidf(min_df=1), model)


def logistic() -> LogisticRegression:
    """Return logistic regression; C = 10, since rows of length one are close together."""
    return LogisticRegression(C=10.0, max_iter=2000)


def vectors(texts: Any) -> np.ndarray:
    """Return sentence embeddings."""
    return embed(texts, device="cpu").astype(np.float64)


def words(
    task: Task, seed: int, *, model: Callable[[], Any] = logistic, characters: bool = False
) -> Predict:
    """Learn from the source's words."""
    return bag(model(), characters).fit(task.source.X, task.source.y).predict


def sentences(task: Task, seed: int, *, centered: bool = False) -> Predict:
    """Learn from the source's sentence embeddings; perhaps each channel less its own mean."""
    Z = vectors(task.source.X)
    origin, own = np.zeros((2, Z.shape[1]))
    if centered:
        origin, own = Z.mean(axis=0), vectors(task.target.X).mean(axis=0)
    model = logistic().fit(Z - origin, task.source.y)
    return lambda texts: model.predict(vectors(texts) - own)


def described(task: Task, seed: int) -> Predict:
    """Compare with one sentence for each class: no label at all."""
    kind = "spam" if "spam" in task.name else "opinion"
    return ZeroShot(dict(zip(KINDS[kind], DESCRIPTIONS[kind], strict=True)), device="cpu")


def few_words(task: Task, seed: int, *, k: int = 5) -> Predict:
    """Learn words from k labeled texts of each class of the target."""
    return bag(logistic()).fit(*task.label(k, seed)).predict


def few_sentences(task: Task, seed: int, *, k: int = 5) -> Predict:
    """Learn embeddings from k labeled texts of each class of the target."""
    X, y = task.label(k, seed)
    model = logistic().fit(vectors(X), y)
    return lambda texts: model.predict(vectors(texts))


METHODS: dict[str, Callable[..., Predict]] = {
    "words, naive Bayes": partial(words, model=MultinomialNB),
    "words, logistic": words,
    "characters": partial(words, characters=True),
    "MiniLM": sentences,
    "MiniLM, centered": partial(sentences, centered=True),
    "MiniLM, descriptions": described,
    "words, 5 target labels": few_words,
    "MiniLM, 5 target labels": few_sentences,
}


def negated_accuracy(predict: Predict) -> float:
    """Return the accuracy on the negated opinions."""
    texts = np.array([text for text, _ in NEGATED], dtype=object)
    return float(np.mean(predict(texts) == np.array([label for _, label in NEGATED])))
