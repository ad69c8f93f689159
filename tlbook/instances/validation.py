"""Choosing settings for the target with source labels only: importance-weighted validation."""

from __future__ import annotations

from typing import Any

import numpy as np

from tlbook._base.checks import check_array, check_choice, check_labels, check_positive
from tlbook._base.named import named
from tlbook.instances.overlap import _weights


@named
def weighted_cv_error(
    model: Any,
    X: Any,
    y: Any,
    weights: Any,
    *,
    loss: str = "squared",
    fit_weights: Any = None,
    folds: int = 5,
    seed: int = 0,
) -> float:
    r"""Estimate the error of a model *in the target* from labeled source rows.

    .. math:: \hat R_T = \frac{\sum_i w_i \,\ell(f_{-k(i)}(x_i), y_i)}{\sum_i w_i}

    Cross-validation on the source, its losses weighted by the density ratio: under covariate
    shift with overlap this is the target's error, so it can choose a model or a bandwidth without
    a target label. Its variance is that of the weights.

    Parameters
    ----------
    model : scikit-learn estimator
    X, y : arrays of shape (n, ...) and (n,)
        Labeled source rows.
    weights : array of shape (n,)
        Importance weights of the losses.
    loss : {"squared", "zero-one"}
    fit_weights : array of shape (n,), optional
        Passed to ``model.fit`` as ``sample_weight``; None fits unweighted.
    folds : int
    seed : int

    Returns
    -------
    float
        Mean weighted loss.

    Raises
    ------
    ValueError
        If arrays or parameters do not fit.

    See Also
    --------
    tlbook.selection.dev_risk : for the losses of a network that is trained already.

    References
    ----------
    Sugiyama, Krauledat and Müller, Covariate shift adaptation by importance weighted cross
    validation, JMLR 2007.

    Examples
    --------
    >>> import numpy as np
    >>> from scipy.stats import norm
    >>> from sklearn.linear_model import LinearRegression
    >>> from tlbook import data
    >>> from tlbook.instances import weighted_cv_error
    >>> task = data.load("toy", kind="regression", n=1000)  # a cubic: no line is right everywhere
    >>> X, y, line = task.source.X, task.source.y, LinearRegression()
    >>> ratio = norm(0, 0.3).pdf(X[:, 0]) / norm(0.5, 0.5).pdf(X[:, 0])  # known here
    >>> [round(weighted_cv_error(line, X, y, w), 1) for w in (np.ones(len(y)), ratio)]
    [0.5, 0.3]
    >>> round(task.score(line.fit(X, y).predict) ** 2, 1)  # what the second one estimates
    0.3
    """
    from sklearn.base import clone
    from sklearn.model_selection import KFold

    X = check_array(X, "X", min_rows=2)
    y = check_labels(y, len(X))
    check_choice(loss, "loss", ("squared", "zero-one"))
    if check_positive(folds, "folds", integer=True) < 2:
        raise ValueError(f"folds: got {folds!r}, want at least 2")
    w = _weights(weights)
    fitting = None if fit_weights is None else _weights(fit_weights)
    for name, values in (("weights", w), ("fit_weights", fitting)):
        if values is not None and len(values) != len(X):
            raise ValueError(f"{name}: got {len(values)}, want {len(X)}, one per row")
    losses = np.empty(len(X))
    split = KFold(min(folds, len(X)), shuffle=True, random_state=seed)
    for kept, held in split.split(X):
        extra = {} if fitting is None else {"sample_weight": fitting[kept]}
        answer = clone(model).fit(X[kept], y[kept], **extra).predict(X[held])
        losses[held] = (answer - y[held]) ** 2 if loss == "squared" else answer != y[held]
    return float(losses @ w / w.sum())
