"""Minimizing a weighted empirical error over all thresholds, exactly."""

from __future__ import annotations

from typing import Any

import numpy as np

from tlbook._base.checks import check_array, check_labels


def fit_threshold(x: Any, y: Any, weights: Any | None = None) -> tuple[float, int]:
    r"""Return threshold and side with the smallest weighted error on labeled rows.

    .. math:: \min_{t, s} \sum_i w_i \, [h_{t,s}(x_i) \ne y_i]

    Sorting makes it exact: between two neighboring rows the error does not change.

    Parameters
    ----------
    x : array of shape (n,)
    y : array of shape (n,) of 0 and 1
    weights : array of shape (n,), optional
        Not negative; 1 by default. α/n_T on target rows and (1−α)/n_S on source rows make it
        the α-weighted error.

    Returns
    -------
    threshold, side
        As in :meth:`Line.error`. The threshold lies half-way between two rows, or at ±inf. Of
        several equally good ones it is the one in the middle of them.

    Raises
    ------
    ValueError
        If shapes do not fit, labels are not 0 and 1, or a weight is negative.
    """
    x = check_array(x, "x", ndim=1).astype(float)
    y = check_labels(y, len(x))
    if not np.isin(y, (0, 1)).all():
        raise ValueError(f"y: got labels {np.unique(y)}, want 0 and 1")
    w = np.ones(len(x)) if weights is None else check_array(weights, "weights", ndim=1)
    if len(w) != len(x) or (w < 0).any():
        raise ValueError(f"weights: got {len(w)}, want {len(x)} that are not negative")
    order = np.argsort(x, kind="stable")
    x, y, w = x[order], y[order], w[order]
    step = np.where(y == 1, w, -w)  # a row that falls below the threshold: a 1 is now missed
    errors = np.concatenate([[0.0], np.cumsum(step)]) + w[y == 0].sum()
    # Rows at one place cannot be separated: only cuts between different places count.
    free = np.concatenate([[True], x[1:] > x[:-1], [True]])
    cuts = np.concatenate([[-np.inf], (x[1:] + x[:-1]) / 2, [np.inf]])[free]
    up, down = errors[free], w.sum() - errors[free]
    side, values = (1, up) if up.min() <= down.min() else (-1, down)
    ties = np.flatnonzero(values <= values.min() + 1e-12 * max(1.0, w.sum()))
    return float(cuts[ties[len(ties) // 2]]), side
