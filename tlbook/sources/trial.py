"""Scores by trial: a nearest neighbor and a probe, each tested on rows held back."""

from __future__ import annotations

from typing import Any

import numpy as np

from tlbook._base.checks import check_positive
from tlbook._base.named import named
from tlbook.sources._inputs import labeled_rows


@named
def probe_score(features: Any, y: Any, C: float = 1.0, folds: int = 5, seed: int = 0) -> float:
    r"""Return the accuracy of a linear probe in cross-validation.

    .. math:: \frac1n \sum_i [\hat y_{-f(i)}(F_i) = y_i]

    where the probe ŷ₋f, a logistic regression on features standardized by its own training rows,
    has not seen the fold f(i). It answers the question that the cheap scores approximate, and takes
    tens of milliseconds where they take a few.

    Between 0 and 1; 1/k is chance for k balanced classes. Its standard error is about
    √(p(1 − p)/n), which for a few labels is more than the difference between good sources.

    Parameters
    ----------
    features : array of shape (n, d)
    y : array of shape (n,)
        Target classes, each with at least ``folds`` rows.
    C : float
        Inverse strength of the ridge penalty, as in scikit-learn.
    folds : int
        At least 2.
    seed : int
        Of the split into folds.

    Returns
    -------
    float in [0, 1]

    Raises
    ------
    ValueError
        If shapes do not fit or a class has fewer rows than folds.

    Examples
    --------
    >>> import numpy as np
    >>> from tlbook.sources import probe_score
    >>> y = np.arange(60) % 3
    >>> features = 4 * np.eye(3)[y] + np.random.default_rng(0).normal(size=(60, 3))
    >>> probe_score(features, y) > 0.9
    True
    """
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    probe = LogisticRegression(C=check_positive(C, "C"), max_iter=1000)
    return _held_back(make_pipeline(StandardScaler(), probe), features, y, folds, seed)


@named
def nearest_neighbor_score(
    features: Any, y: Any, neighbors: int = 1, folds: int = 5, seed: int = 0
) -> float:
    r"""Return the accuracy of the nearest neighbors in cross-validation, by cosine similarity.

    The k nearest of the rows in the other folds vote. Nothing is fitted, so nothing can overfit. It
    is local: it says whether equal classes lie side by side, not whether a line parts them, and one
    column of large noise hides everything from it.

    Between 0 and 1; 1/k is chance for k balanced classes.

    Parameters
    ----------
    features : array of shape (n, d)
    y : array of shape (n,)
        Target classes, each with at least ``folds`` rows.
    neighbors : int
        How many vote.
    folds : int
        At least 2.
    seed : int
        Of the split into folds.

    Returns
    -------
    float in [0, 1]

    Raises
    ------
    ValueError
        If shapes do not fit or a class has fewer rows than folds.

    Examples
    --------
    >>> import numpy as np
    >>> from tlbook.sources import nearest_neighbor_score
    >>> y = np.arange(60) % 3
    >>> features = 4 * np.eye(3)[y] + np.random.default_rng(0).normal(size=(60, 3))
    >>> nearest_neighbor_score(features, y) > 0.8
    True
    """
    from sklearn.neighbors import KNeighborsClassifier

    check_positive(neighbors, "neighbors", integer=True)
    voters = KNeighborsClassifier(neighbors, metric="cosine", algorithm="brute")
    return _held_back(voters, features, y, folds, seed)


def _held_back(model: Any, features: Any, y: Any, folds: int, seed: int) -> float:
    from sklearn.model_selection import StratifiedKFold, cross_val_predict

    if check_positive(folds, "folds", integer=True) < 2:
        raise ValueError(f"folds: got {folds}, want at least 2")
    F, codes = labeled_rows(features, y, each=folds)
    split = StratifiedKFold(folds, shuffle=True, random_state=seed)
    return float(np.mean(cross_val_predict(model, F, codes, cv=split) == codes))
