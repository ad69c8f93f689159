"""Whether 80 % means 80 %: calibration error with its interval, and temperature scaling."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax

from tlbook._base.checks import check_array, check_positive
from tlbook._base.named import named
from tlbook.evaluation.statistics import Interval
from tlbook.selection._inputs import check_posteriors
from tlbook.trust._labels import class_codes


@dataclass(frozen=True, eq=False)
class Calibration:
    """A reliability diagram as numbers.

    Attributes
    ----------
    error : Interval
        The expected calibration error; its interval is a bootstrap over rows.
    by_chance : float
        The mean error of a perfectly calibrated model on so many rows and bins: never 0. Only what
        lies clearly above says anything.
    confidence, accuracy : arrays of shape (bins,)
        Means within each bin.
    """

    error: Interval
    by_chance: float
    confidence: np.ndarray
    accuracy: np.ndarray


@named
def calibration_error(
    posteriors: Any, y: Any, bins: int = 10, repeats: int = 500, seed: int = 0
) -> Calibration:
    r"""Return the expected calibration error of the largest probability, in bins of equal size.

    .. math:: \mathrm{ECE} = \sum_b \frac{n_b}{n} \left|
        \overline{[\hat y = y]}_b - \overline{\max_c p_c}_b \right|

    Absolute values of noisy differences are positive on average, so a perfect model scores above 0,
    the more so the more bins and the fewer rows there are: ``by_chance`` draws labels from the
    model's own probabilities and says by how much. Bins of equal size hold equally many rows, so
    none of them rests on two. A low error is no proof of a good model: always saying the class
    frequencies is calibrated.

    Parameters
    ----------
    posteriors : array of shape (n, k)
    y : array of shape (n,)
        True classes 0 … k − 1.
    bins : int
        At most n.
    repeats : int
        Of the bootstrap, and of the draws for ``by_chance``.
    seed : int

    Returns
    -------
    Calibration

    Raises
    ------
    ValueError
        If shapes, probabilities or numbers do not fit.

    References
    ----------
    Guo, Pleiss, Sun and Weinberger, On calibration of modern neural networks, ICML 2017. The bias:
    Nixon et al., Measuring calibration in deep learning, CVPR workshops 2019.

    Examples
    --------
    >>> import numpy as np
    >>> from tlbook.trust import calibration_error
    >>> P = np.random.default_rng(0).dirichlet([1, 1], size=2000)
    >>> y = (np.random.default_rng(1).random(2000) < P[:, 1]).astype(int)  # calibrated
    >>> found = calibration_error(P, y)
    >>> print(round(found.error.mean, 2), round(found.by_chance, 2))
    0.02 0.02
    """
    P = check_posteriors(posteriors, "posteriors")
    labels = class_codes(y, *P.shape)
    check_positive(repeats, "repeats", integer=True)
    if check_positive(bins, "bins", integer=True) > len(P):
        raise ValueError(f"bins: got {bins}, want at most {len(P)}, the number of rows")
    sure = P.max(axis=1)
    right = (P.argmax(axis=1) == labels).astype(np.float64)
    rng = np.random.default_rng(seed)
    order = np.argsort(sure, kind="stable")
    sure, right = sure[order], right[order]
    error, confidence, accuracy = _binned(sure, right, bins)
    again = [np.sort(rng.integers(0, len(sure), len(sure))) for _ in range(repeats)]
    bootstrap = [_binned(sure[rows], right[rows], bins)[0] for rows in again]
    perfect = [_binned(sure, rng.random(len(sure)) < sure, bins)[0] for _ in range(repeats)]
    low, high = np.quantile(bootstrap, [0.025, 0.975])
    interval = Interval(error, float(low), float(high))
    return Calibration(interval, float(np.mean(perfect)), confidence, accuracy)


def _binned(sure: np.ndarray, right: np.ndarray, bins: int) -> tuple[float, np.ndarray, np.ndarray]:
    """Return the error and the means of each bin, for rows in the order of their confidence."""
    edges = np.linspace(0, len(sure), bins + 1).astype(int)
    sizes = np.diff(edges)
    confidence = np.add.reduceat(sure, edges[:-1]) / sizes
    accuracy = np.add.reduceat(np.asarray(right, dtype=np.float64), edges[:-1]) / sizes
    return float((sizes * abs(confidence - accuracy)).sum() / len(sure)), confidence, accuracy


@named
def temperature(logits: Any, y: Any) -> float:
    r"""Return the temperature that calibrates the logits of held-back rows best.

    .. math:: T^* = \arg\min_T\; -\frac1n \sum_i \log \operatorname{softmax}(z_i / T)_{y_i}

    Above 1 for a model that is too sure. One number changes no answer, only how sure it is. It is
    learned where labels are; on another domain the model may be too sure by another factor, and the
    same T leaves it so.

    Parameters
    ----------
    logits : array of shape (n, k)
        The logarithm of probabilities will do as well: softmax removes a constant per row.
    y : array of shape (n,)
        True classes 0 … k − 1 of rows that the model was not trained on.

    Returns
    -------
    float
        Between 0.01 and 100: tiny where the rows are all right, huge where they are no better than
        chance.

    Raises
    ------
    ValueError
        If shapes or labels do not fit.

    References
    ----------
    Guo, Pleiss, Sun and Weinberger, On calibration of modern neural networks, ICML 2017.

    Examples
    --------
    >>> import numpy as np
    >>> from tlbook.trust import temperature
    >>> rng = np.random.default_rng(0)
    >>> z = rng.normal(size=(5000, 3))
    >>> y = (z + rng.gumbel(size=z.shape)).argmax(axis=1)  # labels of softmax(z)
    >>> round(temperature(4 * z, y))  # four times too sure
    4
    """
    Z = check_array(logits, "logits", ndim=2).astype(np.float64)
    if Z.shape[1] < 2:
        raise ValueError(f"logits: got {Z.shape[1]} column(s), want one per class, at least 2")
    labels = class_codes(y, *Z.shape)

    def loss(log_t: float) -> float:
        return -float(log_softmax(Z / np.exp(log_t), axis=1)[np.arange(len(Z)), labels].mean())

    bounds = (np.log(0.01), np.log(100.0))  # the loss is convex in 1/T: one minimum
    return float(np.exp(minimize_scalar(loss, bounds=bounds, method="bounded").x))
