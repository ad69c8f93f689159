"""Bringing two samples to a common scale before a distance with a unit is read."""

from typing import Any

from tlbook._base.named import named
from tlbook.distances._inputs import Array, namespace, two_arrays


@named
def standardize(X: Any, Y: Any) -> tuple[Array, Array]:
    r"""Standardize two samples *together*: every feature of the pooled rows gets mean 0, SD 1.

    .. math:: x \mapsto \frac{x - \bar z}{s_z}, \qquad z = (x, y)

    It removes the units of the features and keeps the difference between the samples.
    Standardizing each sample by itself would remove part of that difference. A feature that is
    constant over all rows becomes 0.

    Parameters
    ----------
    X, Y : array or tensor of shape (n, d) and (m, d)

    Returns
    -------
    two arrays or tensors of shape (n, d) and (m, d)

    Raises
    ------
    ValueError
        If shapes or values do not fit.

    Examples
    --------
    >>> from tlbook.distances import standardize
    >>> X, Y = standardize([[1.0], [3.0]], [[5.0], [7.0]])
    >>> X.ravel().round(2), Y.ravel().round(2)  # together mean 0 and SD 1, and still apart
    (array([-1.34, -0.45]), array([0.45, 1.34]))
    """
    X, Y = two_arrays(X, Y)
    pooled = namespace(X).concatenate([X, Y])
    mean = pooled.mean(0)
    spread = ((pooled - mean) ** 2).mean(0) ** 0.5
    # A constant feature leaves nothing but rounding error, which must not be blown up.
    spread = namespace(X).where(spread <= 1e-6 * abs(mean), namespace(X).ones_like(spread), spread)
    return (X - mean) / spread, (Y - mean) / spread
