"""Does the relation help beyond the labels? Hold some labels out and see."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from tlbook._base.named import named
from tlbook.relations.linear import relation_probe
from tlbook.relations.matrices import check_class_numbers, check_stochastic


@dataclass(frozen=True)
class HeldOut:
    """Held-out labels of the draw, named with and without the relation.

    Attributes
    ----------
    right_with, right_without, n : int
        Right answers on the n held-out labels.
    gain : float
        Mean log-likelihood with minus without, in nats per picture.
    by_class : array of shape (classes,)
        The same for each class: the most negative entries are the rows to doubt.
    helps : bool
        Whether the gain is above 0.
    """

    right_with: int
    right_without: int
    n: int
    gain: float
    by_class: np.ndarray
    helps: bool

    def __str__(self) -> str:
        return (
            f"held-out labels: {self.right_with} of {self.n} right with the relation, "
            f"{self.right_without} without, {self.gain:+.2f} nats per picture: "
            f"{'use it' if self.helps else 'leave it out'}"
        )


@named
def held_out_gain(
    Z: Any,
    y: Any,
    profiles: Any,
    prototypes: Any,
    *,
    strength: float = 1.0,
    C: float = 0.1,
    scale: tuple[np.ndarray, np.ndarray] | None = None,
) -> HeldOut:
    """Compare the probe with and without a relation on labels of the draw that are held out.

    One label per class is held out in turn, so with k labels per class the probes are compared at
    k − 1; that favors the relation a little. It finds relations that are partly right, but worse
    than what the labels know already; :func:`~tlbook.relations.check_relation` cannot.

    Parameters
    ----------
    Z, y : arrays of shape (n, d) and (n,)
        The labeled draw, two or more labels per class.
    profiles, prototypes, strength, C, scale
        As in :func:`~tlbook.relations.relation_probe`; without the relation C is the same.

    Returns
    -------
    HeldOut

    Raises
    ------
    ValueError
        If a class has fewer than two labels, or arguments do not fit.

    References
    ----------
    Stone (1974), Cross-validatory choice and assessment of statistical predictions.
    """
    S = check_stochastic(profiles, "profiles")
    Z = np.asarray(Z, dtype=float)
    y = check_class_numbers(y, len(Z), len(S))
    counts = np.bincount(y, minlength=len(S))
    if counts.min() < 2:
        raise ValueError(
            f"y: got {counts.min()} label(s) of class {counts.argmin()}, want at least 2 of each"
        )
    order = np.zeros(len(y), dtype=int)  # the how-manieth label of its class each one is
    for c in range(len(S)):
        order[y == c] = np.arange(counts[c])
    logp = {}
    for name, power in (("with", strength), ("without", 0.0)):
        values = np.empty((len(y), len(S)))
        for fold in range(int(counts.max())):
            out = order == fold
            fitted = relation_probe(
                Z[~out], y[~out], S, prototypes, strength=power, C=C, scale=scale
            )
            values[out] = np.log(fitted.probabilities(Z[out]) + 1e-12)
        logp[name] = values
    rows = np.arange(len(y))
    each = logp["with"][rows, y] - logp["without"][rows, y]
    return HeldOut(
        right_with=int((logp["with"].argmax(axis=1) == y).sum()),
        right_without=int((logp["without"].argmax(axis=1) == y).sum()),
        n=len(y),
        gain=float(each.mean()),
        by_class=np.bincount(y, weights=each, minlength=len(S)) / counts,
        helps=bool(each.mean() > 0),
    )
