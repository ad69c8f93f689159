"""How accurate is the model on the target? Three estimates without one target label."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from tlbook._base.checks import check_array, check_choice
from tlbook._base.named import named
from tlbook.selection._inputs import check_posteriors, entropies
from tlbook.selection.risk import losses

CLIP = 1e-3
"""Accuracies and agreements nearer to 0 or 1 count as this: the probit of 0 and 1 is infinite."""


@named
def thresholded_confidence(source: Any, y: Any, target: Any, confidence: str = "entropy") -> float:
    r"""Estimate the target accuracy by a threshold on the confidence, set on the source (ATC).

    .. math:: \text{choose } t:\ \frac1n \sum_i [s(p_i) > t] = \mathrm{acc}_S, \qquad
        \widehat{\mathrm{acc}}_T = \frac1m \sum_j [s(p_j) > t]

    On held-back source rows as many are called right as are right; on the target the same threshold
    is counted. It has no guarantee, not even for a calibrated model under covariate shift: rows
    below the threshold all count as wrong, though some are right, and a target with many of them is
    called worse than it is. A model that is sure and wrong on the target is called accurate.

    Parameters
    ----------
    source : array of shape (n, k)
        Class probabilities on labeled source rows that the model was *not* trained on.
    y : array of shape (n,)
        Their labels 0 … k − 1.
    target : array of shape (m, k)
        Class probabilities on unlabeled target rows.
    confidence : {"entropy", "largest"}
        s: minus the entropy, or the largest probability.

    Returns
    -------
    float in [0, 1]

    Raises
    ------
    ValueError
        If rows are no probabilities, shapes do not fit, or the confidence is unknown.

    References
    ----------
    Garg, Balakrishnan, Lipton, Neyshabur and Sedghi, Leveraging unlabeled data to predict
    out-of-distribution performance, ICLR 2022.

    Examples
    --------
    >>> from tlbook.selection import thresholded_confidence
    >>> source = [[0.9, 0.1], [0.8, 0.2], [0.7, 0.3], [0.45, 0.55]]  # three of four are right
    >>> thresholded_confidence(source, [0, 0, 0, 0], [[0.95, 0.05], [0.45, 0.55]])
    0.5
    """
    P, Q = _both(source, target)
    check_choice(confidence, "confidence", ("entropy", "largest"))
    right = 1 - losses(y, P)
    own, other = (-entropies(Z) if confidence == "entropy" else Z.max(axis=1) for Z in (P, Q))
    wrong = len(P) - int(right.sum())
    # The threshold is the largest confidence among as many of the least sure rows as are wrong.
    threshold = np.sort(own)[wrong - 1] if wrong else -np.inf
    return float((other > threshold).mean())


@named
def confidence_drop(source: Any, y: Any, target: Any) -> float:
    r"""Estimate the target accuracy by the drop of the mean confidence (DoC).

    .. math:: \widehat{\mathrm{acc}}_T = \mathrm{acc}_S
        - \left( \frac1n \sum_i \max_c p_{ic} - \frac1m \sum_j \max_c q_{jc} \right)

    Exact, up to sampling, for a model that is calibrated on both domains or over-confident on both
    by the same amount. Where the model is more over-confident on the target, as networks mostly
    are, the estimate is too high.

    Parameters
    ----------
    source : array of shape (n, k)
        Class probabilities on labeled source rows that the model was *not* trained on.
    y : array of shape (n,)
        Their labels 0 … k − 1.
    target : array of shape (m, k)
        Class probabilities on unlabeled target rows.

    Returns
    -------
    float
        Cut off at 0 and 1.

    Raises
    ------
    ValueError
        If rows are no probabilities or shapes do not fit.

    References
    ----------
    Guillory, Shankar, Ebrahimi, Darrell and Schmidt, Predicting with confidence on unseen
    distributions, ICCV 2021 (their simplest form, without a regression over shifts).

    Examples
    --------
    >>> from tlbook.selection import confidence_drop
    >>> source = [[0.9, 0.1], [0.8, 0.2], [0.7, 0.3], [0.4, 0.6]]  # mean confidence 0.75
    >>> round(confidence_drop(source, [0, 0, 0, 0], [[0.6, 0.4], [0.5, 0.5]]), 2)  # 0.55
    0.55
    """
    P, Q = _both(source, target)
    drop = P.max(axis=1).mean() - Q.max(axis=1).mean()
    return float(np.clip(1 - losses(y, P).mean() - drop, 0, 1))


@dataclass(frozen=True, eq=False)
class LineEstimate:
    """Target accuracies read off the line of the agreements, and what speaks for that line.

    Attributes
    ----------
    accuracies : array of shape (models,)
        Estimated accuracy of each model on the target.
    slope, intercept : float
        The line through the agreements of all pairs, on the probit scale.
    r_squared : float
        How well the line fits the agreements; far below 1 means: do not use the estimate.
    """

    accuracies: np.ndarray
    slope: float
    intercept: float
    r_squared: float


@named
def agreement_on_the_line(source: Any, y: Any, target: Any) -> LineEstimate:
    r"""Estimate the target accuracies of several models from how often they agree there.

    For many families of models the accuracies on source and target lie on one line on the probit
    scale, and then the agreements of pairs lie on the same line, which needs no label:

    .. math:: \Phi^{-1}(\mathrm{agree}_T) = a\, \Phi^{-1}(\mathrm{agree}_S) + b
        \quad\Rightarrow\quad
        \widehat{\mathrm{acc}}_T = \Phi\!\left(a\, \Phi^{-1}(\mathrm{acc}_S) + b\right)

    Where the agreements do not lie on a line, nothing is known of the accuracies. Where they do,
    the accuracies need not lie on the same one: models whose mistakes are independent on one domain
    and shared on the other fit a line well and are estimated wrong.

    Parameters
    ----------
    source : array of shape (models, n)
        Labels given to labeled source rows that no model was trained on; at least three models that
        differ in quality (stages of training, sizes, seeds).
    y : array of shape (n,)
        The true labels of these rows.
    target : array of shape (models, m)
        Labels given to unlabeled target rows.

    Returns
    -------
    LineEstimate

    Raises
    ------
    ValueError
        If shapes do not fit, there are fewer than three models, or all pairs agree equally often on
        the source.

    References
    ----------
    Baek, Jiang, Raghunathan and Kolter, Agreement-on-the-line: predicting the performance of neural
    networks under distribution shift, NeurIPS 2022 (their ALine-S).

    Examples
    --------
    >>> import numpy as np
    >>> from tlbook.selection import agreement_on_the_line
    >>> rng = np.random.default_rng(0)
    >>> y = rng.integers(0, 10, size=4000)
    >>> def answers(share):  # right on a share of the rows, a random class on the others
    ...     return np.where(rng.random(4000) < share, y, rng.integers(0, 10, size=4000))
    >>> shares = (0.3, 0.5, 0.7, 0.9)
    >>> same = agreement_on_the_line([answers(s) for s in shares], y, [answers(s) for s in shares])
    >>> same.accuracies.round(1)  # nothing has shifted
    array([0.4, 0.5, 0.7, 0.9])
    """
    from scipy.stats import norm

    S = check_array(source, "source", ndim=2, min_rows=3)
    T = check_array(target, "target", ndim=2, min_rows=3)
    if len(S) != len(T):
        raise ValueError(f"target: got {len(T)} models, want {len(S)} as in source")
    labels = check_array(y, "y", ndim=1)
    if len(labels) != S.shape[1]:
        raise ValueError(f"y: got {len(labels)} labels, want {S.shape[1]}, one per source row")

    def probit(share: Any) -> np.ndarray:
        return norm.ppf(np.clip(share, CLIP, 1 - CLIP))

    pairs = [(i, j) for j in range(len(S)) for i in range(j)]
    at_source, at_target = (probit([(A[i] == A[j]).mean() for i, j in pairs]) for A in (S, T))
    if np.ptp(at_source) < 1e-9:
        raise ValueError("source: got models that all agree equally often, want different models")
    slope, intercept = np.polyfit(at_source, at_target, 1)
    spread = np.sum((at_target - at_target.mean()) ** 2)
    left = np.sum((at_target - slope * at_source - intercept) ** 2)
    accuracies = norm.cdf(slope * probit((labels == S).mean(axis=1)) + intercept)
    fit = float(1 - left / spread) if spread > 0 else 1.0
    return LineEstimate(np.asarray(accuracies), float(slope), float(intercept), fit)


def _both(source: Any, target: Any) -> tuple[np.ndarray, np.ndarray]:
    P, Q = check_posteriors(source, "source"), check_posteriors(target, "target")
    if P.shape[1] != Q.shape[1]:
        raise ValueError(f"target: got {Q.shape[1]} classes, want {P.shape[1]} as in source")
    return P, Q
