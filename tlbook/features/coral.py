"""CORAL: whiten the source, color it with the covariance of the target."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.linalg import eigh

from tlbook._base.checks import check_probability
from tlbook._base.named import named
from tlbook.features._base import PairTransformer


class CORAL(PairTransformer):
    r"""Correlation alignment (相关对齐): give the source the target's covariance.

    .. math:: x \mapsto A^\top (x - \bar x_s) + \bar x_t, \qquad
        A = \hat C_s^{-1/2} \hat C_t^{1/2}, \qquad
        \hat C = (1 - \rho)\, C + \rho\, \frac{\operatorname{tr} C}{d} I

    so that :math:`A^\top \hat C_s A = \hat C_t` exactly. The target stays as it is. The roots are
    the symmetric ones; they are taken once, in ``fit``.

    Parameters
    ----------
    shrinkage : float in [0, 1] or "auto"
        :math:`\rho`. It is relative to the average variance, so it means the same in whatever
        unit the features are measured. (The paper adds the identity, which is much for features
        of variance 0.01 and nothing for features of variance 10⁴.) With 0 the source's covariance
        must be regular. "auto" estimates one value per domain (Ledoit & Wolf).
    match_means : bool
        Move the source's mean onto the target's. The paper takes features that are already
        centered in each domain, which is the same. With ``False`` the source keeps its mean: use
        it where the means differ because the classes are mixed in other proportions, so that
        matching them would push one class onto the other.

    Attributes
    ----------
    matrix_ : array of shape (d, d)
        A, applied to rows from the right.
    covariance_source_, covariance_target_ : arrays of shape (d, d)
        The shrunk covariances (divisor n).
    shrinkage_ : (float, float)
        What was used for source and target.
    mean_source_, mean_target_ : arrays of shape (d,)

    Raises
    ------
    ValueError
        If the inputs do not fit, or the source's covariance is singular after shrinkage.

    See Also
    --------
    tlbook.alignment.DeepCORAL : trains a network towards equal covariances.
    tlbook.distances.coral_distance : only measures.

    References
    ----------
    Sun, Feng & Saenko, Return of frustratingly easy domain adaptation, AAAI 2016.
    Ledoit & Wolf, A well-conditioned estimator for large-dimensional covariance matrices, 2004.

    Examples
    --------
    >>> import numpy as np
    >>> from tlbook.features import CORAL
    >>> rng = np.random.default_rng(0)
    >>> Xs, Xt = rng.normal(size=(200, 2)), rng.normal(size=(200, 2)) * [3, 1] + 5
    >>> coral = CORAL(shrinkage=0).fit(Xs, Xt)
    >>> np.allclose(np.cov(coral.transform_source(Xs).T), np.cov(Xt.T))
    True
    >>> np.allclose(coral.transform_target(Xt), Xt)
    True
    """

    @named
    def __init__(self, shrinkage: float | str = 0.1, match_means: bool = True) -> None:
        self.shrinkage = shrinkage
        self.match_means = match_means

    def fit(self, Xs: Any, Xt: Any, ys: Any = None) -> CORAL:
        """Learn A from source (n, d) and target (m, d); labels are not used."""
        source, target = self._check_double_pair(Xs, Xt)
        self.mean_source_, self.covariance_source_, rho_source = _moments(source, self.shrinkage)
        self.mean_target_, self.covariance_target_, rho_target = _moments(target, self.shrinkage)
        self.shrinkage_ = (rho_source, rho_target)
        whiten = _inverse_root(self.covariance_source_, rho_source)
        self.matrix_ = whiten @ _root(self.covariance_target_)
        self._offset = self.mean_target_ if self.match_means else self.mean_source_
        return self

    def _map_source(self, rows: np.ndarray) -> np.ndarray:
        return (rows - self.mean_source_) @ self.matrix_ + self._offset

    def _map_target(self, rows: np.ndarray) -> np.ndarray:
        return rows


def _moments(X: np.ndarray, shrinkage: float | str) -> tuple[np.ndarray, np.ndarray, float]:
    """Mean, shrunk covariance, and the shrinkage."""
    mean = X.mean(axis=0)
    centered = X - mean
    rho = _shrinkage(centered, shrinkage)
    covariance = centered.T @ centered
    covariance /= len(X)
    d = len(covariance)
    level = np.trace(covariance) / d
    covariance *= 1 - rho
    covariance.flat[:: d + 1] += rho * level
    return mean, covariance, rho


def _shrinkage(centered: np.ndarray, shrinkage: float | str) -> float:
    if not isinstance(shrinkage, str):
        return check_probability(shrinkage, "shrinkage")
    if shrinkage != "auto":
        raise ValueError(f"shrinkage: got {shrinkage!r}, want a number in [0, 1] or 'auto'")
    from sklearn.covariance import ledoit_wolf_shrinkage

    return float(ledoit_wolf_shrinkage(centered, assume_centered=True))


def _inverse_root(C: np.ndarray, rho: float) -> np.ndarray:
    values, vectors = eigh(C, driver="evd", check_finite=False)
    floor = len(C) * np.finfo(float).eps * values[-1]
    if values[0] <= floor:
        rank = int((values > floor).sum())
        raise ValueError(
            f"shrinkage: got {rho:g}, but the source's covariance has rank {rank} of {len(C)}; "
            "want more shrinkage, or no constant and no redundant features"
        )
    half = vectors * values**-0.25
    return half @ half.T  # a symmetric product costs half of a general one


def _root(C: np.ndarray) -> np.ndarray:
    values, vectors = eigh(C, driver="evd", check_finite=False)
    half = vectors * np.maximum(values, 0) ** 0.25
    return half @ half.T
