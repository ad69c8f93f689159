"""A source and a target on one interval whose true curves turn away from each other by a phase.

The inputs are drawn alike in both domains; only P(Y given X) changes, from the same curve (0°) to
its mirror image (180°). Curves and models live in one orthonormal basis, so every error is a
squared distance of weights and nothing has to be estimated.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.polynomial import legendre

from tlbook._base.checks import check_array, check_positive
from tlbook.course.ch09_objective.exact import Fixed

DIMENSION = 8  # polynomials of degree 0 to 7: enough for one wave


class Waves(NamedTuple):
    """Fixed inputs with their true outputs, and the true weights in both domains."""

    source: Fixed
    target: Fixed
    source_truth: np.ndarray
    target_truth: np.ndarray
    source_x: np.ndarray
    target_x: np.ndarray


def basis(x: Any) -> np.ndarray:
    """Return Legendre polynomials at x, orthonormal for the uniform law on [−1, 1]: (n, 8)."""
    x = check_array(x, "x", ndim=1)
    return legendre.legvander(x, DIMENSION - 1) * np.sqrt(2 * np.arange(DIMENSION) + 1)


def wave(phase: float) -> np.ndarray:
    """Return the weights of the polynomial nearest to sin(πx + phase), phase in degrees."""
    if not np.isfinite(phase):
        raise ValueError(f"phase: got {phase!r}, want degrees")
    nodes, weights = legendre.leggauss(60)
    return basis(nodes).T @ (weights / 2 * np.sin(np.pi * nodes + np.deg2rad(phase)))


def waves(phase: float, n_source: int = 200, n_target: int = 12, seed: int = 0) -> Waves:
    """Return fixed inputs and true curves: sin(πx) in the source, sin(πx + phase) in the target.

    Parameters
    ----------
    phase : float
        Degrees: 0 is the same curve, 180 the mirrored one.
    n_source, n_target : int
        Labeled rows. For one seed more target rows contain the fewer.
    seed : int
        Of the inputs.

    Raises
    ------
    ValueError
        If a number is out of range.
    """
    check_positive(n_source, "n_source", integer=True)
    check_positive(n_target, "n_target", integer=True)
    theta_s, theta_t = wave(0.0), wave(phase)
    source_x = np.random.default_rng([seed, 0]).uniform(-1, 1, n_source)
    target_x = np.random.default_rng([seed, 1]).uniform(-1, 1, n_target)
    A_s, A_t = basis(source_x), basis(target_x)
    return Waves(
        Fixed(A_s, A_s @ theta_s), Fixed(A_t, A_t @ theta_t), theta_s, theta_t, source_x, target_x
    )
