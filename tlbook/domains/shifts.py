"""Three ways in which a target may differ from its source, made on purpose and one at a time.

A joint distribution factors as P(X) P(Y|X) and as P(Y) P(X|Y). Each simulator takes a labeled
sample and changes one factor:

====================  ===============  ===============  =====================================
simulator             changes          leaves alone     how
====================  ===============  ===============  =====================================
:func:`covariate_shift`  P(X)          P(Y|X)           drops rows by their inputs only
:func:`label_shift`      P(Y)          P(X|Y)           drops rows by their labels only
:func:`concept_shift`    P(Y|X)        P(X)             gives rows another label, inputs stay
====================  ===============  ===============  =====================================

Dials run from 0 (nothing happens) to 1. For one seed a larger dial continues a smaller one: it
drops, or relabels, the same rows and more. :class:`ToyWorld` has the same three dials in a world
whose densities and best classifier are known.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from tlbook._base.checks import check_array, check_labels, check_positive, check_probability
from tlbook.domains.domain import Domain
from tlbook.domains.toyworld import ToyWorld

__all__ = ["ToyWorld", "concept_shift", "covariate_shift", "label_shift"]

DECAY = 6.0
"""At dial 1 the last row is kept exp(−6) = 1/403 as often as the first."""


def covariate_shift(
    domain: Domain,
    dial: float,
    by: Callable[[np.ndarray], Any] | None = None,
    *,
    n: int | None = None,
    seed: int = 0,
) -> Domain:
    """Change P(X) and leave P(Y|X) alone: select rows by their inputs.

    A row is kept with probability ``a(x) = exp(−6 · dial · rank(x))``, where rank runs from 0 (the
    largest ``by(x)``) to 1 (the smallest). Selection looks at x and never at y, so
    ``Q(y|x) = P(y|x)`` and ``Q(x) ∝ a(x) P(x)``. P(Y) may move along: when the inputs of one
    class are selected more often, that is what P(Y) = ∫ P(Y|x) Q(x) dx says.

    Parameters
    ----------
    domain : Domain
        Labeled sample of n₀ rows.
    dial : float in [0, 1]
        0 keeps every row.
    by : function, optional
        Takes X of shape (n₀, ...) and returns n₀ numbers; rows with large ones are preferred.
        By default the mean of a row (for images: how much ink there is).
    n : int, optional
        Keep this many of the selected rows (samples of equal size compare better).
    seed : int
        Seed of the selection.

    Returns
    -------
    Domain
        The selected rows in random order.

    Raises
    ------
    ValueError
        If the domain has no labels, ``by`` returns something else than one number per row, or
        fewer than ``n`` rows are left.

    Examples
    --------
    >>> from tlbook import data
    >>> from tlbook.domains.shifts import covariate_shift
    >>> digits = data.load("handwriting")
    >>> heavy = covariate_shift(digits, 0.8, seed=0)  # prefers pictures with much ink
    >>> len(heavy) < len(digits), bool(heavy.X.mean() > digits.X.mean())
    (True, True)
    """
    X, _ = _labeled(domain)
    dial = check_probability(dial, "dial")
    score = X.reshape(len(X), -1).mean(axis=1) if by is None else by(X)
    score = check_array(score, "by(X)", ndim=1)
    if len(score) != len(X):
        raise ValueError(f"by(X): got {len(score)} values, want {len(X)}, one per row")
    rank = _rank(-score)
    return _select(domain, np.exp(-DECAY * dial * rank), "covariate", dial, n, seed)


def label_shift(
    domain: Domain,
    dial: float,
    rare: Sequence[Any] | None = None,
    *,
    n: int | None = None,
    seed: int = 0,
) -> Domain:
    """Change P(Y) and leave P(X|Y) alone: make some classes rare.

    A row of a class in ``rare`` is kept with probability ``1 − dial``, every other row stays.
    Selection looks at y and never at x, so ``Q(x|y) = P(x|y)``.

    Parameters
    ----------
    domain : Domain
        Labeled sample.
    dial : float in [0, 1]
        0 keeps every row; at 1 the rare classes have died out.
    rare : sequence of labels, optional
        By default the first half of the classes.
    n, seed
        As in :func:`covariate_shift`.

    Raises
    ------
    ValueError
        If the domain has no labels or one class only, ``rare`` names an unknown class or all of
        them, or fewer than ``n`` rows are left.

    See Also
    --------
    tlbook.instances.LabelShift : estimates and corrects such a shift.

    Examples
    --------
    >>> from tlbook import data
    >>> from tlbook.domains.shifts import label_shift
    >>> digits = data.load("handwriting")
    >>> target = label_shift(digits, 0.5, rare=[0, 1, 2], seed=0)
    >>> print(round((digits.y < 3).mean(), 2), round((target.y < 3).mean(), 2))
    0.3 0.18
    """
    _, y = _labeled(domain)
    dial = check_probability(dial, "dial")
    classes = np.unique(check_labels(y, None, f"y of {domain.name}", min_classes=2))
    thinned = classes[: len(classes) // 2] if rare is None else np.unique(np.asarray(rare))
    unknown = np.setdiff1d(thinned, classes)
    if len(unknown) or len(thinned) in (0, len(classes)):
        raise ValueError(f"rare: got {thinned.tolist()}, want some, not all, of {classes.tolist()}")
    return _select(domain, np.where(np.isin(y, thinned), 1 - dial, 1.0), "label", dial, n, seed)


def concept_shift(
    domain: Domain,
    dial: float,
    mapping: Mapping[Any, Any] | None = None,
    *,
    seed: int = 0,
) -> Domain:
    """Change P(Y|X) and leave P(X) alone: the same inputs, some with another label.

    With probability ``dial``, independent of everything, a row's label y becomes ``mapping[y]``:
    ``Q(y'|x) = (1 − dial) P(y'|x) + dial · Σ_{y: mapping[y] = y'} P(y|x)``. The inputs are the
    very same rows in the same order.

    Parameters
    ----------
    domain : Domain
        Labeled sample.
    dial : float in [0, 1]
        Share of the rows that follow the new meaning.
    mapping : dict, optional
        Old label -> new label; labels not named stay. By default every class becomes the next
        one and the last becomes the first.
    seed : int
        Seed of the choice.

    Raises
    ------
    ValueError
        If the domain has no labels or one class only, or ``mapping`` names an unknown class.

    Examples
    --------
    >>> from tlbook import data
    >>> from tlbook.domains.shifts import concept_shift
    >>> digits = data.load("handwriting")
    >>> other = concept_shift(digits, 1.0, mapping={1: 7, 7: 1})
    >>> bool((other.X == digits.X).all())  # no unlabeled sample can show it
    True
    >>> digits.y[:8].tolist(), other.y[:8].tolist()
    ([0, 1, 2, 3, 4, 5, 6, 7], [0, 7, 2, 3, 4, 5, 6, 1])
    """
    X, y = _labeled(domain)
    dial = check_probability(dial, "dial")
    classes = np.unique(check_labels(y, None, f"y of {domain.name}", min_classes=2))
    if mapping is None:
        mapping = dict(zip(classes.tolist(), np.roll(classes, -1).tolist(), strict=True))
    unknown = np.setdiff1d([*mapping.keys(), *mapping.values()], classes)
    if len(unknown):
        raise ValueError(f"mapping: got {unknown.tolist()}, want labels from {classes.tolist()}")
    new = np.array([mapping.get(c, c) for c in classes.tolist()], dtype=y.dtype)
    changed = np.random.default_rng([seed, 0xC0]).random(len(y)) < dial
    relabeled = np.where(changed, new[np.searchsorted(classes, y)], y)
    return Domain(_name(domain, "concept", dial), X, relabeled, domain.classes)


def _labeled(domain: Domain) -> tuple[np.ndarray, np.ndarray]:
    if not isinstance(domain, Domain):
        raise ValueError(f"domain: got {type(domain).__name__}, want a Domain")
    if domain.y is None:
        raise ValueError(f"domain: {domain.name!r} has no labels, want a labeled Domain")
    return domain.X, domain.y


def _rank(score: np.ndarray) -> np.ndarray:
    """Return ranks scaled to [0, 1]; equal scores get equal ranks, so x alone decides."""
    _, inverse, counts = np.unique(score, return_inverse=True, return_counts=True)
    below = np.cumsum(counts) - counts
    return (below + (counts - 1) / 2)[inverse] / max(1, len(score) - 1)


def _select(
    domain: Domain, keep: np.ndarray, factor: str, dial: float, n: int | None, seed: int
) -> Domain:
    """Keep row i with probability ``keep[i]``; the same draw serves every dial."""
    X, y = _labeled(domain)
    rng = np.random.default_rng([seed, 0x5E1])
    order = rng.permutation(len(X))
    rows = order[rng.random(len(X))[order] < keep[order]]
    if n is not None:
        check_positive(n, "n", integer=True)
        if n > len(rows):
            raise ValueError(f"n: got {n}, want at most {len(rows)}, the rows left at this dial")
        rows = rows[:n]
    if len(rows) == 0:
        raise ValueError("dial: no row is left, want a smaller dial or a larger sample")
    return Domain(_name(domain, factor, dial), X[rows], y[rows], domain.classes)


def _name(domain: Domain, factor: str, dial: float) -> str:
    return f"{domain.name}, {factor} shift {dial:g}"
