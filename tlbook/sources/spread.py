"""H-score and TransRate: the spread between the classes against the spread of all."""

from __future__ import annotations

from typing import Any

import numpy as np

from tlbook._base.checks import check_positive
from tlbook._base.named import named
from tlbook.sources._inputs import labeled_rows


@named
def h_score(features: Any, y: Any, shrink: bool = True) -> float:
    r"""Return the H-score: the variance between classes in units of the whole variance.

    .. math:: H = \operatorname{tr}\!\left(\Sigma^{-1} \Sigma_b\right), \qquad
        \Sigma_b = \frac1n \sum_c n_c (\mu_c - \mu)(\mu_c - \mu)^\top

    With ``shrink`` Σ is the covariance of Ledoit and Wolf, (1 − a) Σ + a tr(Σ)/d · I, and Σ_b is
    taken times (1 − a). Without it Σ is the sample's covariance and the pseudo-inverse is used.

    Between 0 (equal class means) and min(d, k − 1) (no spread within the classes). Plain, it
    reaches this maximum for *any* features as soon as d ≥ n − 1, pure noise included: never use it
    where rows are fewer than columns. Means are all that it sees: a class made of two clusters
    around the mean of all counts for nothing.

    Parameters
    ----------
    features : array of shape (n, d)
    y : array of shape (n,)
        Target classes, at least two.
    shrink : bool
        Whether the covariance is regularized.

    Returns
    -------
    float
        Without a unit; larger is better.

    Raises
    ------
    ValueError
        If shapes do not fit or there is only one class.

    References
    ----------
    Bao, Li, Huang et al., An information-theoretic approach to transferability in task transfer
    learning, ICIP 2019. Ibrahim, Ponomareva and Mazumder, Newer is not always better: rethinking
    transferability metrics, their peculiarities, stability and performance, ECML 2022 (shrinkage).

    Examples
    --------
    >>> import numpy as np
    >>> from tlbook.sources import h_score
    >>> y = np.arange(40) % 2
    >>> noise = np.random.default_rng(0).normal(size=(40, 100))
    >>> print(round(h_score(noise, y, shrink=False), 2), round(h_score(noise, y), 2))
    1.0 0.11
    """
    F, codes = labeled_rows(features, y)
    F = F - F.mean(axis=0)
    one_hot = np.eye(codes.max() + 1)[codes]
    counts = one_hot.sum(axis=0)
    means = one_hot.T @ F / counts[:, None]
    # tr(Σ⁻¹ Σ_b) = Σ_c n_c/n · μ_c' Σ⁻¹ μ_c: no need for the d × d matrix Σ_b.
    if not shrink:
        covariance, kept = F.T @ F / len(F), 1.0
    else:
        from sklearn.covariance import ledoit_wolf

        covariance, share = ledoit_wolf(F, assume_centered=True)
        kept = 1 - float(share)
    solved = np.linalg.pinv(covariance, hermitian=True) @ means.T
    return float(kept * (counts / len(F)) @ np.einsum("cd,dc->c", means, solved))


@named
def transrate(features: Any, y: Any, distortion: float = 1e-4) -> float:
    r"""Return TransRate: bits (nats) to code all rows less those to code them class by class.

    .. math:: R(Z, \epsilon) = \tfrac12 \log\det\!\left(I + \frac{1}{n \epsilon} Z^\top Z\right),
        \qquad \mathrm{TrR} = R(Z, \epsilon) - \sum_c \frac{n_c}{n} R(Z_c, \epsilon)

    The features are centered and scaled to a total variance of 1 first, since ε has their units.
    The classes are *not* centered again, as published, so the score compares second moments around
    the mean of all. Two equally frequent classes with means ±μ and one covariance have the same
    second moment, and score 0 however far apart they lie; with three classes or more this is rarer.

    At least 0 up to rounding. It grows with the number of directions that the features use, so
    networks of different width are not on one scale; and with fewer than d rows a class the
    classes' own rates are short of directions, which raises the score of every source.

    Parameters
    ----------
    features : array of shape (n, d)
    y : array of shape (n,)
        Target classes, at least two.
    distortion : float
        ε, the squared error allowed in coding, as a share of the total variance.

    Returns
    -------
    float
        Nats; larger is better.

    Raises
    ------
    ValueError
        If shapes do not fit, there is only one class, all rows are equal, or ε is not positive.

    References
    ----------
    Huang, Wei, Zhou et al., Frustratingly easy transferability estimation, ICML 2022.

    Examples
    --------
    >>> import numpy as np
    >>> from tlbook.sources import transrate
    >>> y = np.arange(300) % 3
    >>> bad = np.random.default_rng(0).normal(size=(300, 3))
    >>> good = bad + 6 * np.eye(3)[y]
    >>> print(round(transrate(bad, y), 2), round(transrate(good, y), 2))
    0.02 0.95
    >>> two = np.arange(300) % 2  # two classes, far apart, and a score of almost nothing
    >>> round(transrate(bad + 6 * two[:, None], two), 2)
    0.01
    """
    check_positive(distortion, "distortion")
    F, codes = labeled_rows(features, y)
    F = F - F.mean(axis=0)
    variance = (F**2).sum() / len(F)
    if variance == 0:
        raise ValueError("features: got equal rows, want rows that differ")
    Z = F / np.sqrt(variance)
    parts = [Z[codes == c] for c in range(codes.max() + 1)]
    within = sum(len(part) * _rate(part, distortion) for part in parts) / len(Z)
    return _rate(Z, distortion) - within


def _rate(Z: np.ndarray, distortion: float) -> float:
    """Return ½ log det(I + Z'Z / (n ε)), from the singular values of Z."""
    sizes = np.linalg.svd(Z, compute_uv=False)
    return 0.5 * float(np.log1p(sizes**2 / (len(Z) * distortion)).sum())
