"""What two lenses see of a sentence: the computing behind the topic lens."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from tlbook.domains import Task

SEED = 0
OWN = "what I type"
BUDGETS = (5, 20, "all")
SHOWN_TEXTS = 3
LENSES = ("TF-IDF", "embeddings")
PICKS = {
    "about a slope": "Finds where the slope of a cost vanishes by walking downhill.",
    "about zeros": "Keeps only what is not nought, together with its row and column.",
    "about a bell": "Gives the density of a bell curve with a given mean and spread.",
    "in German": "Gauss, Riemann und Bessel kannten diese Kurven.",
    "about no topic": "My sister bakes excellent bread on Sundays.",
}


@dataclass(frozen=True)
class Word:
    """A word of the sentence: its weight in the row (None: never seen), and where it points."""

    text: str
    weight: float | None
    topic: str = ""


@dataclass(frozen=True)
class Result:
    """What both lenses see; probabilities (6,) or None where there is nothing to see."""

    text: str
    topics: tuple[str, ...]
    chances: dict[str, np.ndarray | None]
    words: tuple[Word, ...]
    left_out: tuple[str, ...]
    nearest: dict[str, tuple[tuple[float, str, str], ...]]
    """For each lens: (cosine, topic, text), the nearest first."""
    n_source: int


@lru_cache(maxsize=1)
def _task() -> Task:
    from tlbook.data.docstrings import load_docstrings

    return load_docstrings(SEED)


@lru_cache(maxsize=len(BUDGETS))
def _trained(budget: int | str) -> dict[str, Any]:
    """Return the labeled texts, the vectorizer, both classifiers and both sets of rows."""
    from tlbook.course.ch14_text_practice.cases import some_of_each
    from tlbook.course.ch14_text_practice.methods import bayes, spread_logistic
    from tlbook.course.ch14_text_practice.settings import SETTINGS
    from tlbook.course.ch14_text_practice.word_settings import WORD_SETTINGS
    from tlbook.text import embed, tfidf

    source = _task().source
    everything = embed(source.X, device="cpu")  # kept in the cache folder
    number = {text: i for i, text in enumerate(source.X)}
    assert source.y is not None
    sample = (source.X, source.y)
    X, y = sample if budget == "all" else some_of_each(sample, int(budget), SEED)
    vectors = everything[[number[text] for text in X]]
    words = tfidf().fit(X)
    rows = words.transform(X)
    return {
        "X": X,
        "y": y,
        "words": words,
        "TF-IDF": (rows, bayes(**WORD_SETTINGS["NB (source words)"]).fit(rows, y)),
        "embeddings": (vectors, spread_logistic(**SETTINGS["MiniLM + LR"]).fit(vectors, y)),
    }


@lru_cache(maxsize=64)
def _vector(text: str) -> np.ndarray:
    from tlbook.text import embed

    return embed([text], device="cpu", keep=False)


@lru_cache(maxsize=256)
def compute(
    text: str = "", pick: str = OWN, budget: int | str = "all", neighbors: str = "both"
) -> Result:
    """Return topic probabilities, words and nearest source texts of a sentence.

    Parameters
    ----------
    text : str
        The sentence; may be empty.
    pick : str
        ``OWN``, or a key of ``PICKS`` that is looked at instead of ``text``.
    budget : int or "all"
        Labeled texts per topic to train on, one of ``BUDGETS``.
    neighbors : {"both", "TF-IDF", "embeddings"}
        Whose nearest texts are shown; of one lens twice as many.
    """
    sentence = text if pick == OWN else PICKS[pick]
    topics = _task().classes
    trained = _trained(budget)
    shown = LENSES if neighbors == "both" else (neighbors,)
    if not sentence.strip():
        nothing: dict[str, np.ndarray | None] = dict.fromkeys(LENSES)
        empty: dict[str, tuple[tuple[float, str, str], ...]] = dict.fromkeys(shown, ())
        return Result("", topics, nothing, (), (), empty, len(trained["X"]))
    row = trained["words"].transform([sentence])
    vector = _vector(sentence)
    lens = {"TF-IDF": row if row.nnz else None, "embeddings": vector}
    chances: dict[str, np.ndarray | None] = {
        name: None if Z is None else trained[name][1].predict_proba(Z)[0]
        for name, Z in lens.items()
    }
    words, left_out = _words(trained, sentence, row)
    count = SHOWN_TEXTS * (3 - len(shown))
    nearest = {name: _nearest(trained, name, lens[name], count, topics) for name in shown}
    return Result(sentence, topics, chances, words, left_out, nearest, len(trained["X"]))


def _words(
    trained: dict[str, Any], sentence: str, row: Any
) -> tuple[tuple[Word, ...], tuple[str, ...]]:
    """Return what TF-IDF makes of each word: known ones by weight, then the others."""
    vectorizer = trained["words"]
    analyzed = list(dict.fromkeys(vectorizer.build_analyzer()(sentence)))
    raw = vectorizer.build_tokenizer()(sentence.lower())
    vocabulary, model = vectorizer.vocabulary_, trained["TF-IDF"][1]
    known = sorted(
        (w for w in analyzed if w in vocabulary), key=lambda w: (-row[0, vocabulary[w]], w)
    )
    topics = _task().classes
    found = [
        Word(
            w,
            float(row[0, vocabulary[w]]),
            topics[model.classes_[model.feature_log_prob_[:, vocabulary[w]].argmax()]],
        )
        for w in known
    ]
    found += [Word(w, None) for w in analyzed if w not in vocabulary]
    return tuple(found), tuple(w for w in dict.fromkeys(raw) if w not in analyzed)


def _nearest(
    trained: dict[str, Any], name: str, Z: Any, count: int, topics: tuple[str, ...]
) -> tuple[tuple[float, str, str], ...]:
    if Z is None:
        return ()
    product = trained[name][0] @ Z.T  # rows have length one: the product is the cosine
    cosine = np.asarray(product.toarray() if hasattr(product, "toarray") else product).ravel()
    best = np.argsort(-cosine, kind="stable")[:count]
    return tuple(
        (float(cosine[i]), topics[trained["y"][i]], str(trained["X"][i]))
        for i in best
        if cosine[i] > 1e-9
    )
