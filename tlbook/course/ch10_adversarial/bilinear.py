"""The smallest game of all, f(x, y) = xy: how two players that descend can fail to meet."""

from __future__ import annotations

import numpy as np

from tlbook._base.checks import check_array, check_choice, check_positive

METHODS = ("simultaneous", "alternating", "extragradient")


def play_bilinear(
    method: str = "simultaneous",
    steps: int = 100,
    lr: float = 0.1,
    start: tuple[float, float] = (1.0, 0.0),
    damping: float = 0.0,
) -> np.ndarray:
    r"""Return the path of two players, (steps + 1, 2).

    .. math:: \min_x \max_y \; f(x, y) = xy - \frac{\gamma}{2} y^2

    x goes down the slope :math:`\partial f/\partial x = y`, y goes up
    :math:`\partial f/\partial y = x - \gamma y`. The only fixed point is (0, 0).

    Parameters
    ----------
    method : {"simultaneous", "alternating", "extragradient"}
        Both from the same point; y after it has seen the new x; both with the slope at the point
        that a simultaneous step would reach.
    steps : int
        Number of steps.
    lr : float
        :math:`\eta`, length of a step.
    start : (float, float)
        Where they begin.
    damping : float
        :math:`\gamma \ge 0`, weight decay of the player who maximizes: a regularized
        discriminator.

    Raises
    ------
    ValueError
        If an argument is out of range.

    References
    ----------
    Korpelevich (1976), The extragradient method for finding saddle points and other problems.
    Mescheder, Geiger & Nowozin (2018), Which training methods for GANs do actually converge?
    """
    check_choice(method, "method", METHODS)
    check_positive(steps, "steps", integer=True)
    check_positive(lr, "lr")
    check_positive(damping, "damping", zero_ok=True)
    x, y = map(float, check_array(start, "start", ndim=1, min_rows=2, dtype=float)[:2])
    path = [(x, y)]
    for _ in range(steps):
        if method == "simultaneous":
            x, y = x - lr * y, y + lr * (x - damping * y)
        elif method == "alternating":
            x = x - lr * y
            y = y + lr * (x - damping * y)
        else:
            ahead_x, ahead_y = x - lr * y, y + lr * (x - damping * y)
            x, y = x - lr * ahead_y, y + lr * (ahead_x - damping * ahead_y)
        path.append((x, y))
    return np.array(path)


def growth_factor(method: str, lr: float) -> float:
    r"""Return the factor by which a step changes the distance from (0, 0), without damping.

    .. math:: \sqrt{1 + \eta^2} \text{ (simultaneous)}, \qquad 1 \text{ (alternating, on average)},
              \qquad \sqrt{1 - \eta^2 + \eta^4} \text{ (extragradient)}

    These are the moduli of the eigenvalues of the step, a linear map; for alternating steps they
    hold for :math:`\eta \le 2`.

    Raises
    ------
    ValueError
        If the method is unknown, or ``lr`` is not positive (alternating: or above 2).
    """
    check_choice(method, "method", METHODS)
    check_positive(lr, "lr")
    if method == "alternating":
        if lr > 2:
            raise ValueError(f"lr: got {lr!r}, want at most 2 for alternating steps")
        return 1.0
    if method == "simultaneous":
        return float(np.sqrt(1 + lr**2))
    return float(np.sqrt(1 - lr**2 + lr**4))
