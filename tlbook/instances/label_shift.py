"""Label shift: the target's class mix from unlabeled rows, by EM and by black-box estimation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.base import ClassifierMixin

from tlbook._checks import check_array, check_choice, check_labels, check_positive
from tlbook._estimators import PairEstimator
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


class LabelShift(ClassifierMixin, PairEstimator):
    r"""Source weights and a corrected classifier under label shift.

    The source's classifier answers the target's unlabeled rows; from these answers EM or BBSE
    estimates Q(y). A source row of class y gets the weight Q(y) / P(y), and posteriors are
    corrected for the new mix. What BBSE needs held out is cross-fitted.

    Parameters
    ----------
    classifier : scikit-learn classifier with ``predict_proba``, optional
        Logistic regression on standardized features if left out. For EM it has to be calibrated
        (``sklearn.calibration.CalibratedClassifierCV``).
    method : {"em", "bbse"}
    folds : int
        Parts for the cross-fitting; no more than the rarest class has rows.
    seed : int
        Seed of the folds.

    Attributes
    ----------
    weights_ : array of shape (n_s,), float64, mean 1
    classes_ : array of shape (k,)
    source_prior_, target_prior_, class_weights_ : arrays of shape (k,)
    estimate_ : PriorEstimate
    classifier_ : the classifier, fitted to the unweighted source

    Raises
    ------
    ValueError
        If arrays or parameters do not fit, or source labels are missing.
    """

    def __init__(
        self, classifier: Any = None, method: str = "bbse", folds: int = 5, seed: int = 0
    ) -> None:
        self.classifier = classifier
        self.method = method
        self.folds = folds
        self.seed = seed

    def fit(self, Xs: Any, Xt: Any, ys: Any = None) -> LabelShift:
        """Estimate the class mix of the target.

        Parameters
        ----------
        Xs, Xt : arrays of shape (n_s, d) and (n_t, d)
        ys : array of shape (n_s,)
            Source labels, at least two of every class; required.
        """
        from sklearn.base import clone
        from sklearn.model_selection import StratifiedKFold, cross_val_predict

        from tlbook.instances.ratio import _classifier

        check_choice(self.method, "method", ("em", "bbse"))
        if check_positive(self.folds, "folds", integer=True) < 2:
            raise ValueError(f"folds: got {self.folds!r}, want at least 2")
        Xs, Xt, ys = self._check_labeled_pair(Xs, Xt, ys)
        self.classes_, codes, counts = np.unique(ys, return_inverse=True, return_counts=True)
        if counts.min() < 2:
            rare = self.classes_[counts.argmin()]
            raise ValueError(f"ys: got 1 row of class {rare!r}, want at least 2 of every class")
        model = _classifier(self.classifier)
        self.classifier_ = clone(model).fit(Xs, ys)
        on_target = self.classifier_.predict_proba(Xt)
        if self.method == "em":
            self.estimate_ = em_prior(on_target, counts / len(ys))
        else:
            split = StratifiedKFold(
                min(self.folds, int(counts.min())), shuffle=True, random_state=self.seed
            )
            held_out = cross_val_predict(clone(model), Xs, ys, cv=split)
            self.estimate_ = bbse_prior(
                ys, held_out, self.classes_[on_target.argmax(axis=1)], self.classes_
            )
        self.source_prior_ = self.estimate_.source
        self.target_prior_ = self.estimate_.prior
        self.class_weights_ = self.estimate_.class_weights
        self.weights_ = self.class_weights_[codes]
        return self

    def predict_proba(self, X: Any) -> np.ndarray:
        """Return Q(y|x), shape (n, k)."""
        rows = self._check_rows(X)
        return reweight_posteriors(
            self.classifier_.predict_proba(rows), self.source_prior_, self.target_prior_
        )

    def predict(self, X: Any) -> np.ndarray:
        """Return the most probable class in the target for each row, shape (n,)."""
        answer = self.predict_proba(X).argmax(axis=1)
        return self.classes_[answer]


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
