"""Transfer component analysis: components that vary much and differ little between domains."""

from __future__ import annotations

from typing import Any

import numpy as np

from tlbook._base.named import named
from tlbook.features._kernel import KernelComponents, mean_difference


class TCA(KernelComponents):
    r"""Transfer component analysis (迁移成分分析), solved exactly.

    .. math:: \max_W \operatorname{tr}(W^\top K H K W) \quad\text{with}\quad
        W^\top \Big(I + \frac{\mu}{s^2}\, K L K\Big)\, W = I, \qquad
        s = \tfrac1N \operatorname{tr} K

    K is the kernel matrix of the N = n + m pooled rows, H the centering matrix and
    :math:`L = e e^\top` with :math:`e = (1/n, …, -1/m, …)`, so that
    :math:`\operatorname{tr}(W^\top K L K W)` is the squared MMD of the projected samples. Large
    variance is wanted, a distance of the two means costs :math:`\mu`, long coefficients cost 1.
    The scale s is the mean of k(x, x): 1 with the rbf kernel, the mean squared distance from the
    center with the linear one. So ``mu`` has no unit, and rows times 10 give the same solution.

    A new row is projected with :math:`z = k(x, [X_s; X_t])\, W`: no refit.

    Parameters
    ----------
    n_components : int, optional
        Dimension of the new space; as many as there are features, but 40 at most, by default. Two
        are a picture, not a representation: a classifier needs more. Choose among a few numbers
        (10, 20, 40, 80) on a pseudo-task, where a part of the labeled source plays the target.
    kernel : {"rbf", "linear"}
        :math:`\exp(-\gamma \|x - y\|^2)` or :math:`(x - \bar x) \cdot (y - \bar x)`. With the
        linear kernel the new features are linear in the old ones, and with fewer features than
        rows the problem has the size of the features.
    gamma : float or "median"
        :math:`\gamma` of the rbf kernel, in 1 / squared units of the features. "median":
        :math:`1 / (2\sigma^2)` with the median distance :math:`\sigma` of two rows.
    mu : float
        Weight of the squared MMD, at least 0, without a unit. The paper puts its μ on the length
        of W instead of here: its problem with μ is this one with ``mu = s²/μ``, which is 1/μ for
        the rbf kernel. Try 1 and a hundred times more or less.

    Attributes
    ----------
    coefficients_ : array of shape (n + m, n_components)
        W; rows in the order source, target.
    n_components_ : int
        Components that were kept.
    eigenvalues_ : array of shape (n_components,)
        In descending order: :math:`W^\top K H K W` is diagonal and holds them.
    scale_ : float
        s, in the units of the kernel.
    gamma_ : float
        γ that was used (rbf only).
    mean_ : array of shape (d,)
        Mean :math:`\bar x` of the pooled rows.
    directions_ : array of shape (d, n_components)
        The linear map :math:`z = (x - \bar x)` directions (linear only).

    Raises
    ------
    ValueError
        If the inputs do not fit, or there are more components than the kernel has.

    Notes
    -----
    Standardize first where features have different units.
    Memory is one kernel matrix, time a few dozen products of that matrix with a vector.

    References
    ----------
    Pan, Tsang, Kwok & Yang, Domain adaptation via transfer component analysis, IEEE Transactions
    on Neural Networks 22, 2011.

    Examples
    --------
    >>> import numpy as np
    >>> from tlbook.features import TCA
    >>> rng = np.random.default_rng(0)
    >>> Xs, Xt = rng.normal(size=(100, 20)), rng.normal(size=(100, 20))
    >>> Xt[:, 0] += 3
    >>> tca = TCA(n_components=5, kernel="linear", mu=10).fit(Xs, Xt)
    >>> Zs, Zt = tca.transform_source(Xs), tca.transform_target(Xt)
    >>> Zs.shape, bool(np.allclose(Zs.mean(axis=0), Zt.mean(axis=0), atol=0.01 * Zs.std()))
    ((100, 5), True)
    """

    @named
    def __init__(
        self,
        n_components: int | None = None,
        kernel: str = "rbf",
        gamma: float | str = "median",
        mu: float = 1.0,
    ) -> None:
        self.n_components = n_components
        self.kernel = kernel
        self.gamma = gamma
        self.mu = mu

    def fit(self, Xs: Any, Xt: Any, ys: Any = None) -> TCA:
        """Find the components of source (n, d) and target (m, d); labels are not used."""
        source, target = self._check_double_pair(Xs, Xt)
        space = self._begin(source, target)
        is_source = np.arange(len(source) + len(target)) < len(source)
        Z = self._solve(space, mean_difference(is_source, ~is_source))
        self._finish(space, Z, source, target)
        return self
