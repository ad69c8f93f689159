"""Proxy A-distance: how well a classifier tells the two samples apart."""

from typing import Any

import numpy as np

from tlbook._base.checks import check_positive
from tlbook._base.named import named
from tlbook.distances._inputs import to_numpy, two_arrays


@named
def proxy_a_distance(
    X: Any, Y: Any, classifier: Any = None, folds: int = 5, seed: int = 0
) -> float:
    r"""Proxy A-distance from the cross-fitted error of a domain classifier.

    .. math:: \hat d_A = 2 (1 - 2 \varepsilon)

    :math:`\varepsilon` is the mean of the error rates on the two samples, so that unequal sizes
    do not matter. Every row is judged by a classifier that was trained without it: trained and
    tested on the same rows, a flexible classifier would call any two samples different.

    The value is near 0 for samples that cannot be told apart and 2 for separable ones. It is
    *not* clipped: at P = Q the error is above one half about as often as below, and then the
    value is negative, like an unbiased estimate of anything that is truly zero. No gradient.

    Parameters
    ----------
    X, Y : array or tensor of shape (n, d) and (m, d), at least ``folds`` rows each
    classifier : scikit-learn classifier, optional
        Logistic regression on standardized features if left out. The answer depends on it: a
        linear classifier is blind to what it cannot separate.
    folds : int
        Number of parts for the cross-fitting, at least 2.
    seed : int
        Seed of the split.

    Returns
    -------
    float

    Raises
    ------
    ValueError
        If shapes, values or the number of rows do not fit.

    References
    ----------
    Ben-David et al., Analysis of representations for domain adaptation, NeurIPS 2006.

    Examples
    --------
    >>> import numpy as np
    >>> from tlbook.distances import proxy_a_distance
    >>> rng = np.random.default_rng(0)
    >>> X, Y = rng.normal(size=(200, 2)), rng.normal(size=(200, 2))
    >>> abs(proxy_a_distance(X, Y)) < 0.3, proxy_a_distance(X, Y + 10)
    (True, 2.0)
    """
    from sklearn.base import clone
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import StratifiedKFold, cross_val_predict
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    if check_positive(folds, "folds", integer=True) < 2:
        raise ValueError(f"folds: got {folds!r}, want at least 2")
    X, Y = two_arrays(X, Y, min_rows=folds)
    if classifier is None:
        classifier = make_pipeline(
            StandardScaler(), LogisticRegression(max_iter=1000, class_weight="balanced")
        )
    elif not hasattr(classifier, "fit") or not hasattr(classifier, "predict"):
        raise ValueError(f"classifier: got {type(classifier).__name__}, want one with fit, predict")
    rows = np.concatenate([to_numpy(X), to_numpy(Y)])
    from_y = np.repeat([0, 1], [len(X), len(Y)])
    split = StratifiedKFold(folds, shuffle=True, random_state=seed)
    guessed = cross_val_predict(clone(classifier), rows, from_y, cv=split)
    error = (np.mean(guessed[: len(X)] == 1) + np.mean(guessed[len(X) :] == 0)) / 2
    return float(2 * (1 - 2 * error))
