"""Translation as the alignment of two spaces: a rotation from a few pairs of words.

Three pairs of "languages", in all of which the right answer is known: a rotated copy with noise
(the positive control), two corpora that were read apart (each text in one of them only), and two
encoders that learned from different things.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from scipy.linalg import lstsq, orthogonal_procrustes
from sklearn.decomposition import PCA, TruncatedSVD
from sklearn.feature_extraction.text import TfidfVectorizer

from tlbook._base.checks import check_choice, check_positive
from tlbook.data.docstrings.corpus import corpus

PAIRS = ("rotated copy", "two corpora", "two encoders")
MAPS = ("rotation", "least squares", "shuffled rotation", "none")
DIMENSIONS = 50
FEWEST = 3
"""A word is taken if each corpus has so many texts with it."""
N_WORDS, N_TEST = 300, 100
NOISE = 0.7
"""Of the rotated copy, in standard deviations of a coordinate."""

Spaces = tuple[np.ndarray, np.ndarray]


@lru_cache(maxsize=2)
def spaces(pair: str, seed: int) -> Spaces:
    """Return the vectors of the same words in two spaces, each (words, 50), in random order.

    Raises
    ------
    ValueError
        If the pair is unknown.
    """
    check_choice(pair, "pair", PAIRS)
    rng = np.random.default_rng([seed, 0x7A25])
    halves = rng.permutation(np.arange(len(corpus()[0])) % 2)
    words = shared_words(halves)[:N_WORDS]
    order = rng.permutation(len(words))
    if pair == "two corpora":
        A, B = (latent(words, halves == half) for half in (0, 1))
    elif pair == "two encoders":
        A, B = sentence(words), latent(words, halves >= 0)
    else:
        A = sentence(words)
        turn, _ = np.linalg.qr(rng.normal(size=(DIMENSIONS, DIMENSIONS)))
        B = A @ turn + NOISE * A.std() * rng.normal(size=A.shape)
    return unit(A)[order], unit(B)[order]


def shared_words(halves: np.ndarray) -> list[str]:
    """Return words that both halves of the docstrings use, the most frequent first."""
    texts = corpus()[0]
    counts: list[dict[str, int]] = []
    for half in (0, 1):
        vectorizer = TfidfVectorizer(
            stop_words="english", token_pattern=r"[a-z]{3,}", min_df=FEWEST
        )
        rows = vectorizer.fit_transform(texts[halves == half])
        frequency = np.asarray((rows > 0).sum(axis=0)).ravel()
        counts.append(dict(zip(vectorizer.get_feature_names_out(), frequency, strict=True)))
    both = [word for word in counts[0] if word in counts[1]]
    return sorted(both, key=lambda word: (-counts[0][word] - counts[1][word], word))


def latent(words: list[str], rows: np.ndarray) -> np.ndarray:
    """Return word vectors by latent semantic analysis of some of the texts, (words, 50)."""
    texts = corpus()[0][rows]
    # All words of the texts shape the space, not only those that are asked for.
    vectorizer = TfidfVectorizer(token_pattern=r"[a-z]{3,}", min_df=2, sublinear_tf=True)
    matrix = vectorizer.fit_transform(texts)
    found = TruncatedSVD(DIMENSIONS, random_state=0).fit(matrix)
    place = vectorizer.vocabulary_
    vectors = found.components_.T * found.singular_values_
    return vectors[[place[word] for word in words]]


def sentence(words: list[str]) -> np.ndarray:
    """Return MiniLM's vectors of single words, reduced to 50 dimensions."""
    from tlbook.text import embed

    return PCA(DIMENSIONS, random_state=0).fit_transform(embed(words, device="cpu"))


def unit(A: np.ndarray) -> np.ndarray:
    """Return centered rows of length one."""
    A = A - A.mean(axis=0)
    return A / np.linalg.norm(A, axis=1, keepdims=True)


def learned_map(A: np.ndarray, B: np.ndarray, kind: str, seed: int = 0) -> np.ndarray:
    r"""Return the matrix that carries anchors A to anchors B.

    .. math:: \min_W \lVert A W - B \rVert_F \quad \text{with} \quad W^\top W = I
        \quad \Rightarrow \quad W = U V^\top, \quad U \Sigma V^\top = A^\top B

    for a rotation (Procrustes); least squares drops the condition.

    References
    ----------
    Schönemann, A generalized solution of the orthogonal Procrustes problem, Psychometrika 1966.
    Mikolov, Le and Sutskever, Exploiting similarities among languages for machine translation,
    2013.
    """
    check_choice(kind, "kind", MAPS)
    if kind == "none":
        return np.eye(A.shape[1])
    if kind == "least squares":
        return lstsq(A, B)[0]
    if kind == "shuffled rotation":
        B = np.random.default_rng(seed).permutation(B)
    return orthogonal_procrustes(A, B)[0]


def translation(pair: str, kind: str, anchors: int, seed: int) -> dict[str, Any]:
    """Return how often a test word's own partner is its nearest, and among the nearest ten."""
    A, B = spaces(pair, seed)
    check_positive(anchors, "anchors", integer=True)
    if anchors > len(A) - N_TEST:
        raise ValueError(f"anchors: got {anchors}, want at most {len(A) - N_TEST}")
    W = learned_map(A[N_TEST:][:anchors], B[N_TEST:][:anchors], kind, seed)
    similarity = (A[:N_TEST] @ W) @ B.T
    own = similarity[np.arange(N_TEST), np.arange(N_TEST)]
    rank = (similarity > own[:, None]).sum(axis=1)
    return {
        "first": float(np.mean(rank == 0)),
        "first_ten": float(np.mean(rank < 10)),
        "words": len(A),
    }
