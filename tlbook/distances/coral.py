"""CORAL: the distance between two covariance matrices."""

from typing import Any

from tlbook._base.named import named
from tlbook.distances._inputs import full_precision, is_tensor, two_arrays


@named
def coral_distance(X: Any, Y: Any) -> Any:
    r"""Squared distance of the covariance matrices, as Deep CORAL uses it.

    .. math:: \frac{1}{4 d^2} \| C_X - C_Y \|_F^2

    with the sample covariances (divisor n - 1). It sees second moments only: a pure shift of
    the mean is invisible. Its unit is the fourth power of the features' unit.

    Parameters
    ----------
    X, Y : array or tensor of shape (n, d) and (m, d), at least 2 rows each

    Returns
    -------
    float for arrays, scalar tensor for tensors

    Raises
    ------
    ValueError
        If shapes or values do not fit.

    See Also
    --------
    tlbook.alignment.DeepCORAL : the same as a term of an objective.
    tlbook.features.CORAL : a linear map that brings it near zero.

    References
    ----------
    Sun and Saenko, Deep CORAL: correlation alignment for deep domain adaptation, 2016.

    Examples
    --------
    >>> import numpy as np
    >>> from tlbook.distances import coral_distance
    >>> X = np.random.default_rng(0).normal(size=(200, 3))
    >>> round(coral_distance(X, X + 5), 6), coral_distance(X, 2 * X) > 0.5
    (0.0, True)
    """
    X, Y = two_arrays(X, Y, min_rows=2)
    X, Y = X - X.mean(0), Y - Y.mean(0)
    with full_precision(X):
        gap = X.T @ X / (len(X) - 1) - Y.T @ Y / (len(Y) - 1)
    value = (gap**2).sum() / (4 * X.shape[1] ** 2)
    return value if is_tensor(value) else float(value)
