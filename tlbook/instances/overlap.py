"""Can weighting work here? Effective sample size and the signs of missing overlap."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np

from tlbook._base.checks import check_array, check_positive, check_probability, check_same_features
from tlbook._base.estimators import dense
from tlbook._base.named import named

FEW = 30
"""Fewer effective rows than this are too few for almost any fit."""

LIMITS = {"auc": 0.95, "ess_share": 0.05, "top_share": 0.3, "outside": 0.1}
"""Where a number becomes a warning; rules of thumb, meant to be read with the number itself."""


class OverlapWarning(UserWarning):
    """Source and target overlap too little for importance weights to be trusted."""


@named
def effective_sample_size(weights: Any) -> float:
    r"""Return how many equally weighted rows have the variance of these weighted ones.

    .. math:: \mathrm{ESS} = \frac{(\sum_i w_i)^2}{\sum_i w_i^2}

    It is n for equal weights and 1 if one row carries everything. With
    :math:`w` of mean 1, ESS = n / (1 + var(w)).

    Parameters
    ----------
    weights : array of shape (n,), not negative, not all zero

    Raises
    ------
    ValueError
        If a weight is negative or not finite, or all are zero.

    References
    ----------
    Kong, A note on importance sampling using standardized weights, University of Chicago 1992.

    Examples
    --------
    >>> from tlbook.instances import effective_sample_size
    >>> effective_sample_size([1, 1, 1, 1])
    4.0
    >>> round(effective_sample_size([10, 1, 1, 1]), 2)  # one row carries nearly everything
    1.64
    """
    w = _weights(weights)
    w = w / w.max()  # squares of large weights would overflow
    return float(w.sum() ** 2 / (w @ w))


@dataclass(frozen=True)
class OverlapReport:
    """What :func:`overlap_report` found.

    Attributes
    ----------
    n_source, n_target : int
    domain_auc : float
        Probability that a domain classifier, on rows it was not fitted to, gives a target row a
        higher score than a source row: 0.5 cannot tell them apart, 1 separates them.
    ess : float
        Effective sample size of the weights.
    top_share : float
        Share of the total weight that lies on the heaviest 1 % of the source rows.
    outside : float
        Share of target rows farther from the source than 99 % of the source rows are from each
        other (nearest neighbors). About 0.01 where the domains are the same.
    problems : tuple of str
        A sentence for every number beyond its limit; empty if weighting may work.
    """

    n_source: int
    n_target: int
    domain_auc: float
    ess: float
    top_share: float
    outside: float
    problems: tuple[str, ...]

    @property
    def ok(self) -> bool:
        """Whether no number is beyond its limit."""
        return not self.problems

    @property
    def ess_share(self) -> float:
        """Effective sample size as a share of the source rows."""
        return self.ess / self.n_source

    def __str__(self) -> str:
        lines = [
            f"domain classifier, AUC               {self.domain_auc:.2f}  (0.5 same, 1 separable)",
            f"effective sample size                {self.ess:.1f} of {self.n_source} source rows",
            f"weight on the heaviest 1 % of rows   {self.top_share:.0%}",
            f"target rows outside the source       {self.outside:.0%}  (1 % if P = Q)",
        ]
        if self.ok:
            return "\n".join([*lines, "✓ nothing speaks against weighting"])
        return "\n".join([*lines, *(f"✗ {problem}" for problem in self.problems)])


@named
def overlap_report(
    Xs: Any,
    Xt: Any,
    weights: Any = None,
    *,
    classifier: Any = None,
    neighbors: int = 5,
    warn: bool = True,
    seed: int = 0,
) -> OverlapReport:
    """Say whether the source overlaps with the target enough for weighting to work.

    It can only look at inputs: that P(Y|X) is the same in both domains it takes on trust.

    Parameters
    ----------
    Xs, Xt : arrays of shape (n_s, d) and (n_t, d)
        At least ``neighbors + 1`` and at least 5 rows. Distances are Euclidean: standardize
        features of different kinds first.
    weights : array of shape (n_s,), optional
        Weights to judge; by default those of :class:`DensityRatio`.
    classifier : scikit-learn classifier, optional
        The domain classifier, as in :class:`DensityRatio`.
    neighbors : int
        Distances are those to the nearest neighbor of this rank.
    warn : bool
        Also issue an :class:`OverlapWarning` that names the problems.
    seed : int
        Seed of the folds.

    Raises
    ------
    ValueError
        If the inputs do not fit.

    Examples
    --------
    >>> import numpy as np
    >>> from tlbook.instances import overlap_report
    >>> rng = np.random.default_rng(0)
    >>> Xs = rng.normal(size=(200, 2))
    >>> overlap_report(Xs, rng.normal(size=(200, 2))).ok
    True
    >>> report = overlap_report(Xs, rng.normal(6, 1, size=(200, 2)), warn=False)
    >>> report.ok, round(report.domain_auc, 2)
    (False, 1.0)
    """
    from tlbook.instances.ratio import DensityRatio

    neighbors = check_positive(neighbors, "neighbors", integer=True)
    rows = max(5, neighbors + 1)
    source, target = dense(Xs, "Xs", rows), dense(Xt, "Xt", 5)
    check_same_features(source, target, ("Xs", "Xt"))
    ratio = DensityRatio(classifier, seed=seed).fit(source, target)
    w = ratio.weights_ if weights is None else _weights(weights)
    if len(w) != len(source):
        raise ValueError(f"weights: got {len(w)}, want {len(source)}, one per source row")
    top = max(1, round(0.01 * len(w)))
    numbers = {
        "domain_auc": ratio.domain_auc_,
        "ess": effective_sample_size(w),
        "top_share": float(np.sort(w)[-top:].sum() / w.sum()),
        "outside": outside_share(source, target, neighbors),
    }
    report = OverlapReport(
        len(source), len(target), **numbers, problems=_problems(len(source), **numbers)
    )
    if warn and not report.ok:
        warnings.warn("; ".join(report.problems), OverlapWarning, stacklevel=2)
    return report


def outside_share(Xs: Any, Xt: Any, neighbors: int = 5, quantile: float = 0.99) -> float:
    """Return the share of target rows that lie outside the source's support.

    A target row is outside if its nearest source row (of rank ``neighbors``) is farther away than
    that of a share ``quantile`` of the source rows, each without itself.

    Parameters
    ----------
    Xs, Xt : arrays of shape (n_s, d) and (n_t, d), n_s above ``neighbors``
    neighbors : int
    quantile : float in [0, 1]
    """
    from sklearn.neighbors import NearestNeighbors

    check_probability(quantile, "quantile")
    search = NearestNeighbors(n_neighbors=neighbors).fit(Xs)
    own = search.kneighbors()[0][:, -1]  # a row is not its own neighbor
    limit = np.quantile(own, quantile, method="higher")
    return float(np.mean(search.kneighbors(Xt)[0][:, -1] > limit))


def _weights(weights: Any) -> np.ndarray:
    w = check_array(weights, "weights", ndim=1).astype(np.float64)
    if (w < 0).any():
        raise ValueError(f"weights: got {w.min():.3g}, want none below 0")
    if not w.any():
        raise ValueError("weights: got zeros only, want a positive one")
    return w


def _problems(
    n: int, domain_auc: float, ess: float, top_share: float, outside: float
) -> tuple[str, ...]:
    found = []
    if domain_auc > LIMITS["auc"]:
        found.append(f"a classifier separates source and target (AUC {domain_auc:.2f})")
    if ess < min(max(FEW, LIMITS["ess_share"] * n), n / 2):
        found.append(f"the weights leave {ess:.1f} effective rows of {n}")
    if top_share > LIMITS["top_share"]:
        found.append(f"one row in a hundred carries {top_share:.0%} of the weight")
    if outside > LIMITS["outside"]:
        found.append(f"{outside:.0%} of the target lies where the source has no rows")
    return tuple(found)
