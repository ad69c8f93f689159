"""The target's class mix, if nothing else has changed: an estimate, an interval, a condition."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tlbook.diagnosis.source_model import SourceModel
from tlbook.instances import bbse_prior


@dataclass(frozen=True, eq=False)
class LabelMix:
    """Class shares of source and target, shape (k,) each.

    Attributes
    ----------
    source, target : array of shape (k,)
    low, high : array of shape (k,)
        95 % interval of the target's shares over bootstrap samples of both domains.
    condition : float
        Of the confusion matrix; large: the answers hardly depend on the class.
    changed : bool
        Whether the source's share lies outside the interval of some class, the intervals being
        widened for the number of classes.
    """

    source: np.ndarray
    target: np.ndarray
    low: np.ndarray
    high: np.ndarray
    condition: float
    changed: bool


def estimate_mix(
    model: SourceModel, on_target: np.ndarray, resamples: int = 200, seed: int = 0
) -> LabelMix:
    """Estimate the target's class mix from the probabilities (m, k) that a source model gives it.

    Parameters
    ----------
    model : SourceModel
    on_target : array of shape (m, k)
    resamples : int
    seed : int
        Of the bootstrap.

    See Also
    --------
    tlbook.instances.bbse_prior : the estimate, here from soft answers.
    """
    rng = np.random.default_rng(seed)
    k, codes, held = len(model.classes), model.codes, model.held_out
    found = bbse_prior(codes, held, on_target, classes=np.arange(k))
    rows = [np.flatnonzero(codes == c) for c in range(k)]
    drawn = np.empty((resamples, k))
    for r in range(resamples):
        own = np.concatenate([rng.choice(inside, len(inside)) for inside in rows])
        other = rng.integers(len(on_target), size=len(on_target))
        drawn[r] = bbse_prior(codes[own], held[own], on_target[other], np.arange(k)).prior
    low, high = np.quantile(drawn, [0.025, 0.975], axis=0)
    wide = np.quantile(drawn, [0.025 / k, 1 - 0.025 / k], axis=0)
    changed = bool(((found.source < wide[0]) | (found.source > wide[1])).any())
    return LabelMix(found.source, found.prior, low, high, found.condition, changed)
