"""CORAL, MMD and a linear probe on shards: a pass over blocks, memory that rows do not change."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from tlbook._base.checks import check_positive, check_probability
from tlbook.features.coral import CORAL, _inverse_root, _root
from tlbook.finetuning.probe import Probe
from tlbook.scale.shards import Shards

SAMPLE = 2000
"""Rows for the median of the distances."""


@dataclass(frozen=True)
class Moments:
    """Number, mean (d,) and scatter (d, d) of rows; those of two parts add up to those of both."""

    n: int
    mean: np.ndarray
    scatter: np.ndarray

    def __add__(self, other: Moments) -> Moments:
        r"""With :math:`\delta` the difference of the means:
        :math:`S = S_1 + S_2 + \frac{n_1 n_2}{n_1 + n_2} \delta \delta^\top`."""
        n, gap = self.n + other.n, other.mean - self.mean
        scatter = self.scatter + other.scatter + np.outer(gap, gap) * (self.n * other.n / n)
        return Moments(n, self.mean + gap * (other.n / n), scatter)


def moments(shards: Shards) -> Moments:
    """Return the moments of all rows, one block at a time.

    References
    ----------
    Chan, Golub & LeVeque, Updating formulae and a pairwise algorithm for computing sample
    variances, 1979.
    """
    total: Moments | None = None
    for Z, _ in shards.blocks(labels=False):
        mean = Z.mean(axis=0)
        Z -= mean
        part = Moments(len(Z), mean, Z.T @ Z)
        total = part if total is None else total + part
    assert total is not None
    return total


def coral(source: Moments, target: Moments, shrinkage: float = 0.1) -> CORAL:
    """Return :class:`tlbook.features.CORAL` as fitted to the rows behind two moments.

    Parameters
    ----------
    source, target : Moments
    shrinkage : float in [0, 1]

    Raises
    ------
    ValueError
        If the source's covariance is singular after shrinkage.
    """
    check_probability(shrinkage, "shrinkage")
    found = CORAL(shrinkage)
    covariances = []
    for part in (source, target):
        covariance = part.scatter / part.n
        d = len(covariance)
        level = np.trace(covariance) / d
        covariance *= 1 - shrinkage
        covariance.flat[:: d + 1] += shrinkage * level
        covariances.append(covariance)
    found.mean_source_, found.mean_target_ = source.mean, target.mean
    found.covariance_source_, found.covariance_target_ = covariances
    found.shrinkage_ = (shrinkage, shrinkage)
    found.matrix_ = _inverse_root(covariances[0], shrinkage) @ _root(covariances[1])
    found._offset = target.mean
    found.n_features_in_ = len(source.mean)
    return found


def mmd2(
    source: Shards,
    target: Shards,
    bandwidth: float | str = "median",
    n_features: int = 1024,
    seed: int = 0,
) -> float:
    """Return the squared MMD by random Fourier features, unbiased, in one pass.

    Parameters
    ----------
    source, target : Shards
    bandwidth : "median" or float
        The median of the distances in a sample of 2,000 rows of each.
    n_features, seed
        As in :func:`tlbook.distances.mmd2_random_features`.
    """
    from tlbook.distances import median_bandwidth

    check_positive(n_features, "n_features", integer=True)
    near, far = (shards.sample(SAMPLE, seed) for shards in (source, target))
    sigma = median_bandwidth(near, far) if bandwidth == "median" else bandwidth
    check_positive(sigma, "bandwidth")
    center = (near.mean(axis=0) + far.mean(axis=0)) / 2
    rng = np.random.default_rng(seed)
    directions = rng.standard_normal((source.dim, n_features)) / float(sigma)
    means = [_mean_features(shards, center, directions) for shards in (source, target)]
    (x, n), (y, m) = (
        (mean, shards.rows) for mean, shards in zip(means, (source, target), strict=True)
    )
    within = (n * (x @ x) - 1) / (n - 1) + (m * (y @ y) - 1) / (m - 1)
    return float(within - 2 * (x @ y))


def _mean_features(shards: Shards, center: Any, directions: np.ndarray) -> np.ndarray:
    total = np.zeros(2 * directions.shape[1])
    for Z, _ in shards.blocks(1024, labels=False):  # the angles are wider than the rows
        angles = (Z - center) @ directions
        total += np.concatenate([np.cos(angles).sum(axis=0), np.sin(angles).sum(axis=0)])
    return total / (shards.rows * directions.shape[1] ** 0.5)


def linear_probe(shards: Shards, *, C: float = 1.0, iterations: int = 100) -> Probe:
    """Return the probe that :func:`tlbook.finetuning.linear_probe` fits, from labeled shards.

    Every step of L-BFGS sums the gradient over one pass.

    Parameters
    ----------
    shards : Shards
        With labels.
    C : float
        Inverse strength of the L2 regularization.
    iterations : int
        At most so many steps.

    Raises
    ------
    ValueError
        If a shard has no labels, or there is one class only.
    """
    from scipy.optimize import minimize

    check_positive(C, "C")
    check_positive(iterations, "iterations", integer=True)
    classes = shards.classes
    if len(classes) < 2:
        raise ValueError(f"shards: got {len(classes)} class, want at least 2")
    whole = moments(shards)
    scale = np.sqrt(np.diag(whole.scatter) / whole.n)
    scale[scale == 0] = 1.0
    k, d = len(classes), shards.dim

    def loss(flat: np.ndarray) -> tuple[float, np.ndarray]:
        weights = flat.reshape(k, d + 1)
        value, gradient = 0.0, np.zeros_like(weights)
        for Z, y in shards.blocks():
            Z -= whole.mean
            Z /= scale
            logits = Z @ weights[:, :d].T + weights[:, d]
            logits -= logits.max(axis=1, keepdims=True)
            P = np.exp(logits)
            sums = P.sum(axis=1)
            at = np.searchsorted(classes, np.asarray(y))
            rows = np.arange(len(Z))
            value += float((np.log(sums) - logits[rows, at]).sum())
            P /= sums[:, None]
            P[rows, at] -= 1
            gradient[:, :d] += P.T @ Z
            gradient[:, d] += P.sum(axis=0)
        # Divided by the rows: L-BFGS stops by the size of the gradient.
        value = (value + (weights[:, :d] ** 2).sum() / (2 * C)) / whole.n
        gradient[:, :d] += weights[:, :d] / C
        return value, gradient.ravel() / whole.n

    options = {"maxiter": iterations, "gtol": 1e-6, "ftol": 1e-12}
    start = np.zeros(k * (d + 1))
    fitted = minimize(loss, start, jac=True, method="L-BFGS-B", options=options)
    weights = fitted.x.reshape(k, d + 1)
    weight = weights[:, :d] / scale
    return Probe(np.asarray, weight, weights[:, d] - weight @ whole.mean, classes)
