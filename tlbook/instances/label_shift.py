"""Label shift: the target's class mix from unlabeled rows, by EM and by black-box estimation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from tlbook._base.checks import check_array, check_labels, check_positive
from tlbook._base.named import named
from tlbook.instances._mixture import shares_gap

SINGULAR = 1e3
"""Above this condition number of the confusion matrix its inverse says more about noise."""


@dataclass(frozen=True)
class PriorEstimate:
    """The target's class mix.

    Attributes
    ----------
    prior : array of shape (k,)
        Estimated Q(y); it sums to 1.
    source : array of shape (k,)
        P(y).
    iterations : int
        Rounds of EM (0 for BBSE).
    condition : float
        Condition number of the confusion matrix of BBSE (NaN for EM); large: the answers hardly
        depend on the class and the mix cannot be told.
    """

    prior: np.ndarray
    source: np.ndarray
    iterations: int = 0
    condition: float = float("nan")

    @property
    def class_weights(self) -> np.ndarray:
        """Q(y) / P(y), the weight of a source row of each class, shape (k,)."""
        return self.prior / self.source


@named
def reweight_posteriors(posteriors: Any, source_prior: Any, target_prior: Any) -> np.ndarray:
    r"""Return the target's posteriors from the source's, under label shift.

    .. math:: Q(y \mid x) \propto P(y \mid x)\,\frac{Q(y)}{P(y)}

    Parameters
    ----------
    posteriors : array of shape (n, k)
        P(y|x); rows sum to 1.
    source_prior, target_prior : arrays of shape (k,)
        P(y), above 0, and Q(y).

    Returns
    -------
    array of shape (n, k), rows sum to 1

    Raises
    ------
    ValueError
        If shapes or values do not fit, or the new mix rules out every class of a row.

    References
    ----------
    Saerens, Latinne and Decaestecker, Adjusting the outputs of a classifier to new a priori
    probabilities, Neural Computation 2002.
    """
    P = _posteriors(posteriors, "posteriors")
    p = _prior(source_prior, P.shape[1], "source_prior", positive=True)
    q = _prior(target_prior, P.shape[1], "target_prior")
    tilted = P * (q / p)
    total = tilted.sum(axis=1, keepdims=True)
    if (total <= 0).any():
        raise ValueError("target_prior: rules out every class that a row could have")
    return tilted / total


@named
def em_prior(
    posteriors: Any, source_prior: Any, tol: float = 1e-6, max_iter: int = 10_000
) -> PriorEstimate:
    r"""Estimate the target's class mix by EM.

    Start with q = p; correct the posteriors of the target's rows for q, take their mean as the
    new q, repeat:

    .. math:: q_y \leftarrow \frac1m \sum_j Q_q(y \mid x_j), \qquad
        Q_q(y \mid x) \propto P(y \mid x)\,\frac{q_y}{p_y}

    Every round raises the likelihood of the unlabeled rows under the mixture
    :math:`\sum_y q_y P(x \mid y)`. It is concave, so there is one best value, and the distance to
    it is known: the loop stops when the mean log-likelihood is within ``tol`` of the maximum. The
    posteriors have to be *calibrated*; an overconfident classifier gives a wrong mix.

    Parameters
    ----------
    posteriors : array of shape (m, k)
        The source classifier's P(y|x) on unlabeled target rows.
    source_prior : array of shape (k,)
        P(y) of the sample the classifier was fitted to, above 0.

    Raises
    ------
    ValueError
        If shapes or values do not fit.

    References
    ----------
    Saerens, Latinne and Decaestecker, Adjusting the outputs of a classifier to new a priori
    probabilities, Neural Computation 2002.
    """
    P = _posteriors(posteriors, "posteriors")
    p = _prior(source_prior, P.shape[1], "source_prior", positive=True)
    check_positive(tol, "tol")
    check_positive(max_iter, "max_iter", integer=True)
    likelihood, q = P / p, p.copy()  # P(x|y) up to a factor per row
    rounds = 0
    while rounds < max_iter and shares_gap(likelihood, q) > tol:
        joint = likelihood * q
        q = (joint / joint.sum(axis=1, keepdims=True)).mean(axis=0)
        rounds += 1
    return PriorEstimate(q, p, iterations=rounds)


@named
def bbse_prior(y: Any, answers: Any, target_answers: Any, classes: Any = None) -> PriorEstimate:
    r"""Estimate the target's class mix from how often each answer is given (black-box shift).

    If P(x|y) stays, so does P(answer|y). With the joint confusion on *held-out* source rows,
    :math:`C_{ij} = P(\text{answer} = i, y = j)`, the frequencies of answers in the target are
    :math:`\mu = C w`, w = q / p: a linear system. Where its solution is not a class mix (noise can
    make a share negative), the mix with the smallest :math:`\|C w - \mu\|` is returned. The
    classifier may be uncalibrated and even bad, as long as its answers depend on the class.

    Parameters
    ----------
    y : array of shape (n,)
        True labels of held-out source rows.
    answers : array of shape (n,), or (n, k) of probabilities
        The classifier's answers on them, hard or soft.
    target_answers : array of shape (m,) or (m, k)
        The answers on the target's rows, of the same kind.
    classes : array of shape (k,), optional
        The labels in order; by default those that occur in ``y``.

    Raises
    ------
    ValueError
        If shapes or labels do not fit, or a class has no held-out row.

    References
    ----------
    Lipton, Wang and Smola, Detecting and correcting for label shift with black box predictors,
    ICML 2018.
    """
    y = check_labels(y, None, "y")
    known = np.unique(y) if classes is None else np.asarray(classes)
    missing = np.setdiff1d(known, y)
    if len(missing):
        raise ValueError(f"y: got no row of class {missing.tolist()}, want some of every class")
    truth = _one_hot(y, known, "y")
    given = _answers(answers, known, "answers")
    seen = _answers(target_answers, known, "target_answers")
    if len(given) != len(truth):
        raise ValueError(f"answers: got {len(given)}, want {len(truth)}, one per label")
    C, p, mu = given.T @ truth / len(truth), truth.mean(axis=0), seen.mean(axis=0)
    condition = float(np.linalg.cond(C / p))
    return PriorEstimate(_mix(C / p, mu, condition), p, condition=condition)


def _mix(confusion: np.ndarray, mu: np.ndarray, condition: float) -> np.ndarray:
    """Return the class mix q with the smallest ‖confusion q − mu‖, q ≥ 0 and sum 1."""
    from scipy.optimize import nnls

    if condition < SINGULAR:
        q = np.linalg.solve(confusion, mu)  # columns of the confusion sum to 1, so q does
        if (q >= 0).all():
            return q / q.sum()
    weight = 1e3  # of the row that says: the shares sum to 1
    rows = np.vstack([confusion, weight * np.ones(len(mu))])
    q, _ = nnls(rows, np.append(mu, weight))
    return q / q.sum()


def _posteriors(values: Any, name: str) -> np.ndarray:
    P = check_array(values, name, ndim=2).astype(np.float64)
    if P.shape[1] < 2:
        raise ValueError(f"{name}: got {P.shape[1]} column(s), want one per class, at least 2")
    if (P < 0).any() or not np.allclose(P.sum(axis=1), 1, atol=1e-4):
        raise ValueError(f"{name}: got rows that are not probabilities, want rows that sum to 1")
    return P / P.sum(axis=1, keepdims=True)


def _prior(values: Any, k: int, name: str, positive: bool = False) -> np.ndarray:
    p = check_array(values, name, ndim=1).astype(np.float64)
    if len(p) != k:
        raise ValueError(f"{name}: got {len(p)} shares, want {k}, one per class")
    if (p < 0).any() or not np.isclose(p.sum(), 1, atol=1e-4):
        raise ValueError(f"{name}: got {p.round(3).tolist()}, want shares that sum to 1")
    if positive and (p == 0).any():
        raise ValueError(f"{name}: got a share of 0, want every class to occur in the source")
    return p / p.sum()


def _one_hot(labels: np.ndarray, classes: np.ndarray, name: str) -> np.ndarray:
    unknown = np.setdiff1d(labels, classes)
    if len(unknown):
        raise ValueError(f"{name}: got labels {unknown.tolist()}, want some of {classes.tolist()}")
    return (labels[:, None] == classes).astype(np.float64)


def _answers(values: Any, classes: np.ndarray, name: str) -> np.ndarray:
    array = np.asarray(values)
    if array.ndim == 1:
        return _one_hot(check_labels(array, None, name), classes, name)
    soft = _posteriors(array, name)
    if soft.shape[1] != len(classes):
        raise ValueError(f"{name}: got {soft.shape[1]} columns, want {len(classes)}, one per class")
    return soft
