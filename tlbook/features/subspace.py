"""Subspace alignment: turn the source's principal components into the target's."""

from __future__ import annotations

from typing import Any

import numpy as np

from tlbook._base.named import named
from tlbook.features._base import PairTransformer
from tlbook.features.pca import principal_components


class SubspaceAlignment(PairTransformer):
    r"""Subspace alignment (子空间对齐): compare rows in the target's principal components.

    .. math:: z_s = P_t P_s^\top P_s (x_s - \bar x_s), \qquad z_t = P_t (x_t - \bar x_t)

    with the leading components of each domain in the rows of :math:`P_s` and :math:`P_t`. The
    matrix :math:`M = P_s P_t^\top` is the closed form of
    :math:`\min_M \|P_s^\top M - P_t^\top\|_F`. Each domain is centered on its own mean, so a shift
    of the mean disappears; variances along the components are not matched.

    Parameters
    ----------
    n_components : int or float
        Dimension of both subspaces, at most one less than a domain has rows. A number below 1
        keeps in each domain the fewest components that hold this share of its variance. With all
        of them only the means are moved; with two or ten much of what tells classes apart is
        thrown away. Choose on a pseudo-task, where a part of the labeled source plays the target.

    Attributes
    ----------
    components_source_, components_target_ : arrays of shape (k_s, d) and (k_t, d)
        Orthonormal rows; k_s = k_t = ``n_components`` where that is a number of components.
    mean_source_, mean_target_ : arrays of shape (d,)
    alignment_ : array of shape (k_s, k_t)
        The matrix M.

    Raises
    ------
    ValueError
        If the inputs do not fit, or a domain has too few rows or features.

    Notes
    -----
    The paper standardizes the features first. Here that is left to you.

    References
    ----------
    Fernando, Habrard, Sebban & Tuytelaars, Unsupervised visual domain adaptation using subspace
    alignment, ICCV 2013.

    Examples
    --------
    >>> import numpy as np
    >>> from tlbook.features import SubspaceAlignment
    >>> Xs = np.random.default_rng(0).normal(size=(200, 10)) * np.arange(10, 0, -1)
    >>> Xt = np.roll(Xs, 1, axis=1)  # the variance lies in other features
    >>> alignment = SubspaceAlignment(n_components=3).fit(Xs, Xt)
    >>> alignment.transform_source(Xs).shape, alignment.transform_target(Xt).shape
    ((200, 3), (200, 3))
    >>> same = SubspaceAlignment(n_components=3).fit(Xs, Xs)
    >>> np.allclose(same.alignment_, np.eye(3))  # nothing to turn
    True
    """

    @named
    def __init__(self, n_components: float = 0.95) -> None:
        self.n_components = n_components

    def fit(self, Xs: Any, Xt: Any, ys: Any = None) -> SubspaceAlignment:
        """Find both subspaces from source (n, d) and target (m, d); labels are not used."""
        source, target = self._check_double_pair(Xs, Xt)
        of_source = principal_components(source, self.n_components)
        of_target = principal_components(target, self.n_components)
        self.components_source_, self.mean_source_ = of_source.components_, of_source.mean_
        self.components_target_, self.mean_target_ = of_target.components_, of_target.mean_
        self.alignment_ = self.components_source_ @ self.components_target_.T
        return self

    def _map_source(self, rows: np.ndarray) -> np.ndarray:
        return (rows - self.mean_source_) @ self.components_source_.T @ self.alignment_

    def _map_target(self, rows: np.ndarray) -> np.ndarray:
        return (rows - self.mean_target_) @ self.components_target_.T
