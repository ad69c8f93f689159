"""Nearest centroid: the baseline that most of few-shot learning is measured against."""

from __future__ import annotations

from typing import Any

import numpy as np

from tlbook._base.checks import check_array, check_labels, check_positive, check_probability
from tlbook._base.named import named
from tlbook.fewshot.episodes import Predict


@named
def nearest_centroid(features: Any, y: Any, center: Any = None, unit: bool = False) -> Predict:
    r"""Return the classifier by the nearest class mean.

    .. math:: \hat y(x) = \arg\min_c \| \phi(x) - \mu_c \|_2, \qquad
        \mu_c = \frac{1}{n_c} \sum_{i: y_i = c} \phi(x_i)

    With ``center`` m and ``unit`` the features are (φ − m)/‖φ − m‖ first: a network's features lie
    in a narrow cone around their mean, and lengths say more of contrast than of class.

    Parameters
    ----------
    features : array of shape (n, d)
    y : array of shape (n,)
    center : array of shape (d,), optional
        Subtracted from all features: the mean over the *base* classes, never over the query rows.
    unit : bool
        Whether features (after centering) are scaled to length 1.

    Returns
    -------
    function
        From features (m, d) to labels (m,).

    Raises
    ------
    ValueError
        If shapes do not fit.

    References
    ----------
    Mensink, Verbeek, Perronnin and Csurka, Distance-based image classification: generalizing to new
    classes at near-zero cost, PAMI 2013. Wang, Chao, Weinberger and van der Maaten, SimpleShot:
    revisiting nearest-neighbor classification for few-shot learning, 2019 (center and unit length).

    Examples
    --------
    >>> from tlbook.fewshot import nearest_centroid
    >>> predict = nearest_centroid([[0.0, 0.0], [2.0, 0.0], [9.0, 9.0]], ["a", "a", "b"])
    >>> predict([[1.0, 1.0], [8.0, 8.0]]).tolist()
    ['a', 'b']
    """
    rows = check_array(features, "features", ndim=2).astype(np.float64)
    labels = check_labels(y, len(rows), "y")
    middle = 0.0 if center is None else check_array(center, "center", ndim=1)
    if center is not None and len(np.atleast_1d(middle)) != rows.shape[1]:
        raise ValueError(f"center: got {len(np.atleast_1d(middle))} values, want {rows.shape[1]}")

    def place(Z: np.ndarray) -> np.ndarray:
        Z = Z - middle
        return Z / np.maximum(np.linalg.norm(Z, axis=1, keepdims=True), 1e-12) if unit else Z

    classes = np.unique(labels)
    placed = place(rows)
    means = np.stack([placed[labels == c].mean(axis=0) for c in classes])

    def predict(new: Any) -> np.ndarray:
        Z = place(check_array(new, "new", ndim=2).astype(np.float64))
        if Z.shape[1] != means.shape[1]:
            raise ValueError(f"new: got {Z.shape[1]} features, want {means.shape[1]}")
        # −2 z·μ + ‖μ‖² orders the classes as the distance does: ‖z‖² is the same for all.
        return classes[((means**2).sum(axis=1) - 2 * Z @ means.T).argmin(axis=1)]

    return predict


@named
def tip_adapter(
    zero_shot: Any, new: Any, keys: Any, labels: Any, alpha: float = 1.0, beta: float = 5.5
) -> np.ndarray:
    r"""Return logits that add a cache of few labeled rows to zero-shot logits (Tip-Adapter).

    .. math:: \ell(x) = \ell_0(x) + \alpha \sum_i e^{-\beta (1 - \cos(x, k_i))}\, e_{y_i}

    Nothing is trained. α = 0 is the zero-shot classifier; for large α it is a vote of the labeled
    rows, each by its nearness, and β says how near is near.

    Parameters
    ----------
    zero_shot : array of shape (m, classes)
        Logits from descriptions, such as cosines over a temperature.
    new : array of shape (m, d)
        Embeddings of the rows to answer.
    keys : array of shape (n, d)
        Embeddings of the labeled rows.
    labels : array of shape (n,)
        Their classes 0 … classes − 1.
    alpha, beta : float
        Not negative. To be chosen on labeled rows that are not in the cache.

    Returns
    -------
    array of shape (m, classes)

    Raises
    ------
    ValueError
        If shapes, labels or numbers do not fit.

    References
    ----------
    Zhang et al., Tip-Adapter: Training-free Adaption of CLIP for Few-shot Classification,
    ECCV 2022.

    Examples
    --------
    >>> import numpy as np
    >>> from tlbook.fewshot import tip_adapter
    >>> zero_shot, new = np.array([[1.0, 0.0]]), np.array([[0.0, 1.0]])
    >>> keys, labels = np.array([[1.0, 0.0], [0.0, 1.0]]), [0, 1]
    >>> [int(tip_adapter(zero_shot, new, keys, labels, a).argmax()) for a in (0.0, 2.0)]
    [0, 1]
    """
    logits = check_array(zero_shot, "zero_shot", ndim=2).astype(np.float64)
    own = check_labels(labels, len(np.asarray(keys)), "labels")
    if len(np.setdiff1d(own, np.arange(logits.shape[1]))):
        raise ValueError(f"labels: got one that is no column, want 0 … {logits.shape[1] - 1}")
    for value, name in ((alpha, "alpha"), (beta, "beta")):
        check_positive(value, name, zero_ok=True)
    Q, K = _unit(new, "new"), _unit(keys, "keys")
    if Q.shape != (len(logits), K.shape[1]):
        raise ValueError(f"new: got shape {Q.shape}, want {(len(logits), K.shape[1])}")
    near = np.exp(-beta * (1 - Q @ K.T))
    return logits + alpha * near @ np.eye(logits.shape[1])[own.astype(np.int64)]


@named
def harmonic_mean(seen: float, unseen: float) -> float:
    r"""Return the harmonic mean of the accuracies on seen and on unseen classes.

    .. math:: H = \frac{2\, a_s\, a_u}{a_s + a_u}

    A classifier that has examples of some classes and only descriptions of others answers with the
    former nearly always. The plain mean forgives that; this one is 0 as soon as one of the two is.

    Parameters
    ----------
    seen, unseen : float in [0, 1]

    Returns
    -------
    float in [0, 1]

    Raises
    ------
    ValueError
        If one lies outside [0, 1].

    References
    ----------
    Xian, Lampert, Schiele and Akata, Zero-shot learning: a comprehensive evaluation of the good,
    the bad and the ugly, PAMI 2019.

    Examples
    --------
    >>> from tlbook.fewshot import harmonic_mean
    >>> round(harmonic_mean(0.9, 0.1), 2)
    0.18
    """
    s, u = check_probability(seen, "seen"), check_probability(unseen, "unseen")
    return 0.0 if s + u == 0 else 2 * s * u / (s + u)


def _unit(values: Any, name: str) -> np.ndarray:
    rows = check_array(values, name, ndim=2).astype(np.float64)
    norms = np.linalg.norm(rows, axis=1, keepdims=True)
    if not norms.all():
        raise ValueError(f"{name}: got a row of zeros, want vectors with a direction")
    return rows / norms
