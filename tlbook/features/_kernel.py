"""What TCA and JDA share: the kernel, the eigenproblem, and the projection of new rows."""

from __future__ import annotations

from typing import Any

import numpy as np

from tlbook._base.checks import check_choice, check_positive
from tlbook.distances.kernels import median_bandwidth
from tlbook.features._base import PairTransformer, check_components
from tlbook.features._spaces import Gram, Linear, Space, leading_components, project_rows, rbf

MOST_COMPONENTS = 40
"""How many components are kept by default of rows that have more features."""


class KernelComponents(PairTransformer):
    """Components z = k(x, [Xs; Xt]) W, the same for source and target rows."""

    n_components: int | None
    kernel: str
    gamma: float | str
    mu: float

    def _begin(self, source: np.ndarray, target: np.ndarray) -> Space:
        """Check the parameters and build the space of functions."""
        check_choice(self.kernel, "kernel", ("rbf", "linear"))
        check_positive(self.mu, "mu", zero_ok=True)
        pooled = np.concatenate([source, target])
        n, d = pooled.shape
        # The rbf kernel does not change, but far from the origin |x|² + |y|² − 2 x·y loses digits;
        # the linear kernel would favor directions through an origin that means nothing.
        self.mean_ = pooled.mean(axis=0)
        pooled -= self.mean_
        if self.kernel == "linear":
            self._choose_components(min(d, n - 1), d, f"{n} rows of {d} features")
            self.scale_ = float((pooled**2).sum(axis=1).mean()) or 1.0
            return Linear(pooled) if d < n else Gram(pooled @ pooled.T)
        self._choose_components(n - 1, d, f"{n} rows of both domains")
        self.scale_ = 1.0  # k(x, x) = 1
        self.gamma_ = self._gamma(source, target)
        return Gram(rbf(pooled, pooled, self.gamma_))

    def _choose_components(self, limit: int, d: int, why: str) -> None:
        wanted = min(d, MOST_COMPONENTS, limit) if self.n_components is None else self.n_components
        self.n_components_ = check_components(wanted, limit, why)

    def _gamma(self, source: np.ndarray, target: np.ndarray) -> float:
        if isinstance(self.gamma, str):
            if self.gamma != "median":
                raise ValueError(f"gamma: got {self.gamma!r}, want 'median' or a positive number")
            return 1 / (2 * median_bandwidth(source, target) ** 2)
        return float(check_positive(self.gamma, "gamma"))

    def _solve(self, space: Space, E: np.ndarray) -> np.ndarray:
        self.eigenvalues_, Z = leading_components(
            space, E, self.mu / self.scale_**2, self.n_components_
        )
        return Z

    def _finish(self, space: Space, Z: np.ndarray, source: np.ndarray, target: np.ndarray) -> None:
        pooled = np.concatenate([source, target]) - self.mean_
        self.coefficients_ = space.coefficients(Z)
        if self.kernel == "linear":
            self.directions_ = pooled.T @ self.coefficients_
        else:
            self._rows = pooled

    def _map_source(self, rows: np.ndarray) -> np.ndarray:
        rows = rows - self.mean_
        if self.kernel == "linear":
            return rows @ self.directions_
        return project_rows(rows, self._rows, self.coefficients_, self.gamma_)

    _map_target = _map_source


def mean_difference(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Return the column e with eᵀf = mean of f over ``first`` − mean of f over ``second``.

    Both are masks of shape (N,) with at least one True.
    """
    result: Any = first / first.sum() - second / second.sum()
    return result[:, None]
