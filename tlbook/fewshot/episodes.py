"""Episodes: small tasks with classes that were never trained on, and how a learner does on them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tlbook._base.checks import check_labels, check_positive
from tlbook._base.named import named

Predict = Callable[[Any], np.ndarray]
Learner = Callable[[np.ndarray, np.ndarray], Predict]
"""From the support rows (n, ...) and their labels 0 … ways − 1 to a function that answers."""


@dataclass(frozen=True, eq=False)
class Episode:
    """Rows of one small task; labels 0 … ways − 1 stand for ``classes``.

    Attributes
    ----------
    support, query : int arrays of shape (ways · shots,) and (ways · queries,)
        Row numbers, no row in both.
    support_y, query_y : int arrays
        Labels 0 … ways − 1.
    classes : array of shape (ways,)
        What the labels stand for.
    """

    support: np.ndarray
    support_y: np.ndarray
    query: np.ndarray
    query_y: np.ndarray
    classes: np.ndarray


@named
def episodes(
    y: Any, ways: int = 5, shots: int = 1, queries: int = 15, n: int = 600, seed: int = 0
) -> list[Episode]:
    """Return n episodes drawn from the rows with labels y.

    In each, ``ways`` classes are drawn, then ``shots`` labeled rows and ``queries`` rows to be
    answered for each. One episode of five pictures says next to nothing: the spread between
    episodes is 10 points and more, so a result is the mean of hundreds with its interval.

    Parameters
    ----------
    y : array of shape (rows,)
        Classes that were *not* trained on.
    ways, shots, queries, n, seed : int

    Returns
    -------
    list of Episode

    Raises
    ------
    ValueError
        If there are fewer than ``ways`` classes with enough rows.

    References
    ----------
    Vinyals, Blundell, Lillicrap, Kavukcuoglu and Wierstra, Matching networks for one shot learning,
    NeurIPS 2016.

    Examples
    --------
    >>> import numpy as np
    >>> from tlbook.fewshot import episodes
    >>> first = episodes(np.repeat(list("abcdefgh"), 20), n=2)[0]
    >>> print(len(first.support), len(first.query), len(first.classes))
    5 75 5
    """
    for value, name in ((ways, "ways"), (shots, "shots"), (queries, "queries"), (n, "n")):
        check_positive(value, name, integer=True)
    labels = check_labels(y, None, "y")
    classes, counts = np.unique(labels, return_counts=True)
    enough = classes[counts >= shots + queries]
    if ways < 2 or len(enough) < ways:
        raise ValueError(
            f"ways: got {ways}, want 2 … {len(enough)}, the classes with {shots + queries} rows"
        )
    rows = {c: np.flatnonzero(labels == c) for c in enough.tolist()}
    rng = np.random.default_rng(seed)
    drawn = []
    for _ in range(n):
        chosen = rng.choice(enough, ways, replace=False)
        picks = [rng.choice(rows[c], shots + queries, replace=False) for c in chosen.tolist()]
        support = np.concatenate([pick[:shots] for pick in picks])
        query = np.concatenate([pick[shots:] for pick in picks])
        own = np.arange(ways)
        drawn.append(
            Episode(support, np.repeat(own, shots), query, np.repeat(own, queries), chosen)
        )
    return drawn


@named
def split_classes(y: Any, sizes: Sequence[int], seed: int = 0) -> list[np.ndarray]:
    """Return disjoint groups of classes: to train on, to choose by, to test on.

    Whoever splits *rows* and not classes tests memory, not learning from one example.

    Parameters
    ----------
    y : array of shape (rows,)
    sizes : sequence of int
        Classes in each group.
    seed : int

    Returns
    -------
    list of arrays of classes

    Raises
    ------
    ValueError
        If there are not so many classes.

    Examples
    --------
    >>> from tlbook.fewshot import split_classes
    >>> train, test = split_classes(list("abcdef"), [4, 2])
    >>> sorted([*train.tolist(), *test.tolist()])
    ['a', 'b', 'c', 'd', 'e', 'f']
    """
    for size in sizes:
        check_positive(size, "sizes", integer=True)
    classes = np.unique(check_labels(y, None, "y"))
    if sum(sizes) > len(classes):
        raise ValueError(f"sizes: got {list(sizes)}, want at most {len(classes)} classes in all")
    order = np.random.default_rng(seed).permutation(classes)
    return np.split(order, np.cumsum(sizes))[: len(sizes)]


@named
def episode_accuracies(learner: Learner, X: Any, drawn: Sequence[Episode]) -> np.ndarray:
    """Return the accuracy of a learner in each episode; take ``t_interval`` of them.

    Every learner gets the same episodes, so differences are paired. The query rows are handed over
    one episode at a time: a learner whose answer to a row depends on the other query rows (such as
    statistics of BatchNorm in training mode) sees more than one picture, and has to say so.

    Parameters
    ----------
    learner : function(support, labels) -> function(rows) -> labels
    X : array of shape (rows, ...)
        Inputs or features.
    drawn : sequence of Episode

    Returns
    -------
    array of shape (episodes,)

    Raises
    ------
    ValueError
        If there are no episodes.

    Examples
    --------
    >>> import numpy as np
    >>> from tlbook.evaluation import t_interval
    >>> from tlbook.fewshot import episode_accuracies, episodes, nearest_centroid
    >>> rng = np.random.default_rng(0)
    >>> y = np.repeat(np.arange(8), 20)
    >>> X = 3 * np.eye(8)[y] + rng.normal(size=(160, 8))
    >>> found = t_interval(episode_accuracies(nearest_centroid, X, episodes(y, n=100)))
    >>> 0.7 < found.low < found.high < 0.95
    True
    """
    if not drawn:
        raise ValueError("drawn: got no episodes, want at least one")
    rows = np.asarray(X)
    return np.array(
        [(learner(rows[e.support], e.support_y)(rows[e.query]) == e.query_y).mean() for e in drawn]
    )
