"""Errors on the labeled source validation part: plain, and weighted to stand for the target."""

from __future__ import annotations

from typing import Any

import numpy as np

from tlbook._base.checks import check_array, check_choice, check_labels
from tlbook._base.named import named
from tlbook.instances.ratio import DensityRatio
from tlbook.selection._inputs import check_posteriors

SMALLEST = 1e-7
"""Probabilities below count as this: single precision knows none between it and 0 beside 1."""


@named
def losses(y: Any, posteriors: Any, loss: str = "zero-one") -> np.ndarray:
    r"""Return the loss of each row, shape (n,).

    .. math:: [\arg\max_c p_{ic} \ne y_i] \quad\text{or}\quad -\log p_{i y_i} \text{ (nats)}

    Parameters
    ----------
    y : array of shape (n,)
        Labels 0 … k − 1.
    posteriors : array of shape (n, k)
    loss : {"zero-one", "log"}

    Raises
    ------
    ValueError
        If shapes do not fit, a label is no column of the posteriors, or the loss is unknown.
    """
    check_choice(loss, "loss", ("zero-one", "log"))
    P = check_posteriors(posteriors, "posteriors")
    labels = check_labels(y, len(P), "y")
    unknown = np.setdiff1d(labels, np.arange(P.shape[1]))
    if len(unknown):
        raise ValueError(f"y: got labels {unknown.tolist()}, want 0 … {P.shape[1] - 1}")
    if loss == "zero-one":
        return (P.argmax(axis=1) != labels).astype(np.float64)
    return -np.log(np.maximum(P[np.arange(len(P)), labels.astype(np.int64)], SMALLEST))


@named
def source_risk(y: Any, posteriors: Any, loss: str = "zero-one") -> float:
    r"""Return the mean loss on held-out source rows.

    .. math:: \hat R_S = \frac1n \sum_i \ell(p_i, y_i)

    It knows nothing of the target: any two models that both solve the source look alike. Where all
    of them do without a mistake, only the log loss can still tell them apart.

    Parameters
    ----------
    y : array of shape (n,)
    posteriors : array of shape (n, k)
    loss : {"zero-one", "log"}

    Raises
    ------
    ValueError
        If shapes or labels do not fit, or the loss is unknown.
    """
    return float(losses(y, posteriors, loss).mean())


@named
def dev_risk(loss: Any, weights: Any) -> float:
    r"""Estimate the target's risk from weighted source losses with a control variate (DEV).

    .. math:: \hat R_T = \overline{w\ell} - \beta\,(\bar w - 1), \qquad
        \beta = \frac{\operatorname{Cov}(w\ell, w)}{\operatorname{Var}(w)}

    True weights have the mean 1; where the sample's mean is off by luck, the losses are off in
    step, and β says by how much. It is the line fitted to (w, wℓ), read at w = 1. Under covariate
    shift with overlap it is consistent; without overlap no weight can help.

    Parameters
    ----------
    loss : array of shape (n,)
        Losses of held-out source rows (:func:`losses`; the authors take the log loss).
    weights : array of shape (n,)
        Their density ratios q(x) / p(x), not negative.

    Returns
    -------
    float
        The estimate; noise can push it below 0 or above the largest loss.

    Raises
    ------
    ValueError
        If shapes do not fit or a weight is negative.

    See Also
    --------
    tlbook.instances.weighted_cv_error : without the control variate, for a model that is refitted.

    References
    ----------
    You, Wang, Long and Jordan, Towards accurate model selection in deep unsupervised domain
    adaptation, ICML 2019.

    Examples
    --------
    >>> import numpy as np
    >>> from tlbook.selection import dev_risk
    >>> x = np.random.default_rng(0).normal(size=2000)  # source N(0, 1), target N(1, 1)
    >>> weights, loss = np.exp(x - 0.5), (x > 0).astype(float)  # this model fails where x > 0
    >>> print(round(loss.mean(), 1), round(dev_risk(loss, weights), 1))  # the target's risk is 0.84
    0.5 0.8
    """
    loss = check_array(loss, "loss", ndim=1, min_rows=2).astype(np.float64)
    w = check_array(weights, "weights", ndim=1, min_rows=2).astype(np.float64)
    if len(w) != len(loss):
        raise ValueError(f"weights: got {len(w)}, want {len(loss)}, one per loss")
    if (w < 0).any():
        raise ValueError("weights: got negative ones, want density ratios of at least 0")
    weighted, spread = w * loss, w - w.mean()
    variance = float(spread @ spread)
    # Equal weights carry no information on how the loss moves with them.
    beta = float(spread @ weighted) / variance if variance > 1e-24 * len(w) else 0.0
    return float(weighted.mean() - beta * (w.mean() - 1))


@named
def validation_weights(source: Any, target: Any, validation: Any, seed: int = 0) -> np.ndarray:
    """Return density ratios q/p of validation rows, from a classifier of the two domains.

    The classifier is a calibrated logistic regression on the rows given, usually features of the
    network under test, fitted to source and target rows; the validation rows are none of them.

    Parameters
    ----------
    source, target, validation : arrays of shape (n, d)
    seed : int
        Of the folds of the calibration.

    Returns
    -------
    array of shape (n_validation,), not negative

    Raises
    ------
    ValueError
        If arrays do not fit.
    """
    return DensityRatio(folds=2, seed=seed).fit(source, target).ratio(validation)
