"""Conformal prediction: sets of answers with a coverage that is promised, plain and weighted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from tlbook._base.checks import check_array, check_choice, check_probability
from tlbook._base.named import named
from tlbook.selection._inputs import check_posteriors
from tlbook.trust._labels import class_codes


@named
def conformal_threshold(scores: Any, alpha: float = 0.1) -> float:
    r"""Return the threshold that a new score exceeds with probability at most α (split conformal).

    .. math:: \hat q = s_{(\lceil (n + 1)(1 - \alpha) \rceil)}, \qquad
        \hat q = \infty \ \text{where this is more than } n

    The order statistic is exact: for exchangeable rows a new score is at most q̂ with probability at
    least 1 − α, and less than 1 − α + 1/(n + 1) without ties. ``numpy.quantile(scores, 1 − α)``
    interpolates, forgets the new row itself, and covers too little.

    Parameters
    ----------
    scores : array of shape (n,)
        How odd each calibration row is with its true answer: ``|y − ŷ|``, or ``1 − p(y | x)``.
        Rows that the model has not seen in training.
    alpha : float in (0, 1)
        The share of misses allowed.

    Returns
    -------
    float
        ∞ where n is too small for this α: honest, every answer stays possible.

    Raises
    ------
    ValueError
        If there are no scores or α lies outside (0, 1).

    References
    ----------
    Papadopoulos, Proedrou, Vovk and Gammerman, Inductive confidence machines for regression, ECML
    2002. Lei et al., Distribution-free predictive inference for regression, JASA 2018.

    Examples
    --------
    >>> from tlbook.trust import conformal_threshold
    >>> conformal_threshold([1, 4, 2, 3, 9, 5, 6, 8, 7], alpha=0.2)  # the 8th of 9
    8.0
    >>> conformal_threshold([0.1, 0.4, 0.2], alpha=0.1)  # three rows cannot promise 90 %
    inf
    """
    s = np.sort(_scores(scores, "scores"))
    # 1e-9: (n + 1)(1 − α) is a whole number for round α, and floats put it a hair above.
    rank = int(np.ceil((len(s) + 1) * (1 - _level(alpha)) - 1e-9))
    return float(s[rank - 1]) if rank <= len(s) else float("inf")


@named
def weighted_thresholds(
    scores: Any, weights: Any, new_weights: Any, alpha: float = 0.1
) -> np.ndarray:
    r"""Return one threshold for each new row under covariate shift (weighted conformal).

    .. math:: \hat q(x) = \inf\left\{ q : \frac{\sum_i w_i [s_i \le q]}{\sum_i w_i + w(x)}
        \ge 1 - \alpha \right\}, \qquad w = \frac{p_T(x)}{p_S(x)}

    The new row's own weight stays in the denominator, as mass at ∞. Left out, as it often is, the
    sets are too small exactly where the shift is large. With equal weights the plain threshold
    comes out. The promise of 1 − α holds for the true weights, an unchanged P(Y | X), and on
    average over new rows; for estimated weights it is as good as they are.

    Parameters
    ----------
    scores : array of shape (n,)
        Scores of the source's calibration rows with their true answers.
    weights : array of shape (n,)
        Density ratios of these rows, not negative; any common factor cancels if it is also in
        ``new_weights``.
    new_weights : array of shape (m,)
        Density ratios of the new rows, on the same scale.
    alpha : float in (0, 1)

    Returns
    -------
    array of shape (m,)
        ∞ where the calibration rows have too little mass beside the row's own: the source has no
        rows like this one, and every answer stays possible.

    Raises
    ------
    ValueError
        If lengths differ, a weight is negative, all are 0, or α lies outside (0, 1).

    References
    ----------
    Tibshirani, Foygel Barber, Candès and Ramdas, Conformal prediction under covariate shift,
    NeurIPS 2019.

    Examples
    --------
    >>> from tlbook.trust import weighted_thresholds
    >>> scores = [1, 2, 3, 4, 5, 6, 7, 8, 9]
    >>> weighted_thresholds(scores, [1] * 9, [1, 2], alpha=0.1).tolist()  # like itself; rarer
    [9.0, inf]
    """
    s = _scores(scores, "scores")
    w = _weights(weights, "weights")
    new = _weights(new_weights, "new_weights")
    if len(w) != len(s):
        raise ValueError(f"weights: got {len(w)}, want {len(s)}, one per score")
    if w.sum() == 0:
        raise ValueError(
            "weights: got only zeros, want the calibration rows to count for something"
        )
    order = np.argsort(s)
    below = np.cumsum(w[order])
    wanted = (1 - _level(alpha)) * (below[-1] + new)
    # The same hair as above, relative to the mass: round weights hit the boundary exactly.
    index = np.searchsorted(below, wanted * (1 - 1e-12), side="left")
    return np.append(s[order], np.inf)[index]


@dataclass(frozen=True, eq=False)
class PredictionSets:
    """Sets of classes, one for each row.

    Attributes
    ----------
    sets : bool array of shape (m, k)
        Whether class c is in the set of row j.
    thresholds : array of shape (m,)
        ∞ where no promise could be kept with fewer than all classes.
    """

    sets: np.ndarray
    thresholds: np.ndarray

    @property
    def sizes(self) -> np.ndarray:
        """The number of classes in each set, shape (m,)."""
        return self.sets.sum(axis=1)

    @property
    def infinite(self) -> float:
        """The share of rows whose set is everything, for want of calibration rows like them."""
        return float(np.isinf(self.thresholds).mean())

    def coverage(self, y: Any) -> float:
        """Return the share of rows whose true class 0 … k − 1 is in the set."""
        labels = class_codes(y, *self.sets.shape)
        return float(self.sets[np.arange(len(labels)), labels].mean())


@named
def prediction_sets(
    posteriors: Any,
    y: Any,
    new_posteriors: Any,
    alpha: float = 0.1,
    weights: Any = None,
    new_weights: Any = None,
    score: str = "least ambiguous",
) -> PredictionSets:
    r"""Return sets of classes that hold the true one with probability at least 1 − α.

    .. math:: C(x) = \{ c : s(x, c) \le \hat q \}

    with one of two scores: ``"least ambiguous"``, s = 1 − p(c | x), which has the smallest sets on
    average and may leave some empty; or ``"adaptive"``, the mass of all classes that are at least
    as probable as c, whose sets grow on hard rows.

    Parameters
    ----------
    posteriors : array of shape (n, k)
        Class probabilities of labeled calibration rows that the model was not trained on.
    y : array of shape (n,)
        Their classes 0 … k − 1.
    new_posteriors : array of shape (m, k)
    alpha : float in (0, 1)
    weights, new_weights : arrays of shape (n,) and (m,), optional
        Density ratios target / source for a shift of the inputs (:func:`weighted_thresholds`). For
        a shift of the *classes*: P_T(y)/P_S(y), and for new rows the largest of these, which is on
        the safe side.
    score : {"least ambiguous", "adaptive"}

    Returns
    -------
    PredictionSets

    Raises
    ------
    ValueError
        If shapes, probabilities, weights or names do not fit, or only one of the weights came.

    References
    ----------
    Sadinle, Lei and Wasserman, Least ambiguous set-valued classifiers, JASA 2019. Romano, Sesia and
    Candès, Classification with valid and adaptive coverage, NeurIPS 2020 (here without their random
    tie-break, so it covers a little more).

    Examples
    --------
    >>> import numpy as np
    >>> from tlbook.trust import prediction_sets
    >>> rng = np.random.default_rng(0)
    >>> P = rng.dirichlet([1, 1, 1], size=2000)  # a calibrated model: labels are drawn from it
    >>> y = (P.cumsum(axis=1) < rng.random((2000, 1))).sum(axis=1)
    >>> found = prediction_sets(P[:1000], y[:1000], P[1000:], alpha=0.1)
    >>> print(round(found.coverage(y[1000:]), 1), round(found.sizes.mean(), 1))
    0.9 2.0
    """
    P = check_posteriors(posteriors, "posteriors")
    Q = check_posteriors(new_posteriors, "new_posteriors")
    if P.shape[1] != Q.shape[1]:
        raise ValueError(f"new_posteriors: got {Q.shape[1]} classes, want {P.shape[1]}")
    check_choice(score, "score", ("least ambiguous", "adaptive"))
    if (weights is None) != (new_weights is None):
        missing = "weights" if weights is None else "new_weights"
        raise ValueError(f"{missing}: got None, want them for both kinds of rows or for neither")
    labels = class_codes(y, *P.shape)
    oddness = _least_ambiguous if score == "least ambiguous" else _adaptive
    own = oddness(P)[np.arange(len(P)), labels]
    if weights is None:
        thresholds = np.full(len(Q), conformal_threshold(own, alpha))
    else:
        thresholds = weighted_thresholds(own, weights, new_weights, alpha)
        if len(thresholds) != len(Q):
            raise ValueError(f"new_weights: got {len(thresholds)}, want {len(Q)}, one per new row")
    return PredictionSets(oddness(Q) <= thresholds[:, None], thresholds)


def _least_ambiguous(P: np.ndarray) -> np.ndarray:
    return 1 - P


def _adaptive(P: np.ndarray) -> np.ndarray:
    order = np.argsort(-P, axis=1, kind="stable")
    mass = np.empty_like(P)
    np.put_along_axis(mass, order, np.cumsum(np.take_along_axis(P, order, 1), axis=1), 1)
    return mass


def _scores(values: Any, name: str) -> np.ndarray:
    return check_array(values, name, ndim=1).astype(np.float64)


def _weights(values: Any, name: str) -> np.ndarray:
    w = check_array(values, name, ndim=1).astype(np.float64)
    if (w < 0).any():
        raise ValueError(f"{name}: got negative ones, want density ratios of at least 0")
    return w


def _level(alpha: float) -> float:
    if not 0 < check_probability(alpha, "alpha") < 1:
        raise ValueError(f"alpha: got {alpha!r}, want a number between 0 and 1")
    return float(alpha)
