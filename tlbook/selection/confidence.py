"""Scores of the answers on the unlabeled target alone: how sure, how varied, how clustered."""

from __future__ import annotations

from typing import Any

import numpy as np

from tlbook._base.checks import check_positive
from tlbook._base.named import named
from tlbook.selection._inputs import check_posteriors, entropies

BLOCK = 512
"""Rows of the similarity matrix that are held at once."""


@named
def entropy_score(posteriors: Any) -> float:
    r"""Return minus the mean entropy of the answers, in nats; larger is surer.

    .. math:: -\frac1n \sum_i H(p_i), \qquad H(p) = -\sum_c p_c \log p_c

    At most 0, reached by any network that is sure of everything, right or wrong.

    Parameters
    ----------
    posteriors : array of shape (n, k)

    Raises
    ------
    ValueError
        If rows are no probabilities.
    """
    return -float(entropies(check_posteriors(posteriors, "posteriors")).mean())


@named
def information_score(posteriors: Any) -> float:
    r"""Return the information between input and answer, in nats: sure of each, varied over all.

    .. math:: I = H\!\left(\frac1n \sum_i p_i\right) - \frac1n \sum_i H(p_i)

    Between 0 (every input gets the same answer) and log k. The first part guards against a
    constant answer and assumes that the classes are about equally frequent.

    Parameters
    ----------
    posteriors : array of shape (n, k)

    Raises
    ------
    ValueError
        If rows are no probabilities.

    See Also
    --------
    tlbook.alignment.InformationMaximization : trains for it; then it is no fair judge any more.

    References
    ----------
    Bridle, Heading and MacKay, Unsupervised classifiers, mutual information and 'phantom
    targets', NeurIPS 1991; Shi and Sha, Information-theoretical learning of discriminative clusters
    for unsupervised domain adaptation, ICML 2012.

    Examples
    --------
    >>> from tlbook.selection import information_score
    >>> sure, guessing, constant = [[0.9, 0.1], [0.1, 0.9]], [[0.5, 0.5]] * 2, [[0.9, 0.1]] * 2
    >>> [abs(round(information_score(p), 2)) for p in (sure, guessing, constant)]
    [0.37, 0.0, 0.0]
    """
    P = check_posteriors(posteriors, "posteriors")
    return float(entropies(P.mean(axis=0)) - entropies(P).mean())


@named
def neighborhood_density(posteriors: Any, temperature: float = 0.05) -> float:
    r"""Return the soft neighborhood density of the answers, in nats; larger is denser.

    .. math:: S_{ij} = \frac{p_i \cdot p_j}{\|p_i\|\,\|p_j\|}, \qquad
        P_{ij} = \frac{e^{S_{ij}/\tau}}{\sum_{l \ne i} e^{S_{il}/\tau}}, \qquad
        \frac1n \sum_i H(P_{i\cdot})

    How many rows each row finds near itself, softly counted. A network that cuts through clusters
    leaves rows with few neighbors. A constant answer has the largest value of all, log(n − 1).

    Parameters
    ----------
    posteriors : array of shape (n, k), n ≥ 2
    temperature : float
        τ.

    Raises
    ------
    ValueError
        If rows are no probabilities or the temperature is not positive.

    References
    ----------
    Saito, Kim, Teterwak, Sclaroff, Darrell and Saenko, Tune it the right way: unsupervised
    validation of domain adaptation via soft neighborhood density, ICCV 2021.
    """
    P = check_posteriors(posteriors, "posteriors", min_rows=2)
    check_positive(temperature, "temperature")
    unit = P / np.linalg.norm(P, axis=1, keepdims=True)
    total = 0.0
    for start in range(0, len(unit), BLOCK):
        logits = unit[start : start + BLOCK] @ unit.T / temperature
        rows = np.arange(len(logits))
        logits[rows, start + rows] = -np.inf  # a row is not its own neighbor
        logits -= logits.max(axis=1, keepdims=True)
        near = np.exp(logits)
        total += float(entropies(near / near.sum(axis=1, keepdims=True)).sum())
    return total / len(unit)
