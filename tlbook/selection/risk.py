"""Errors on the labeled source validation part: plain, and weighted to stand for the target."""

from __future__ import annotations

from typing import Any

import numpy as np

from tlbook._checks import check_array, check_labels
from tlbook.instances.ratio import DensityRatio
from tlbook.selection._inputs import check_posteriors


def zero_one_losses(y: Any, posteriors: Any) -> np.ndarray:
    """Return 1 where the most probable class is not the label, else 0, shape (n,).

    Parameters
    ----------
    y : array of shape (n,)
        Labels 0 … k − 1.
    posteriors : array of shape (n, k)

    Raises
    ------
    ValueError
        If shapes do not fit, or a label is no column of the posteriors.
    """
    P = check_posteriors(posteriors, "posteriors")
    labels = check_labels(y, len(P), "y")
    unknown = np.setdiff1d(labels, np.arange(P.shape[1]))
    if len(unknown):
        raise ValueError(f"y: got labels {unknown.tolist()}, want 0 … {P.shape[1] - 1}")
    return (P.argmax(axis=1) != labels).astype(np.float64)


def source_risk(y: Any, posteriors: Any) -> float:
    r"""Return the error on held-out source rows.

    .. math:: \hat R_S = \frac1n \sum_i [\arg\max_c p_{ic} \ne y_i]

    It knows nothing of the target: any two models that both solve the source look alike.

    Parameters
    ----------
    y : array of shape (n,)
    posteriors : array of shape (n, k)

    Raises
    ------
    ValueError
        If shapes or labels do not fit.
    """
    return float(zero_one_losses(y, posteriors).mean())


def dev_risk(losses: Any, weights: Any) -> float:
    r"""Estimate the target's risk from weighted source losses with a control variate (DEV).

    .. math:: \hat R_T = \overline{w\ell} - \beta\,(\bar w - 1), \qquad
        \beta = \frac{\operatorname{Cov}(w\ell, w)}{\operatorname{Var}(w)}

    True weights have the mean 1; where the sample's mean is off by luck, the losses are off in
    step, and β says by how much. It is the line fitted to (w, wℓ), read at w = 1. Under covariate
    shift with overlap it is consistent; without overlap no weight can help.

    Parameters
    ----------
    losses : array of shape (n,)
        Losses of held-out source rows.
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

    References
    ----------
    You, Wang, Long and Jordan, Towards accurate model selection in deep unsupervised domain
    adaptation, ICML 2019.
    """
    loss = check_array(losses, "losses", ndim=1, min_rows=2).astype(np.float64)
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
