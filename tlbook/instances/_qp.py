"""The quadratic program of kernel mean matching, solved to its optimum."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tlbook.instances._box_slab import optimality_gap, project_box_slab

SHORT = 0.995
"""How far a step goes toward the nearest bound."""


@dataclass(frozen=True)
class Solution:
    """A minimizer ``w`` with its objective, a bound on what is missing, and the steps taken."""

    w: np.ndarray
    objective: float
    gap: float
    steps: int


def solve_box_slab(
    Q: np.ndarray,
    c: np.ndarray,
    upper: float,
    low: float,
    high: float,
    tol: float = 1e-12,
    max_iter: int = 100,
) -> Solution:
    r"""Minimize a convex quadratic over a box cut by a slab, by an interior-point method.

    .. math:: \min_w \tfrac12 w^\top Q w - c^\top w \quad\text{with}\quad
        0 \le w_i \le B,\; \ell \le \textstyle\sum_i w_i \le h

    Mehrotra's predictor and corrector from a strictly feasible start. A kernel matrix is
    numerically singular, which slows gradient methods down; here it costs nothing, because every
    step solves with Q plus a positive diagonal (one Cholesky factorization, O(n³)). Where many w
    are optimal, it goes to the middle of them (the analytic center).

    Parameters
    ----------
    Q : array of shape (n, n), positive semidefinite
    c : array of shape (n,)
    upper, low, high : float
        B, ℓ and h. There has to be room: ``high > 0`` and ``low < n B``, else w is constant.
    tol : float
        The gap at which it stops, relative to the objective (:func:`optimality_gap`).

    Returns
    -------
    Solution
        ``objective`` is at most ``gap`` above the minimum.

    References
    ----------
    Mehrotra, On the implementation of a primal-dual interior point method, SIAM J. Optim. 1992.
    """
    n = len(c)
    top = min(high, n * upper)
    if top - low <= 1e-12 * n and top >= n * upper:  # only one point: every weight at the cap
        w = np.full(n, upper)
        return Solution(w, float(w @ (0.5 * (Q @ w) - c)), 0.0, 0)
    sum_is_fixed = high - low <= 1e-12 * n
    start = (high if sum_is_fixed else (low + top) / 2) / n
    state = _Interior(Q, c, upper, low, high, start, sum_is_fixed)
    best, least, steps, stalled = state.w, np.inf, 0, 0
    while steps < max_iter and stalled < 8:
        try:
            state.step()
        except np.linalg.LinAlgError:  # rounding has the last word: keep the best
            break
        steps += 1
        gap = optimality_gap(state.w, state.Qw - c, upper, low, high)
        stalled = 0 if gap < 0.9 * least else stalled + 1  # at the limit of rounding it stays
        if gap < least:
            best, least = state.w, gap
        if least <= tol * max(1e-3, abs(state.objective())):
            break
    w = project_box_slab(best, upper, low, high)  # off by rounding at most
    Qw = Q @ w
    gap = optimality_gap(w, Qw - c, upper, low, high)
    return Solution(w, float(w @ (0.5 * Qw - c)), gap, steps)


class _Interior:
    """Weights, slacks and multipliers; ``step`` takes one predictor-corrector step.

    ``s`` are the slacks of w >= 0, w <= B, sum >= low, sum <= high, and ``z`` their multipliers.
    Slacks are updated, never recomputed: B - w would lose all its digits near the bound. Where the
    sum is fixed the last two are missing and ``nu`` is its multiplier.
    """

    def __init__(
        self,
        Q: np.ndarray,
        c: np.ndarray,
        upper: float,
        low: float,
        high: float,
        start: float,
        sum_is_fixed: bool,
    ) -> None:
        n = len(c)
        self.Q, self.c, self.fixed = Q, c, sum_is_fixed
        self.s = [np.full(n, start), np.full(n, upper - start)]
        if not sum_is_fixed:
            self.s += [np.array([start * n - low]), np.array([high - start * n])]
        self.Qw = Q @ self.w
        self.nu = 0.0
        size = float(np.mean(np.abs(self.Qw - c))) + 1e-3
        self.z = [np.full(len(a), size) for a in self.s]

    @property
    def w(self) -> np.ndarray:
        return self.s[0]

    def objective(self) -> float:
        return float(self.w @ (0.5 * self.Qw - self.c))

    def step(self) -> None:
        """Take a step of the predictor and corrector."""
        s, z = self.s, self.z
        count = sum(map(len, s))
        mu = _product(s, z) / count
        newton = _Newton(self)
        affine = newton.direction([np.zeros_like(a) for a in s])
        p, d = _reach(s, affine.ds), _reach(z, affine.dz)
        ahead = _product(_moved(s, affine.ds, p), _moved(z, affine.dz, d))
        center = mu * (ahead / count / mu) ** 3
        both = zip(affine.ds, affine.dz, strict=True)
        move = newton.direction([center - ds * dz for ds, dz in both])
        step = min(1.0, SHORT * min(_reach(s, move.ds, 2.0), _reach(z, move.dz, 2.0)))
        self.s = _moved(s, move.ds, step)
        self.z = _moved(z, move.dz, step)
        self.nu += step * move.dnu
        self.Qw = self.Q @ self.w

    def residual(self) -> np.ndarray:
        """Derivative of the Lagrangian by w; 0 at the optimum."""
        return self.Qw - self.c + self.nu + self.pull(self.z)

    def pull(self, z: list[np.ndarray]) -> np.ndarray:
        """The part of it that the multipliers of the inequalities have."""
        return z[1] - z[0] if self.fixed else z[1] - z[0] + (z[3] - z[2])


@dataclass(frozen=True)
class _Direction:
    ds: list[np.ndarray]
    dz: list[np.ndarray]
    dnu: float


class _Newton:
    """Newton's directions at one point: they share a factorization."""

    def __init__(self, at: _Interior) -> None:
        from scipy.linalg import cho_factor

        self.at, self.residual = at, at.residual()
        stiffness = [b / a for a, b in zip(at.s, at.z, strict=True)]
        M = at.Q.copy()
        M[np.diag_indices_from(M)] += stiffness[0] + stiffness[1]
        self.factor = cho_factor(M, lower=True, overwrite_a=True, check_finite=False)
        self.ones = self._solve(np.ones(len(at.w)))
        self.slab = np.inf if at.fixed else float(stiffness[2][0] + stiffness[3][0])

    def _solve(self, right: np.ndarray) -> np.ndarray:
        from scipy.linalg import cho_solve

        return cho_solve(self.factor, right, check_finite=False)

    def direction(self, targets: list[np.ndarray]) -> _Direction:
        """Return the direction in which slack times multiplier goes to ``targets``."""
        at = self.at
        aim = [t / a - b for t, a, b in zip(targets, at.s, at.z, strict=True)]
        x = self._solve(-self.residual - at.pull(aim))
        # The slab adds slab · 1 1ᵀ to the matrix: the formula of Sherman and Morrison.
        dnu = float(x.sum() / (1 / self.slab + self.ones.sum()))
        dw = x - dnu * self.ones
        ds = [dw, -dw] if at.fixed else [dw, -dw, dw.sum(keepdims=True), -dw.sum(keepdims=True)]
        dz = [a - b / c * d for a, b, c, d in zip(aim, at.z, at.s, ds, strict=True)]
        return _Direction(ds, dz, dnu if at.fixed else 0.0)


def _product(a: list[np.ndarray], b: list[np.ndarray]) -> float:
    return sum(float(x @ y) for x, y in zip(a, b, strict=True))


def _moved(values: list[np.ndarray], change: list[np.ndarray], step: float) -> list[np.ndarray]:
    return [v + step * d for v, d in zip(values, change, strict=True)]


def _reach(values: list[np.ndarray], change: list[np.ndarray], most: float = 1.0) -> float:
    """The largest step, at most ``most``, that keeps all values at 0 or above."""
    for v, d in zip(values, change, strict=True):
        falling = d < 0
        if falling.any():
            most = min(most, float((-v[falling] / d[falling]).min()))
    return most
