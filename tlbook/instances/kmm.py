"""Kernel mean matching: weights under which the source's kernel mean is the target's."""

from __future__ import annotations

from typing import Any

import numpy as np

from tlbook._base.checks import check_positive
from tlbook._base.estimators import PairEstimator
from tlbook._base.named import named
from tlbook.distances.kernels import gaussian_kernel, resolve_bandwidths
from tlbook.instances._box_slab import project_box_slab
from tlbook.instances._qp import solve_box_slab


class KMM(PairEstimator):
    r"""Kernel mean matching (KMM).

    Weights under which the mean of kernel features over the source equals that over the target as
    nearly as the constraints allow: the weighted MMD of chapter 08 at its minimum,

    .. math:: \min_w \tfrac12 w^\top K w - \kappa^\top w \quad\text{with}\quad
        0 \le w_i \le B,\; \left|\tfrac1{n_s}\textstyle\sum_i w_i - 1\right| \le \varepsilon,

    with :math:`K_{ij} = k(x^s_i, x^s_j)`,
    :math:`\kappa_i = \frac{n_s}{n_t} \sum_j k(x^s_i, x^t_j)` and the Gaussian kernel
    :math:`k(x, y) = \exp(-\|x - y\|^2 / 2\sigma^2)`. It is solved to its optimum by an
    interior-point method; memory grows with n_s² + n_s n_t, time with n_s³ (500 rows: well
    below 0.1 s, 2,000 rows: about a second).

    Parameters
    ----------
    bandwidth : "median", float or sequence of float
        :math:`\sigma`, in the units of the features; several are summed. Distances depend on
        the units: standardize features of different kinds first.
    B : float, at least 1
        The largest weight allowed: a small bound trades bias for variance.
    ridge : float, at least 0
        Adds ``ridge / 2 · Σ w_i²``: K is nearly singular, so very different weights match almost
        equally well, and the exact optimum (0) takes many of them to 0 and B. A ridge of about 1
        prefers even weights among them.
    eps : float in [0, 1] or "auto"
        How far the mean weight may be from 1. "auto" is :math:`\sqrt{(B - 1) / n_s}`, at most
        1: the standard deviation of the mean of n_s true ratios, which have mean 1, is no
        larger if they are at most B.
        So another B also changes this limit; to compare bounds, give ``eps`` as a number. Where
        the source has few rows near the target, the limit can matter more than B (chapter 04).

    Attributes
    ----------
    weights_ : array of shape (n_s,), float64
    bandwidth_ : tuple of float
        What "median" came to.
    eps_ : float
    objective_ : float
        :math:`\tfrac12 w^\top K w - \kappa^\top w`, plus the ridge.
    gap_ : float
        The objective is certainly no more than this above the minimum.
    kkt_residual_ : float
        :math:`\max_i |w - \Pi(w - g / n_s)|_i`, g the gradient and Π the projection onto the
        constraints; it is 0 if and only if w is optimal. Independent of the solver.
    mmd2_ : float
        The squared MMD that remains between weighted source and target (biased estimate, with
        the weights divided by n_s).
    n_iter_ : int
        Steps of the solver.

    Raises
    ------
    ValueError
        If arrays or parameters do not fit.

    See Also
    --------
    DensityRatio : from a classifier; it has a ratio for new rows, too.
    KLIEP : maximum likelihood; it chooses its bandwidth by itself.

    References
    ----------
    Huang, Smola, Gretton, Borgwardt and Schölkopf, Correcting sample selection bias by unlabeled
    data, NeurIPS 2006.

    Examples
    --------
    >>> import numpy as np
    >>> from tlbook.instances import KMM
    >>> rng = np.random.default_rng(0)
    >>> Xs, Xt = rng.normal(5, 1, size=(300, 1)), rng.normal(6, 0.5, size=(200, 1))
    >>> weights = KMM().fit(Xs, Xt).weights_
    >>> weighted = np.average(Xs[:, 0], weights=weights)
    >>> print(Xs.mean().round(1), weighted.round(1), Xt.mean().round(1))
    5.0 6.0 6.0
    """

    @named
    def __init__(
        self,
        bandwidth: Any = "median",
        B: float = 10.0,
        eps: float | str = "auto",
        ridge: float = 0.0,
    ) -> None:
        self.bandwidth = bandwidth
        self.B = B
        self.eps = eps
        self.ridge = ridge

    def fit(self, Xs: Any, Xt: Any, ys: Any = None) -> KMM:
        """Weight the source rows; ``ys`` is not used.

        Parameters
        ----------
        Xs : array of shape (n_s, d), at least 2 rows
        Xt : array of shape (n_t, d), at least 1 row
        """
        Xs, Xt = self._check_pair(Xs, Xt, min_rows=1)
        B, n = float(check_positive(self.B, "B")), len(Xs)
        if B < 1:
            raise ValueError(f"B: got {self.B!r}, want at least 1, the mean weight")
        ridge = float(check_positive(self.ridge, "ridge", zero_ok=True))
        self.eps_ = self._slack(B, n)
        Xs, Xt = Xs.astype(np.float64), Xt.astype(np.float64)
        self.bandwidth_ = resolve_bandwidths(Xs, Xt, self.bandwidth)
        K = gaussian_kernel(Xs, Xs, self.bandwidth_)
        K[np.diag_indices(n)] += ridge
        kappa = gaussian_kernel(Xs, Xt, self.bandwidth_).mean(axis=1) * n
        low, high = n * (1 - self.eps_), n * (1 + self.eps_)
        found = solve_box_slab(K / n, kappa / n, B, low, high)
        w = found.w
        self.weights_ = w
        self.objective_, self.gap_, self.n_iter_ = n * found.objective, n * found.gap, found.steps
        gradient = (K @ w - kappa) / n
        self.kkt_residual_ = float(
            np.abs(w - project_box_slab(w - gradient, B, low, high)).max(initial=0.0)
        )
        target = float(gaussian_kernel(Xt, Xt, self.bandwidth_).mean())
        self.mmd2_ = (2 * self.objective_ - ridge * float(w @ w)) / n**2 + target
        return self

    def _slack(self, B: float, n: int) -> float:
        if isinstance(self.eps, str):
            if self.eps != "auto":
                raise ValueError(f"eps: got {self.eps!r}, want 'auto' or a number in [0, 1]")
            return float(min(1.0, np.sqrt((B - 1) / n)))
        eps = float(check_positive(self.eps, "eps", zero_ok=True))
        if eps > 1:
            raise ValueError(f"eps: got {self.eps!r}, want 'auto' or a number in [0, 1]")
        return eps
