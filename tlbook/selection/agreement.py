"""Agreement between networks that differ in the seed only, and what can fool it."""

from __future__ import annotations

from typing import Any

import numpy as np

from tlbook._base.checks import check_array, check_positive, check_probability
from tlbook._base.named import named
from tlbook.selection._inputs import entropies


@named
def agreement(answers: Any) -> float:
    r"""Return how often two networks of different seeds give the same answer.

    .. math:: \frac{2}{r(r-1)} \sum_{a<b} \frac1n \sum_i [\hat y^a_i = \hat y^b_i]

    Where networks agree they have learned something that the data say; where they guess, each
    guesses differently. If mistakes are independent, two networks of accuracy a agree on about
    a² of the rows. A mistake that all seeds share cannot be seen, and a constant answer agrees
    with itself: look at :func:`collapsed` first.

    Parameters
    ----------
    answers : array of shape (r, n), r ≥ 2
        Labels that each of the r networks gives to the same n unlabeled rows.

    Returns
    -------
    float in [0, 1]

    Raises
    ------
    ValueError
        If there are fewer than two networks or no rows.

    References
    ----------
    Jiang, Nagarajan, Baek and Kolter, Assessing generalization of SGD via disagreement, ICLR 2022
    (test data like the training data). Baek, Jiang, Raghunathan and Kolter, Agreement-on-the-line:
    predicting the performance of neural networks under distribution shift, NeurIPS 2022.

    Examples
    --------
    >>> from tlbook.selection import agreement
    >>> round(agreement([[0, 1, 2, 2], [0, 1, 2, 1], [0, 1, 1, 2]]), 2)  # three seeds, four rows
    0.67
    >>> agreement([[1, 1, 1, 1], [1, 1, 1, 1]])  # a constant answer agrees with itself
    1.0
    """
    return float(agreement_of_each(answers).mean())


@named
def agreement_of_each(answers: Any) -> np.ndarray:
    """Return the mean agreement of each network with the others, shape (r,).

    Parameters
    ----------
    answers : array of shape (r, n), r ≥ 2

    Raises
    ------
    ValueError
        If there are fewer than two networks or no rows.
    """
    given = _answers(answers)
    if len(given) < 2:
        raise ValueError(f"answers: got {len(given)} network(s), want at least 2 seeds")
    same = np.array([[np.mean(a == b) for b in given] for a in given])
    return (same.sum(axis=1) - 1) / (len(given) - 1)


@named
def effective_classes(answers: Any, n_classes: int) -> float:
    r"""Return the effective number of classes among answers.

    .. math:: e^{H(\pi)}, \qquad \pi_c = \frac1n \sum_i [\hat y_i = c]

    k where all classes are answered equally often, 1 where the answer is constant.

    Parameters
    ----------
    answers : array of shape (n,)
        Labels 0 … n_classes − 1.
    n_classes : int
        k, at least 2.

    Raises
    ------
    ValueError
        If labels do not fit.
    """
    if check_positive(n_classes, "n_classes", integer=True) < 2:
        raise ValueError(f"n_classes: got {n_classes}, want at least 2")
    given = check_array(answers, "answers", ndim=1)
    unknown = np.setdiff1d(given, np.arange(n_classes))
    if len(unknown):
        raise ValueError(f"answers: got {unknown[:5].tolist()}, want labels 0 … {n_classes - 1}")
    counts = np.bincount(given.astype(np.int64), minlength=n_classes)
    return float(np.exp(entropies(counts / len(given))))


@named
def collapsed(answers: Any, n_classes: int, least: float = 0.5) -> bool:
    """Return whether answers use less than a share ``least`` of the classes, effectively.

    A network that calls everything a "1" agrees with itself, is sure of itself and has the densest
    neighborhoods: most criteria that need no labels rank it first. So it is ruled out before.

    Parameters
    ----------
    answers : array of shape (n,)
    n_classes : int
    least : float in [0, 1]
        0 accepts everything. Where the target is known to lack classes, lower it.

    Raises
    ------
    ValueError
        If labels do not fit or ``least`` is no share.
    """
    share = check_probability(least, "least")
    return effective_classes(answers, n_classes) < share * n_classes


def _answers(answers: Any) -> np.ndarray:
    given = check_array(answers, "answers", ndim=2)
    if given.shape[1] == 0:
        raise ValueError("answers: got no rows, want the labels of at least one row")
    return given
