"""Optimal transport: carry every source row to where the target's mass is."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from sklearn.exceptions import ConvergenceWarning

from tlbook._base.checks import check_choice, check_labels, check_positive
from tlbook._base.named import named
from tlbook.features._base import PairTransformer

LARGEST_EXPONENT = 300.0
"""Up to this ratio of the largest cost to ``reg`` the plain iteration of Sinkhorn is safe."""


class OptimalTransport(PairTransformer):
    r"""Optimal transport (最优传输) of the source onto the target; the solvers are POT's.

    .. math:: \min_{G \ge 0} \langle G, M \rangle + \varepsilon \sum_{ij} G_{ij} \log G_{ij}
        + \eta\, \Omega_c(G), \qquad G 1 = 1/n, \quad G^\top 1 = 1/m

    with the costs :math:`M_{ij} = \|x_i - y_j\|^2`. A source row moves to the average of the
    target rows that receive its mass (barycentric mapping); the target stays as it is:

    .. math:: T(x_i) = \sum_j G_{ij}\, y_j \Big/ \sum_j G_{ij}

    A row that was not in the fit moves as its nearest source row does (Ferradans et al. 2014),
    :math:`T(x) = x + T(x_i) - x_i`; equal source rows share one image, the average of theirs.

    All of the mass has to go somewhere: where the classes are mixed in other proportions in the
    target, some rows are carried to another class.

    Parameters
    ----------
    reg : float, optional
        ε, in units of the (normalized) costs. ``None``: the exact plan, without regularization.
    class_reg : float
        η ≥ 0: how much it costs when a target row receives mass from several classes. Needs
        ``ys`` and ``reg``.
    class_penalty : {"lpl1", "l1l2"}
        Which Ω: the concave one of the first paper, or the convex group lasso of the second. Their
        useful η differ by factors of 100; POT's solver for "l1l2" stops far from the optimum where
        η is large.
    norm : {None, "median", "max"}
        Divide the costs by their median or maximum, so that ``reg`` has no unit.
    max_iter : int, optional
        Iterations at most: 1,000,000 of the simplex by default, 10,000 of Sinkhorn.
    tol : float
        Where Sinkhorn stops: error of the marginals.
    logarithms : bool, optional
        Whether the entropic plan is iterated in logarithms, which cannot underflow and is some ten
        times slower. By default only where the largest cost is more than 300 ε.

    Attributes
    ----------
    plan_ : array of shape (n, m)
        G; sums to 1.
    images_ : array of shape (n, d)
        T of the source rows.
    cost_ : float
        :math:`\langle G, M \rangle` with the costs as used.

    Raises
    ------
    ValueError
        If the inputs do not fit, ``class_reg`` comes without labels or without ``reg``, ``reg`` is
        so small that the plan underflows, or ``max_iter`` is too small for an exact plan.

    Warns
    -----
    sklearn.exceptions.ConvergenceWarning
        If Sinkhorn stopped at ``max_iter``.

    References
    ----------
    Courty, Flamary & Tuia, Domain adaptation with regularized optimal transport, ECML 2014.
    Courty, Flamary, Tuia & Rakotomamonjy, Optimal transport for domain adaptation, IEEE TPAMI 2017.
    Ferradans, Papadakis, Peyré & Aujol, Regularized discrete optimal transport, SIAM J. Imaging
    Sciences 2014.

    Examples
    --------
    >>> import numpy as np
    >>> from tlbook.features import OptimalTransport
    >>> rng = np.random.default_rng(0)
    >>> Xs = rng.normal(size=(100, 2))
    >>> Xt = rng.permutation(Xs + [4, 0])
    >>> transport = OptimalTransport().fit(Xs, Xt)
    >>> np.allclose(transport.transform_source(Xs), Xs + [4, 0])  # each row finds its own
    True
    >>> round(transport.cost_, 1)  # mean squared distance
    16.0
    """

    @named
    def __init__(
        self,
        reg: float | None = None,
        class_reg: float = 0.0,
        class_penalty: str = "lpl1",
        norm: str | None = None,
        max_iter: int | None = None,
        tol: float = 1e-8,
        logarithms: bool | None = None,
    ) -> None:
        self.reg = reg
        self.class_reg = class_reg
        self.class_penalty = class_penalty
        self.norm = norm
        self.max_iter = max_iter
        self.tol = tol
        self.logarithms = logarithms

    def fit(self, Xs: Any, Xt: Any, ys: Any = None) -> OptimalTransport:
        """Find the plan from source (n, d) to target (m, d); labels (n,) with ``class_reg``."""
        source, target = self._check_double_pair(Xs, Xt)
        codes = self._check_parameters(len(source), ys)
        costs = squared_costs(source, target, self.norm)
        self.plan_ = self._plan(costs, codes)
        self.cost_ = float((self.plan_ * costs).sum())
        images = self.plan_ @ target / self.plan_.sum(axis=1, keepdims=True)
        self.images_ = _share_between_equals(source, images)
        self._center = source.mean(axis=0)
        self._moves = self.images_ - source
        self._nearest = _nearest_neighbor(source - self._center)
        return self

    def _check_parameters(self, n: int, ys: Any) -> np.ndarray | None:
        check_choice(self.norm, "norm", (None, "median", "max"))
        check_choice(self.class_penalty, "class_penalty", ("lpl1", "l1l2"))
        check_positive(self.class_reg, "class_reg", zero_ok=True)
        if self.max_iter is not None:
            check_positive(self.max_iter, "max_iter", integer=True)
        check_positive(self.tol, "tol")
        if self.reg is not None:
            check_positive(self.reg, "reg")
        if not self.class_reg:
            return None
        if self.reg is None:
            raise ValueError("reg: got None, class_reg needs a positive number")
        if ys is None:
            raise ValueError("ys: got None, class_reg needs the source's labels")
        return np.unique(check_labels(ys, n, "ys", min_classes=2), return_inverse=True)[1]

    def _plan(self, costs: np.ndarray, codes: np.ndarray | None) -> np.ndarray:
        a, b = (np.full(k, 1 / k) for k in costs.shape)
        with warnings.catch_warnings(record=True) as caught, np.errstate(all="ignore"):
            warnings.simplefilter("always")
            if self.reg is None:
                plan = _exact(a, b, costs, self.max_iter or 1_000_000)
            elif codes is None:
                plan = self._entropic(a, b, costs, self.reg)
            else:
                plan = self._class_regularized(a, b, costs, codes)
        messages = {str(w.message) for w in caught if w.category is UserWarning}
        if self.reg is None and messages:
            raise ValueError(f"max_iter: got {self.max_iter}, too few steps to an exact plan")
        if not np.isfinite(plan).all() or not (plan.sum(axis=1) > 0).all():
            raise ValueError(f"reg: got {self.reg}, too small for costs up to {costs.max():.3g}")
        if messages:
            text = f"optimal transport: {'; '.join(sorted(messages))}"
            warnings.warn(text, ConvergenceWarning, stacklevel=3)
        return plan

    def _entropic(self, a: np.ndarray, b: np.ndarray, costs: np.ndarray, reg: float) -> np.ndarray:
        import ot

        # The logarithms of the scalings differ by at most max(costs) / reg. Up to a few hundred
        # all products are ordinary floats.
        logarithms = self.logarithms
        if logarithms is None:
            logarithms = bool(costs.max() > LARGEST_EXPONENT * reg)
        method = "sinkhorn_log" if logarithms else "sinkhorn"
        limit = self.max_iter or 10_000
        return ot.sinkhorn(a, b, costs, reg, method=method, numItermax=limit, stopThr=self.tol)

    def _class_regularized(
        self, a: np.ndarray, b: np.ndarray, costs: np.ndarray, codes: np.ndarray
    ) -> np.ndarray:
        from ot.da import sinkhorn_l1l2_gl, sinkhorn_lpl1_mm

        solve = sinkhorn_lpl1_mm if self.class_penalty == "lpl1" else sinkhorn_l1l2_gl
        limits = {"numInnerItermax": self.max_iter or 10_000, "stopInnerThr": self.tol}
        return solve(a, codes, b, costs, self.reg, eta=self.class_reg, **limits)

    def _map_source(self, rows: np.ndarray) -> np.ndarray:
        nearest = self._nearest.kneighbors(rows - self._center, return_distance=False)[:, 0]
        return rows + self._moves[nearest]

    def _map_target(self, rows: np.ndarray) -> np.ndarray:
        return rows


def _exact(a: np.ndarray, b: np.ndarray, costs: np.ndarray, max_iter: int) -> np.ndarray:
    import ot

    return ot.emd(a, b, costs, numItermax=max_iter)


def squared_costs(X: np.ndarray, Y: np.ndarray, norm: str | None) -> np.ndarray:
    """Return |x_i − y_j|² of shape (n, m), divided by their median or maximum on request."""
    from scipy.spatial.distance import cdist

    costs = cdist(X, Y, "sqeuclidean")
    scale = {None: 1.0, "median": np.median(costs), "max": costs.max()}[norm]
    return costs / scale if scale > 0 else costs


def _share_between_equals(rows: np.ndarray, images: np.ndarray) -> np.ndarray:
    """Give equal rows the mean of their images, so that the map is a function of the row."""
    unique, group = np.unique(rows, axis=0, return_inverse=True)
    if len(unique) == len(rows):
        return images
    totals = np.zeros_like(unique)
    np.add.at(totals, group, images)
    return (totals / np.bincount(group)[:, None])[group]


def _nearest_neighbor(rows: np.ndarray) -> Any:
    from sklearn.neighbors import NearestNeighbors

    return NearestNeighbors(n_neighbors=1).fit(rows)
