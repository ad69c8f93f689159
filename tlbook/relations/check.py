"""Is the relation right? Ask the few labels that were bought, before using it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from tlbook._base.checks import check_array, check_positive, check_probability
from tlbook._base.named import named
from tlbook.relations.linear import relation_probe
from tlbook.relations.matrices import check_class_numbers, check_stochastic


@dataclass(frozen=True)
class RelationCheck:
    """What the labeled pictures say about a relation that never saw them.

    Attributes
    ----------
    right, n : int
        How many of the n labeled pictures the relation alone names rightly.
    expected : float
        How many a relation without meaning would, on average: the answers stay, the labels are
        dealt out anew.
    p_value : float
        Probability that a meaningless relation gets as many or more.
    gain : float
        Mean log-likelihood of the labels above guessing uniformly, in nats per picture; negative
        where the relation is surely wrong.
    trusted : bool
        Whether ``p_value`` is at most the level asked for.
    """

    right: int
    n: int
    expected: float
    p_value: float
    gain: float
    trusted: bool

    def __str__(self) -> str:
        verdict = "trusted" if self.trusted else "not trusted"
        return (
            f"the relation alone names {self.right} of {self.n} labeled pictures rightly "
            f"(without meaning: {self.expected:.1f}), p = {self.p_value:.2g}, "
            f"{self.gain:+.2f} nats per picture: {verdict}"
        )


@named
def check_relation(
    Z: Any,
    y: Any,
    profiles: Any,
    prototypes: Any,
    *,
    level: float = 0.05,
    C: float = 0.1,
    strength: float = 1.0,
    scale: tuple[np.ndarray, np.ndarray] | None = None,
    permutations: int = 2000,
    seed: int = 0,
) -> RelationCheck:
    """Test a relation on the labels that are there anyway; no further label is looked at.

    The classifier made from the relation alone (``relation_probe`` with no label) has not seen the
    labeled pictures, so for it they are a clean test set, however small. Its number of right
    answers is compared with the numbers that it gets when the labels are dealt out at random.

    Parameters
    ----------
    Z, y : arrays of shape (n, d) and (n,)
        Features and labels of the labeled draw. They must not have been used to make the
        profiles.
    profiles, prototypes, C, strength, scale
        As in :func:`~tlbook.relations.relation_probe`.
    level : float
        Trust the relation if p is at most this.
    permutations, seed : int
        Random deals of the labels, and their seed.

    Returns
    -------
    RelationCheck

    Raises
    ------
    ValueError
        If the arrays do not fit.

    Examples
    --------
    >>> import numpy as np
    >>> from tlbook.relations import check_relation, stated_profiles, permuted
    >>> rng = np.random.default_rng(0)
    >>> prototypes = 4 * np.eye(3)  # mean features of O, l, S
    >>> y = np.repeat([0, 1, 2], 5)  # 0, 1, 5
    >>> Z = prototypes[y] + rng.normal(size=(15, 3))
    >>> profiles = stated_profiles(["O", "l", "S"], known="OlS")
    >>> check_relation(Z, y, profiles, prototypes).trusted
    True
    >>> check_relation(Z, y, permuted(profiles), prototypes).trusted
    False
    """
    S = check_stochastic(profiles, "profiles")
    labels = check_class_numbers(y, None, len(S))
    check_probability(level, "level")
    check_positive(permutations, "permutations", integer=True)
    alone = relation_probe(
        np.empty((0, np.shape(prototypes)[1])), [], S, prototypes, strength=strength, C=C,
        scale=scale,
    )  # fmt: skip
    P = alone.probabilities(check_array(Z, "Z", ndim=2).astype(float))
    if not np.isfinite(P).all():
        raise ValueError("Z: got values so large that the probabilities are not finite")
    if len(P) != len(labels):
        raise ValueError(f"y: got {len(labels)} labels, want {len(P)}, one per row of Z")
    answer = P.argmax(axis=1)
    right = int((answer == labels).sum())
    rng = np.random.default_rng(seed)
    dealt = rng.permuted(np.tile(labels, (permutations, 1)), axis=1)
    counts = (dealt == answer).sum(axis=1)
    p = float((1 + (counts >= right).sum()) / (1 + permutations))
    gain = float(np.mean(np.log(P[np.arange(len(P)), labels] + 1e-12)) + np.log(len(S)))
    return RelationCheck(right, len(labels), float(counts.mean()), p, gain, p <= level)
