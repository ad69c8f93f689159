"""The convex version: a linear classifier on cached features with soft targets."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.optimize import minimize
from scipy.special import log_softmax, softmax

from tlbook._base.checks import check_array, check_positive, check_same_features
from tlbook._base.named import named
from tlbook.relations.matrices import check_class_numbers, check_stochastic


class SoftProbe:
    """A linear classifier on features; call it with inputs to get class numbers.

    Attributes
    ----------
    weight, bias : arrays of shape (classes, d) and (classes,)
        ``logits = z @ weight.T + bias`` on the raw features.
    """

    @named
    def __init__(
        self, weight: np.ndarray, bias: np.ndarray, features: Callable[[Any], Any] | None = None
    ) -> None:
        self.weight, self.bias, self.features = weight, bias, features

    def logits(self, X: Any) -> np.ndarray:
        """Return logits of shape (n, classes)."""
        Z = np.asarray(X if self.features is None else self.features(X))
        return Z @ self.weight.T + self.bias

    def __call__(self, X: Any) -> np.ndarray:
        """Return the class of each row of ``X``."""
        return self.logits(X).argmax(axis=1)

    def probabilities(self, X: Any) -> np.ndarray:
        """Return probabilities of shape (n, classes)."""
        return softmax(self.logits(X), axis=1)


@named
def soft_probe(
    Z: Any,
    targets: Any,
    *,
    weights: Any = None,
    C: float = 1.0,
    scale: tuple[np.ndarray, np.ndarray] | None = None,
    features: Callable[[Any], Any] | None = None,
) -> SoftProbe:
    r"""Fit a linear classifier on features against soft targets; a convex problem.

    .. math:: \min_{W, b} \; -C \sum_i w_i \sum_c t_{ic} \log \mathrm{softmax}_c(W \tilde z_i + b)
              + \tfrac12 \lVert W \rVert^2

    With one-hot targets and weights 1 it is :func:`tlbook.finetuning.linear_probe`.

    Parameters
    ----------
    Z : array of shape (n, d)
        Features.
    targets : array of shape (n, classes)
        Rows sum to 1.
    weights : array of shape (n,), optional
        Weight of each row, by default 1.
    C : float
        Inverse strength of the L2 regularization.
    scale : (mean, sd), optional
        Features are standardized with these, :math:`\tilde z = (z - \text{mean}) / \text{sd}`; by
        default with those of ``Z``.
    features : function, optional
        From inputs to features, for the classifier that is returned.

    Returns
    -------
    SoftProbe

    Raises
    ------
    ValueError
        If shapes do not fit, rows are no distributions, or a weight is negative.
    """
    check_positive(C, "C")
    Z = check_array(Z, "Z", ndim=2).astype(float)
    T = check_stochastic(targets, "targets")
    if len(T) != len(Z) or T.shape[1] < 2:
        raise ValueError(f"targets: got shape {T.shape}, want ({len(Z)}, classes >= 2)")
    w = np.ones(len(Z)) if weights is None else check_array(weights, "weights", ndim=1)
    if w.shape != (len(Z),) or w.min() < 0 or not w.any():
        raise ValueError(f"weights: got shape {w.shape}, want ({len(Z)},), at least 0, not all 0")
    mean, sd = (Z.mean(axis=0), Z.std(axis=0)) if scale is None else scale
    sd = np.where(np.asarray(sd) > 0, sd, 1.0)
    kept = w > 0
    W, b = _minimize((Z[kept] - mean) / sd, T[kept], C * w[kept])
    W = W / sd
    return SoftProbe(W, b - W @ mean, features)


def _minimize(A: np.ndarray, T: np.ndarray, w: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    # The solution lies in the span of the rows (representer theorem): a few labels need few
    # coordinates, whatever the number of features.
    U, s, Vt = np.linalg.svd(A, full_matrices=False)
    rank = int((s > 1e-10 * s[0]).sum()) if s.size and s[0] > 0 else 0
    A, Vt = U[:, :rank] * s[:rank], Vt[:rank]
    k, w = T.shape[1], w[:, None]

    def value(flat: np.ndarray) -> tuple[float, np.ndarray]:
        W, b = flat[:-k].reshape(k, rank), flat[-k:]
        logp = log_softmax(A @ W.T + b, axis=1)
        slope = w * (np.exp(logp) - T)
        loss = -(w * T * logp).sum() + 0.5 * (W**2).sum()
        return loss, np.concatenate([(slope.T @ A + W).ravel(), slope.sum(axis=0)])

    start = np.zeros(k * rank + k)
    options = {"maxiter": 2000, "maxfun": 4000, "ftol": 1e-9, "gtol": 1e-4}
    found = minimize(value, start, jac=True, method="L-BFGS-B", options=options).x
    return found[:-k].reshape(k, rank) @ Vt, found[-k:] - found[-k:].mean()


@named
def related_examples(profiles: Any) -> tuple[np.ndarray, np.ndarray]:
    r"""Return soft targets (known, new) and weights (known,) with weights summing to new classes.

    Example s stands for the known class s; it counts :math:`\sum_c S_{cs}` times and its target
    is :math:`S_{cs} / \sum_d S_{ds}`, so that each new class gets one example's weight in all.
    """
    from tlbook.relations.targets import invert_profiles

    targets, weights = invert_profiles(profiles)
    return targets, weights * targets.shape[1] / len(targets)


@named
def relation_probe(
    Z: Any,
    y: Any,
    profiles: Any,
    prototypes: Any,
    *,
    strength: float = 1.0,
    C: float = 0.1,
    scale: tuple[np.ndarray, np.ndarray] | None = None,
    features: Callable[[Any], Any] | None = None,
) -> SoftProbe:
    r"""Fit a probe for new classes on a few labels and on what related classes look like.

    .. math:: \min_{W, b} \; C \Bigl[\sum_i \ell(W \tilde z_i + b, y_i) + \lambda \sum_{c, s}
              S_{cs} \, \ell(W \tilde m_s + b, c)\Bigr] + \tfrac12 \lVert W \rVert^2

    with cross-entropy :math:`\ell`, the mean features :math:`m_s` of known class s, and the
    profile :math:`S_c` of new class c over the known ones. Each new class has its own labels plus
    :math:`\lambda` borrowed ones, so the relation fades as labels come in.

    Parameters
    ----------
    Z : array of shape (n, d)
        Features of the labeled pictures; n = 0 gives the relation alone (zero-shot).
    y : array of shape (n,)
        Labels 0 … classes − 1.
    profiles : array of shape (classes, known classes)
        Rows sum to 1.
    prototypes : array of shape (known classes, d)
        Mean features of the known classes.
    strength : float
        :math:`\lambda`; 0 is the plain probe.
    C : float
        Inverse strength of the L2 regularization.
    scale : (mean, sd), optional
        Standardization of the features; by default mean and SD over the prototypes.
    features : function, optional
        From inputs to features, for the classifier that is returned.

    Returns
    -------
    SoftProbe

    Raises
    ------
    ValueError
        If shapes or labels do not fit, or there is neither a label nor a relation.

    References
    ----------
    Tzeng et al. (2015), Simultaneous deep transfer across domains and tasks (soft labels);
    Lampert, Nickisch & Harmeling (2009), Learning to detect unseen object classes by
    between-class attribute transfer (new classes described by known ones).

    Examples
    --------
    >>> import numpy as np
    >>> from tlbook.relations import stated_profiles, relation_probe
    >>> prototypes = np.array([[4.0, 0.0], [3.0, 1.0], [0.0, 4.0]])  # mean features of O, D, l
    >>> profiles = stated_profiles({"0": "OD", "1": "l"}, known="ODl")
    >>> zero_shot = relation_probe(np.empty((0, 2)), [], profiles, prototypes)
    >>> zero_shot([[3.5, 0.5], [0.5, 3.5]])
    array([0, 1])
    """
    S = check_stochastic(profiles, "profiles")
    M = check_array(prototypes, "prototypes", ndim=2).astype(float)
    if len(M) != S.shape[1]:
        raise ValueError(
            f"prototypes: got {len(M)}, want {S.shape[1]}, one per column of the profiles"
        )
    check_positive(strength, "strength", zero_ok=True)
    Z = check_array(Z, "Z", ndim=2, min_rows=0).astype(float)
    check_same_features(M, Z, ("prototypes", "Z"))
    if len(Z) == 0 and strength == 0:
        raise ValueError("strength: got 0 without a label, want a label or a relation")
    labels = np.zeros(0, dtype=int) if len(Z) == 0 else check_class_numbers(y, len(Z), len(S))
    targets, weights = related_examples(S)
    return soft_probe(
        np.concatenate([Z, M]),
        np.concatenate([np.eye(len(S))[labels], targets]),
        weights=np.concatenate([np.ones(len(Z)), strength * weights]),
        C=C,
        scale=(M.mean(axis=0), M.std(axis=0)) if scale is None else scale,
        features=features,
    )
