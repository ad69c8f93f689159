"""Analogy in an embedding space: a is to b as c is to which?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tlbook._base.checks import check_array, check_choice, check_same_features
from tlbook._base.named import named

METHODS = ("offset", "3CosAdd", "3CosMul", "only b", "only c")


def _unit(V: np.ndarray) -> np.ndarray:
    length = np.linalg.norm(V, axis=-1, keepdims=True)
    return V / np.where(length > 0, length, 1.0)


def _scores(a: Any, b: Any, c: Any, V: np.ndarray, method: str) -> np.ndarray:
    if method == "offset":
        wanted = c + (b - a)
        return -np.linalg.norm(V - wanted, axis=1)
    a, b, c, V = (_unit(x) for x in (a, b, c, V))
    if method == "3CosAdd":
        return V @ (b - a + c)
    if method == "3CosMul":
        to_a, to_b, to_c = ((V @ x + 1) / 2 for x in (a, b, c))
        return to_b * to_c / (to_a + 1e-3)
    return V @ (b if method == "only b" else c)


@named
def analogy(
    a: Any,
    b: Any,
    c: Any,
    candidates: Any,
    *,
    method: str = "3CosAdd",
    exclude: Sequence[int] = (),
) -> int:
    r"""Return which candidate is to c as b is to a.

    =============  ==================================================================
    offset         :math:`\arg\min_v \lVert v - (c + b - a) \rVert`
    3CosAdd        :math:`\arg\max_v \cos(v, b) - \cos(v, a) + \cos(v, c)`
    3CosMul        :math:`\arg\max_v \cos'(v, b) \cos'(v, c) / (\cos'(v, a) + 10^{-3})`
    only c, b      the nearest to c or b by cosine: the controls without any offset
    =============  ==================================================================

    with :math:`\cos' = (\cos + 1) / 2`.

    Parameters
    ----------
    a, b, c : arrays of shape (d,)
        Embeddings.
    candidates : array of shape (n, d)
        Embeddings to choose from.
    method : str
        As above.
    exclude : sequence of int
        Candidates that may not be chosen. Usually a, b and c are excluded, which answers part of
        the question: then always report "only c" with the same exclusions beside it.

    Returns
    -------
    int
        Number of the candidate.

    Raises
    ------
    ValueError
        If shapes do not fit, the method is unknown, or nothing is left to choose from.

    References
    ----------
    Mikolov, Yih & Zweig (2013), Linguistic regularities in continuous space word representations.
    Levy & Goldberg (2014), Linguistic regularities in sparse and explicit word representations.
    Linzen (2016), Issues in evaluating semantic spaces using word analogies.
    """
    check_choice(method, "method", METHODS)
    V = check_array(candidates, "candidates", ndim=2).astype(float)
    points: dict[str, np.ndarray] = {}
    for name, x in (("a", a), ("b", b), ("c", c)):
        point = check_array(x, name, ndim=1).astype(float)
        check_same_features(V, point[None], ("candidates", name))
        points[name] = point
    scores = _scores(points["a"], points["b"], points["c"], V, method)
    out = [int(i) for i in exclude]
    if out and not 0 <= min(out) <= max(out) < len(V):
        raise ValueError(f"exclude: got {out}, want numbers from 0 to {len(V) - 1}")
    if len(set(out)) == len(V):
        raise ValueError("exclude: got all candidates, want one or more left")
    scores[out] = -np.inf
    return int(scores.argmax())


@dataclass(frozen=True)
class Analogies:
    """Accuracies of one method on one list of questions.

    Attributes
    ----------
    free : float
        Right answers when every candidate may be chosen.
    excluded : float
        Right answers when a, b and c may not be chosen (the usual practice).
    chance : float
        A guess among the candidates left by the exclusion.
    answers : array of shape (questions,)
        The answers without exclusion.
    """

    free: float
    excluded: float
    chance: float
    answers: np.ndarray


@named
def analogy_accuracy(embeddings: Any, questions: Any, *, method: str = "3CosAdd") -> Analogies:
    """Answer questions (a, b, c, d) and say how many are right, with and without exclusion.

    Parameters
    ----------
    embeddings : array of shape (n, d)
        All of them are candidates.
    questions : array of int of shape (questions, 4)
        Row numbers of a, b, c and of the right answer d.
    method : str
        As in :func:`analogy`.

    Raises
    ------
    ValueError
        If a row number is out of range or no question came.

    References
    ----------
    Rogers, Drozd & Li (2017), The (too many) problems of analogical reasoning with word vectors.
    """
    V = check_array(embeddings, "embeddings", ndim=2).astype(float)
    Q = check_array(questions, "questions", ndim=2)
    if Q.dtype.kind not in "iu" or Q.shape[1] != 4 or Q.min() < 0 or Q.max() >= len(V):
        raise ValueError(
            f"questions: got shape {Q.shape}, want rows (a, b, c, d) of numbers below {len(V)}"
        )
    free, kept = [], []
    for a, b, c, _ in Q:
        free.append(analogy(V[a], V[b], V[c], V, method=method))
        kept.append(analogy(V[a], V[b], V[c], V, method=method, exclude=(a, b, c)))
    right = Q[:, 3]
    left = len(V) - np.mean([len({a, b, c}) for a, b, c, _ in Q.tolist()])
    return Analogies(
        free=float(np.mean(free == right)),
        excluded=float(np.mean(kept == right)),
        chance=float(1 / left),
        answers=np.asarray(free),
    )
