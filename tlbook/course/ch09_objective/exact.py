"""The objective with squared losses and linear models: its minimizer in closed form.

With networks one waits for a minimum; here λ and Ω can be turned like dials, and what they do is
not blurred by training.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from tlbook._base.checks import check_array, check_positive


@dataclass(frozen=True)
class SquaredLoss:
    r"""A mean squared loss over labeled rows, as a function of the weights of a linear model.

    .. math:: L(\theta) = \frac1n \lVert A \theta - y \rVert^2

    Make it with :meth:`from_rows`. It keeps the d × d sums only, so that losses can be added and
    minimized at any number of weights without touching the rows again.

    Attributes
    ----------
    gram : array of shape (d, d)
        :math:`A^\top A / n`.
    moment : array of shape (d,) or (d, outputs)
        :math:`A^\top y / n`.
    square : float
        :math:`\lVert y \rVert^2 / n`.
    n : int
        Rows.
    """

    gram: np.ndarray
    moment: np.ndarray
    square: float
    n: int

    @classmethod
    def from_rows(cls, A: Any, y: Any) -> SquaredLoss:
        """Return the loss of these rows.

        Parameters
        ----------
        A : array of shape (n, d)
        y : array of shape (n,) or (n, outputs)

        Raises
        ------
        ValueError
            If shapes do not fit, or a number is NaN or infinite.
        """
        A = check_array(A, "A", ndim=2).astype(float)
        y = check_array(y, "y", ndim=(1, 2)).astype(float)
        if len(y) != len(A):
            raise ValueError(f"y: got {len(y)} rows, want {len(A)} like A")
        n = len(A)
        return cls(A.T @ A / n, A.T @ y / n, float((y**2).sum() / n), n)

    def __call__(self, theta: Any) -> float:
        """Return the loss at these weights."""
        theta = np.asarray(theta, dtype=float)
        fit = np.sum(theta * (self.gram @ theta)) - 2 * np.sum(theta * self.moment)
        return float(fit + self.square)


def minimize(
    source: SquaredLoss | None,
    target: SquaredLoss | None = None,
    weight: float = 1.0,
    omega: float = 0.0,
    near: Any = None,
) -> np.ndarray:
    r"""Return the weights that minimize the objective, exactly.

    .. math:: \min_\theta L_S(\theta) + \lambda L_T(\theta) + \omega \lVert\theta-\theta_0\rVert^2

    Parameters
    ----------
    source, target : SquaredLoss or None
        ``None`` leaves that loss out.
    weight : float
        λ, on the target's loss.
    omega : float
        Strength of Ω.
    near : array like θ, optional
        θ_0: zero (ridge regression) by default; the source's solution makes it L2-SP.

    Raises
    ------
    ValueError
        If there is no loss, a number is negative, or the minimizer is not unique.
    """
    check_positive(weight, "weight", zero_ok=True)
    check_positive(omega, "omega", zero_ok=True)
    losses = [(1.0, source), (float(weight), target)]
    there = [(w, loss) for w, loss in losses if loss is not None and w > 0]
    if not there:
        raise ValueError("source, target: got no loss with a weight, want something to minimize")
    gram = sum(w * loss.gram for w, loss in there) + omega * np.eye(len(there[0][1].gram))
    moment = sum(w * loss.moment for w, loss in there)
    if near is not None and omega:
        moment = moment + omega * check_array(near, "near").reshape(np.shape(moment))
    from scipy.linalg import cho_factor, cho_solve

    try:
        factor = cho_factor(gram)
    except np.linalg.LinAlgError:
        raise ValueError(
            f"omega: got {omega:g}, with which the minimizer is not unique; want it larger"
        ) from None
    return cho_solve(factor, moment)


@dataclass(frozen=True)
class Fixed:
    """Rows whose inputs are fixed and whose true outputs are known: only the noise is random.

    Attributes
    ----------
    A : array of shape (n, d)
    truth : array of shape (n,)
        What y would be without noise.
    """

    A: np.ndarray
    truth: np.ndarray

    def with_noise(self, noise: float, rng: np.random.Generator) -> SquaredLoss:
        """Return the loss of one draw of the outputs."""
        return SquaredLoss.from_rows(self.A, self.truth + noise * rng.normal(size=len(self.A)))


def expected_risk(
    source: Fixed | None,
    target: Fixed | None,
    truth: Any,
    noise: float,
    weight: float = 1.0,
    omega: float = 0.0,
    near_source: float = 0.0,
) -> tuple[float, float]:
    r"""Return squared bias and variance of the minimizer, averaged over all draws of the noise.

    The minimizer is linear in y, :math:`\hat\theta = B_S y_S + B_T y_T`, so that no simulation is
    needed: the bias is that of noiseless outputs, the variance
    :math:`\sigma^2 (\lVert B_S\rVert^2 + \lVert B_T\rVert^2)`.

    Parameters
    ----------
    source, target : Fixed or None
    truth : array of shape (d,)
        Weights of the true function in an orthonormal basis; errors are squared distances to it.
    noise : float
        σ.
    weight, omega : float
        λ and the strength of Ω = ω‖θ‖².
    near_source : float
        Strength of a pull to the source's own least-squares solution instead (L2-SP).

    Returns
    -------
    bias, variance
        Squared bias and variance; their sum is the expected squared error.

    Raises
    ------
    ValueError
        If there are no rows, a number is negative, or the minimizer is not unique.
    """
    check_positive(noise, "noise", zero_ok=True)
    for name, value in {"weight": weight, "omega": omega, "near_source": near_source}.items():
        check_positive(value, name, zero_ok=True)
    truth = check_array(truth, "truth", ndim=1)
    parts = [(1.0, source), (float(weight), target)]
    there = [(w, rows) for w, rows in parts if rows is not None and w > 0]
    if not there:
        raise ValueError("source, target: got no rows with a weight, want some")
    gram = sum(w * rows.A.T @ rows.A / len(rows.A) for w, rows in there)
    gram = gram + (omega + near_source) * np.eye(len(truth))
    maps = [w * rows.A.T / len(rows.A) for w, rows in there]
    if near_source:
        if source is None:
            raise ValueError("near_source: got a pull to the source, but no source")
        maps[0] = maps[0] + near_source * np.linalg.pinv(source.A)
    if np.linalg.cond(gram) > 1e14:
        raise ValueError(f"omega: got {omega:g}, with which the minimizer is not unique")
    maps = [np.linalg.solve(gram, m) for m in maps]
    mean = sum(m @ rows.truth for m, (_, rows) in zip(maps, there, strict=True))
    variance = noise**2 * sum(float((m**2).sum()) for m in maps)
    return float(((mean - truth) ** 2).sum()), variance
