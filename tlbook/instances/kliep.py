"""KLIEP: the density ratio fitted by maximum likelihood, as a sum of kernels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tlbook._base.checks import check_positive
from tlbook._base.estimators import PairEstimator
from tlbook._base.named import named
from tlbook.distances.kernels import gaussian_kernel, median_bandwidth
from tlbook.instances._mixture import mixture_shares

LADDER = tuple(2.0 ** np.arange(-3, 1.1, 0.5))
"""Bandwidths tried by "cv", in multiples of the median distance."""

REACH = 1.0
"""A kernel has to hold at least so many source rows (sum of its values over them). With less, its
share of the source is anyone's guess, and a pair of outlying target rows could claim a ratio of
any size."""


class KLIEP(PairEstimator):
    r"""Kullback–Leibler importance estimation (KLIEP).

    The ratio is modeled as a sum of Gaussian kernels around target points,
    :math:`w(x) = \sum_l \alpha_l k(x, c_l)`, and fitted so that w(x) p(x) is as close to q as it
    can be in KL divergence, which is maximum likelihood on the target:

    .. math:: \max_{\alpha \ge 0} \frac1{n_t} \sum_j \log w(x^t_j) \quad\text{with}\quad
        \frac1{n_s} \sum_i w(x^s_i) = 1

    With :math:`\pi_l = \alpha_l \frac1{n_s}\sum_i k(x^s_i, c_l)` it is the likelihood of the shares
    of a mixture with known parts, which is concave and is solved to its optimum. The bandwidth is
    chosen by the likelihood of held-out target rows: no label is needed for it.

    Parameters
    ----------
    bandwidth : "cv", "median" or float
        :math:`\sigma` in the units of the features. "cv" tries the median distance times
        1/8 … 2 and takes the largest held-out likelihood.
    n_centers : int
        At most so many target rows, drawn at random, are kernel centers (those that hold at least
        one source row, that is, whose kernel values over the source sum to 1 or more).
    folds : int
        Parts of the target for the cross-validation.
    seed : int
        Seed of centers and folds.

    Attributes
    ----------
    weights_ : array of shape (n_s,), float64, mean 1
    bandwidth_ : float
    scores_ : dict from bandwidth to held-out mean log-likelihood; empty unless "cv"
    centers_ : array of shape (k, d)
    alpha_ : array of shape (k,)
    objective_ : float
        Mean of log w over the target rows that some kernel reaches; it estimates KL(q‖p).
    kkt_residual_ : float
        The objective is at most this far below its maximum.
    uncovered_ : float
        Share of target rows out of reach: no kernel that also holds a source row gets there.

    Raises
    ------
    ValueError
        If arrays or parameters do not fit, or no source row is near any target row.

    References
    ----------
    Sugiyama, Suzuki, Nakajima, Kashima, von Bünau and Kawanabe, Direct importance estimation for
    covariate shift adaptation, Annals of the Institute of Statistical Mathematics 2008.

    Examples
    --------
    >>> import numpy as np
    >>> from tlbook.instances import KLIEP
    >>> rng = np.random.default_rng(0)
    >>> Xs, Xt = rng.normal(5, 1, size=(300, 1)), rng.normal(6, 0.5, size=(200, 1))
    >>> kliep = KLIEP().fit(Xs, Xt)
    >>> print(np.average(Xs[:, 0], weights=kliep.weights_).round(1), Xt.mean().round(1))
    6.0 6.0
    >>> away, inside = kliep.ratio([[3.0], [6.0]])  # q / p at rows of any domain
    >>> bool(away < 0.1), bool(inside > 1)
    (True, True)
    """

    @named
    def __init__(
        self, bandwidth: Any = "cv", n_centers: int = 100, folds: int = 5, seed: int = 0
    ) -> None:
        self.bandwidth = bandwidth
        self.n_centers = n_centers
        self.folds = folds
        self.seed = seed

    def fit(self, Xs: Any, Xt: Any, ys: Any = None) -> KLIEP:
        """Weight the source rows; ``ys`` is not used.

        Parameters
        ----------
        Xs, Xt : arrays of shape (n_s, d) and (n_t, d), at least 2 rows each
        """
        Xs, Xt = (X.astype(np.float64) for X in self._check_pair(Xs, Xt))
        check_positive(self.n_centers, "n_centers", integer=True)
        if check_positive(self.folds, "folds", integer=True) < 2:
            raise ValueError(f"folds: got {self.folds!r}, want at least 2")
        rng = np.random.default_rng(self.seed)
        order = rng.permutation(len(Xt))
        self.scores_: dict[float, float] = {}
        if isinstance(self.bandwidth, str):
            median = median_bandwidth(Xs, Xt)
            if self.bandwidth == "median":
                self.bandwidth_ = median
            elif self.bandwidth == "cv":
                self.bandwidth_ = self._choose(Xs, Xt[order], [median * f for f in LADDER])
            else:
                raise ValueError(
                    f"bandwidth: got {self.bandwidth!r}, want 'cv', 'median' or a number"
                )
        else:
            self.bandwidth_ = float(check_positive(self.bandwidth, "bandwidth"))
        centers = Xt[order[: self.n_centers]]
        self.centers_, self.alpha_, self.kkt_residual_ = _fit(Xs, Xt, centers, self.bandwidth_)
        if len(self.alpha_) == 0:
            raise ValueError(
                f"bandwidth: got {self.bandwidth_:.3g}, with which no kernel around a target row "
                "holds a source row: the domains do not overlap at this scale"
            )
        raw = self._values(Xs)
        self.alpha_ = self.alpha_ / raw.mean()
        self.weights_ = raw / raw.mean()
        on_target = self._values(Xt)
        reached = on_target > 0
        self.uncovered_ = float(1 - reached.mean())
        self.objective_ = float(np.log(on_target[reached]).mean())
        return self

    def ratio(self, X: Any) -> np.ndarray:
        """Return the estimated q(x) / p(x) at rows of shape (n, d)."""
        return self._values(self._check_rows(X).astype(np.float64))

    def _values(self, X: np.ndarray) -> np.ndarray:
        return gaussian_kernel(X, self.centers_, self.bandwidth_) @ self.alpha_

    def _choose(self, Xs: np.ndarray, Xt: np.ndarray, ladder: Sequence[float]) -> float:
        """Return the bandwidth with the largest held-out likelihood; the rows come shuffled."""
        folds = np.array_split(np.arange(len(Xt)), min(self.folds, len(Xt)))
        for sigma in ladder:
            total = 0.0
            for held in folds:
                kept = np.delete(Xt, held, axis=0)
                centers, alpha, _ = _fit(Xs, kept, kept[: self.n_centers], sigma)
                if len(alpha) == 0:
                    total = -np.inf
                    break
                values = gaussian_kernel(Xt[held], centers, sigma) @ alpha
                # n rows can tell ratios between 1/n and n. Without the lower end, a single row
                # out of reach would forbid every narrow bandwidth.
                total += float(np.log(np.clip(values, 1 / len(Xs), len(Xs))).sum())
            self.scores_[float(sigma)] = total / len(Xt)
        return max(self.scores_, key=lambda sigma: self.scores_[sigma])


def _fit(
    Xs: np.ndarray, Xt: np.ndarray, centers: np.ndarray, sigma: float
) -> tuple[np.ndarray, np.ndarray, float]:
    """Return the centers that hold source rows, their coefficients, and the KKT residual."""
    on_source = gaussian_kernel(Xs, centers, sigma).mean(axis=0)
    near = on_source * len(Xs) >= REACH
    centers, on_source = centers[near], on_source[near]
    if len(centers) == 0:
        return centers, on_source, 0.0
    A = gaussian_kernel(Xt, centers, sigma) / on_source
    A = A[A.max(axis=1) > 0]
    shares, gap = mixture_shares(A)
    return centers, shares / on_source, gap
