"""LogME: how well a Bayesian linear head explains the labels, with its optimum found exactly."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.optimize import minimize_scalar

from tlbook._base.named import named
from tlbook.sources._inputs import labeled_rows

RANGE = (-20.0, 20.0)
"""Natural logarithm of the signal-to-noise ratio s, in units of 1 / (mean squared feature norm)."""


@named
def logme(features: Any, y: Any) -> float:
    r"""Return the logarithm of the maximum evidence of a linear head, per row (LogME).

    A head ``w ~ N(0, I/α)`` and noise of precision β make the labels of one class (one-hot, 0 or 1)
    a Gaussian vector over the rows. With s = β/α:

    .. math:: y_c \sim N\!\left(0,\ \tfrac1\beta (I_n + s F F^\top)\right), \qquad
        \mathrm{LogME} = \frac{1}{k} \sum_{c=1}^{k} \max_{\alpha, \beta}
        \frac1n \log p(y_c \mid F, \alpha, \beta)

    For each s the best β has a closed form, so one number is searched: on a grid, then by Brent's
    method. Written over the n rows, the formula is the same whether there are more rows or more
    columns. Written over the d columns it has terms that cancel, and the reference code leaves one
    of them out where n < d, so that columns of pure noise raise its score.

    It can be any real number, and is comparable among sources for the same rows and labels only.
    There is no intercept, as in the paper: shift the features and the score changes. It judges a
    linear head on frozen features; how far *fine-tuning* would move the features it cannot know.

    Parameters
    ----------
    features : array of shape (n, d)
        What the frozen network makes of the labeled target rows.
    y : array of shape (n,)
        Their classes, at least two.

    Returns
    -------
    float
        Natural logarithm (nats) per row, averaged over the classes; larger is better.

    Raises
    ------
    ValueError
        If shapes do not fit, values are not finite, or there is only one class.

    References
    ----------
    You, Liu, Wang and Long, LogME: practical assessment of pre-trained models for transfer
    learning, ICML 2021. The evidence: MacKay, Bayesian interpolation, Neural Computation 1992.

    Examples
    --------
    >>> import numpy as np
    >>> from tlbook.sources import logme
    >>> rng = np.random.default_rng(0)
    >>> y = np.arange(60) % 3
    >>> good = np.eye(3)[y] + 0.1 * rng.normal(size=(60, 3))
    >>> bad = rng.normal(size=(60, 3))
    >>> print(round(logme(good, y), 2), round(logme(bad, y), 2))
    0.77 -0.87
    >>> wide = np.hstack([bad, rng.normal(size=(60, 300))])  # columns of noise do not help
    >>> logme(wide, y) < logme(good, y)
    True
    """
    F, codes = labeled_rows(features, y)
    U, sizes, _ = np.linalg.svd(F, full_matrices=False)
    targets = np.eye(codes.max() + 1)[codes]
    return float(np.mean([_evidence(U, sizes**2, target) for target in targets.T]) / len(F))


def _evidence(U: np.ndarray, variances: np.ndarray, target: np.ndarray) -> float:
    """Return the maximum log evidence of one target vector, shape (n,)."""
    n, scale = len(target), variances.sum() / len(target)
    if scale == 0:  # features that are all zero explain nothing: noise alone
        return _at(0.0, np.zeros(0), variances[:0], float(target @ target), n)
    along = (U.T @ target) ** 2
    outside = max(float(target @ target - along.sum()), 1e-15 * float(target @ target))

    def loss(log_s: float) -> float:
        return -_at(np.exp(log_s) / scale, along, variances, outside, n)

    # The evidence may have two maxima (few strong directions, many weak ones): grid first.
    grid = np.linspace(*RANGE, 161)
    best = int(np.argmin([loss(point) for point in grid]))
    low, high = grid[max(best - 1, 0)], grid[min(best + 1, len(grid) - 1)]
    found = minimize_scalar(loss, bounds=(low, high), method="bounded", options={"xatol": 1e-9})
    return -min(float(found.fun), loss(grid[best]))


def _at(s: float, along: np.ndarray, variances: np.ndarray, outside: float, n: int) -> float:
    """Return the log evidence at one s with the best β: y' (I + s F F')⁻¹ y = n / β."""
    stretched = 1 + s * variances
    beta = n / (outside + float((along / stretched).sum()))
    return 0.5 * (n * np.log(beta / (2 * np.pi)) - n - float(np.log(stretched).sum()))
