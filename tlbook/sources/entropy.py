"""LEEP and NLEEP: how well the source's own classes, or clusters, predict the target's classes."""

from __future__ import annotations

from typing import Any

import numpy as np

from tlbook._base.checks import check_labels, check_positive
from tlbook._base.named import named
from tlbook.selection._inputs import check_posteriors
from tlbook.sources._inputs import labeled_rows


@named
def leep(posteriors: Any, y: Any) -> float:
    r"""Return the log expected empirical prediction (LEEP) of a source classifier.

    The source's classes z serve as a code for the target's classes y, by one joint table:

    .. math:: \hat P(y, z) = \frac1n \sum_{i: y_i = y} p_i(z), \qquad
        \mathrm{LEEP} = \frac1n \sum_i \log \sum_z \hat P(y_i \mid z)\, p_i(z)

    At most 0 (every source class stands for one target class, without doubt). At least −H(Y), the
    entropy of the classes, which is −log k for k balanced ones and is what a source without a clue
    reaches. It sees the source's *answers*, not its features: a self-taught network has none, and a
    source of two classes cannot tell ten classes apart however good its features are.

    Parameters
    ----------
    posteriors : array of shape (n, source classes)
        The source network's own class probabilities on the labeled target rows.
    y : array of shape (n,)
        Target classes of these rows, at least two.

    Returns
    -------
    float
        Nats per row; larger is better.

    Raises
    ------
    ValueError
        If rows are no probabilities, shapes do not fit, or there is only one class.

    References
    ----------
    Nguyen, Hassner, Seeger and Archambeau, LEEP: a new measure to evaluate transferability of
    learned representations, ICML 2020.

    Examples
    --------
    >>> import numpy as np
    >>> from tlbook.sources import leep
    >>> sure = np.eye(4)[[0, 0, 1, 1, 2, 3]]  # source classes 0, 1, 2 or 3
    >>> round(leep(sure, ["a", "a", "b", "b", "b", "a"]), 3)  # each stands for one target class
    0.0
    >>> round(leep(np.full((4, 4), 0.25), ["a", "a", "b", "b"]), 3)  # no clue: −log 2
    -0.693
    """
    P = check_posteriors(posteriors, "posteriors", min_rows=2)
    codes = np.unique(check_labels(y, len(P), "y", min_classes=2), return_inverse=True)[1]
    joint = np.eye(codes.max() + 1)[codes].T @ P / len(P)
    mass = joint.sum(axis=0)
    conditional = joint / np.where(mass > 0, mass, 1.0)  # a source class never met has no say
    return float(np.log((conditional[codes] * P).sum(axis=1)).mean())


@named
def nleep(features: Any, y: Any, clusters: int | None = None, seed: int = 0) -> float:
    r"""Return LEEP with the clusters of the features in place of the source's classes (NLEEP).

    The features are projected on the principal components that keep 80 % of the variance, a mixture
    of Gaussians with diagonal covariances is fitted, and :func:`leep` is taken of its posteriors.

    Between −H(Y) and 0, as LEEP. It needs no source head. Where the
    clusters are nearly as many as the rows, every row has its own cluster and any features come
    close to 0: five clusters a class, as published, want many rows a class.

    Parameters
    ----------
    features : array of shape (n, d)
    y : array of shape (n,)
        Target classes, at least two.
    clusters : int, optional
        Number of Gaussians. Five for each class if left out, but at most one for five rows.
    seed : int
        Of the start of the mixture.

    Returns
    -------
    float
        Nats per row; larger is better.

    Raises
    ------
    ValueError
        If shapes do not fit, there is only one class, or clusters are more than rows.

    References
    ----------
    Li, Jia, Sang et al., Ranking neural checkpoints, CVPR 2021.

    Examples
    --------
    >>> import numpy as np
    >>> from tlbook.sources import nleep
    >>> rng = np.random.default_rng(0)
    >>> y = np.arange(90) % 3
    >>> good = 5 * np.eye(3)[y] + rng.normal(size=(90, 3))
    >>> bad = rng.normal(size=(90, 3))
    >>> nleep(good, y) > nleep(bad, y)
    True
    """
    from sklearn.decomposition import PCA
    from sklearn.mixture import GaussianMixture

    F, codes = labeled_rows(features, y)
    if clusters is None:
        clusters = max(2, min(5 * (int(codes.max()) + 1), len(F) // 5))
    if not 2 <= check_positive(clusters, "clusters", integer=True) <= len(F):
        raise ValueError(f"clusters: got {clusters}, want 2 … {len(F)}, the number of rows")
    if not (F.std(axis=0) > 0).any():
        raise ValueError("features: got equal rows, want rows that differ")
    Z = PCA(0.8, svd_solver="full").fit_transform(F)
    # In units of the largest direction: the mixture's floor on variances has a scale.
    Z = Z / Z.std(axis=0).max()
    mixture = GaussianMixture(clusters, covariance_type="diag", random_state=seed, reg_covar=1e-4)
    return leep(mixture.fit(Z).predict_proba(Z), codes)
