"""A world of two features and two classes in which everything is known, with three dials."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from tlbook._base.checks import check_array, check_positive, check_probability
from tlbook.domains.domain import Domain

CENTER = np.array([-1.2, 0.0])
"""Mean of the source inputs; dial "covariate" moves it to its mirror image (1.2, 0)."""

STEEPNESS = 3.0
ODDS = 9.0
"""Dial "label" at 1 multiplies the odds of class 1 by this."""

ANGLE = np.pi / 2
"""Dial "concept" at 1 turns the border between the classes by this about ``CENTER``."""

_SPAN, _STEP = 8.0, 0.1


@dataclass(frozen=True)
class ToyWorld:
    """A joint distribution of x in R² and y in {0, 1} with three dials, each in [0, 1].

    With all dials at 0 it is the source: ``x ~ N(CENTER, I)`` and
    ``P(y=1 | x) = σ(g(x))``, ``g(x) = 3 (x₂ − x₁²/2 + 1.2)``: the border is a parabola. Then

    - *covariate* moves the mean of x along x₁ and leaves P(Y|X) alone;
    - *concept* turns g about ``CENTER`` and leaves P(X) alone;
    - *label* multiplies the odds of class 1, ``Q(x, y) ∝ v_y P(x, y)`` with
      ``v_1 / v_0 = 9^dial``, and leaves P(X|Y) alone.

    A dial moves one factor; the other marginals follow from Bayes' rule and may move too. With
    several dials the order is: move x, turn g, then change the class mix.

    Parameters
    ----------
    covariate, label, concept : float
        The dials. Equal dials make the same world.

    Raises
    ------
    ValueError
        If a dial lies outside [0, 1].

    References
    ----------
    Moreno-Torres et al., "A unifying view on dataset shift in classification", Pattern
    Recognition 2012.
    """

    covariate: float = 0.0
    label: float = 0.0
    concept: float = 0.0

    def __post_init__(self) -> None:
        for dial in ("covariate", "label", "concept"):
            object.__setattr__(self, dial, check_probability(getattr(self, dial), dial))

    @property
    def center(self) -> np.ndarray:
        """Mean of x before the class mix is changed, shape (2,)."""
        return CENTER * np.array([1 - 2 * self.covariate, 1.0])

    def log_odds(self, X: Any) -> np.ndarray:
        """Return ``log P(y=1|x) / P(y=0|x)`` for X of shape (n, 2); the border is where it is 0."""
        X = _points(X)
        turn = ANGLE * self.concept
        cos, sin = np.cos(turn), np.sin(turn)
        x1, x2 = (X - CENTER).T
        u1 = cos * x1 + sin * x2 + CENTER[0]
        u2 = cos * x2 - sin * x1 + CENTER[1]
        return STEEPNESS * (u2 - 0.5 * u1**2 + 1.2) + self.label * np.log(ODDS)

    def posterior(self, X: Any) -> np.ndarray:
        """Return P(y=1 | x), shape (n,)."""
        return _sigmoid(self.log_odds(X))

    def density(self, X: Any) -> np.ndarray:
        """Return the density of x, shape (n,); it integrates to 1 over the plane."""
        return self._joint(X).sum(axis=1) / self._mass().sum()

    @property
    def prior(self) -> float:
        """P(y=1)."""
        mass = self._mass()
        return float(mass[1] / mass.sum())

    def class_density(self, X: Any, y: int) -> np.ndarray:
        """Return the density of x given class ``y``, shape (n,)."""
        if y not in (0, 1):
            raise ValueError(f"y: got {y!r}, want class 0 or 1")
        return self._joint(X)[:, y] / self._mass()[y]

    def bayes(self, X: Any) -> np.ndarray:
        """Return the answers of the best possible classifier: 1 where P(y=1|x) > 1/2."""
        return (self.log_odds(X) > 0).astype(int)

    @property
    def bayes_error(self) -> float:
        """Error of the best possible classifier in this world."""
        return self.error(self.bayes)

    def error(self, predict: Callable[[np.ndarray], Any]) -> float:
        """Return the probability that ``predict(x) ≠ y``, by quadrature: no test set, no noise.

        Parameters
        ----------
        predict : function
            Takes X of shape (n, 2), returns n labels in {0, 1}.
        """
        grid, joint = _grid(self)
        answer = np.asarray(predict(grid.copy()))
        if answer.shape != (len(grid),) or not np.isin(answer, (0, 1)).all():
            raise ValueError(
                f"predict: returned shape {answer.shape}, want {(len(grid),)} labels, 0 or 1"
            )
        return float(joint[np.arange(len(grid)), 1 - answer.astype(int)].sum() / joint.sum())

    def sample(self, n: int, seed: int = 0) -> Domain:
        """Draw ``n`` independent pairs (x, y) as a labeled :class:`Domain`."""
        check_positive(n, "n", integer=True)
        rng = np.random.default_rng(seed)
        plain = ToyWorld(self.covariate, 0.0, self.concept)
        keep = np.array([ODDS**-self.label, 1.0])  # v_y, scaled to at most 1
        xs: list[np.ndarray] = []
        ys: list[np.ndarray] = []
        while sum(map(len, ys)) < n:
            X = self.center + rng.standard_normal((n, 2))
            y = (rng.random(n) < plain.posterior(X)).astype(int)
            kept = rng.random(n) < keep[y]
            xs.append(X[kept])
            ys.append(y[kept])
        X, y = np.concatenate(xs)[:n], np.concatenate(ys)[:n]
        return Domain(repr(self), X, y, classes=("0", "1"))

    def _joint(self, X: Any) -> np.ndarray:
        """Return ``v_y P(x, y)`` without its constant, shape (n, 2)."""
        X = _points(X)
        marginal = np.exp(-0.5 * ((X - self.center) ** 2).sum(axis=1)) / (2 * np.pi)
        tilt = self.label * np.log(ODDS)
        positive = _sigmoid(self.log_odds(X) - tilt)
        return np.stack([marginal * (1 - positive), np.exp(tilt) * marginal * positive], axis=1)

    def _mass(self) -> np.ndarray:
        return _grid(self)[1].sum(axis=0)


@lru_cache(maxsize=32)
def _grid(world: ToyWorld) -> tuple[np.ndarray, np.ndarray]:
    """Return the points of the quadrature and the joint mass at each, of shape (n, 2)."""
    axis = np.arange(-_SPAN, _SPAN + _STEP / 2, _STEP)
    points = np.stack(np.meshgrid(axis, axis), axis=-1).reshape(-1, 2)
    joint = world._joint(points) * _STEP**2
    points.setflags(write=False)
    joint.setflags(write=False)
    return points, joint


def _sigmoid(z: np.ndarray) -> np.ndarray:
    return 0.5 * (1 + np.tanh(0.5 * z))  # never overflows


def _points(X: Any) -> np.ndarray:
    X = check_array(X, "X", ndim=2).astype(float)
    if X.shape[1] != 2:
        raise ValueError(f"X: got {X.shape[1]} features, want 2")
    return X
