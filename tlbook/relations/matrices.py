"""Matrices that say which class resembles which: learned, stated by a person, or spoiled."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from scipy.special import softmax

from tlbook._base.checks import check_array, check_labels, check_positive
from tlbook._base.named import named


def check_stochastic(R: Any, name: str, *, square: bool = False) -> np.ndarray:
    """Return a matrix of non-negative rows that sum to 1, as float64.

    Raises
    ------
    ValueError
        If it is not two-dimensional (or square), has a negative entry, or a row sums to another
        number than 1 (by more than 1e-6).
    """
    matrix = check_array(R, name, ndim=2).astype(float)
    if square and matrix.shape[0] != matrix.shape[1]:
        raise ValueError(f"{name}: got shape {matrix.shape}, want a square matrix")
    if matrix.size == 0 or matrix.min() < 0:
        raise ValueError(f"{name}: got negative entries or none, want shares of at least 0")
    off = np.abs(matrix.sum(axis=1) - 1)
    if off.max() > 1e-6:
        row = int(off.argmax())
        raise ValueError(f"{name}: row {row} sums to {matrix[row].sum():.4g}, want 1")
    return matrix


@named
def soften(logits: Any, temperature: float = 1.0) -> np.ndarray:
    r"""Return :math:`\mathrm{softmax}(\text{logits} / T)` row by row.

    Parameters
    ----------
    logits : array of shape (n, classes)
    temperature : float
        :math:`T`; a larger one tells more about the classes that did not win.

    Raises
    ------
    ValueError
        If the logits are no finite matrix or the temperature is not positive.

    References
    ----------
    Hinton, Vinyals & Dean (2015), Distilling the knowledge in a neural network.
    """
    check_positive(temperature, "temperature")
    return softmax(check_array(logits, "logits", ndim=2).astype(float) / temperature, axis=1)


@named
def class_profiles(probabilities: Any, y: Any, n_classes: int | None = None) -> np.ndarray:
    r"""Describe each class as a mixture of the classes that a trained network knows.

    .. math:: S_{cs} = \frac{1}{n_c} \sum_{i : y_i = c} p(s \mid x_i)

    Parameters
    ----------
    probabilities : array of shape (n, known classes)
        The network's (softened) answers; rows sum to 1.
    y : array of shape (n,)
        Labels 0 … classes − 1 of the pictures, old or new classes.
    n_classes : int, optional
        By default the largest label plus 1.

    Returns
    -------
    array of shape (classes, known classes)
        Rows sum to 1. For the known classes themselves it is their softened confusion matrix.

    Raises
    ------
    ValueError
        If a class has no picture, or arguments do not fit.

    References
    ----------
    Tzeng, Hoffman, Darrell & Saenko (2015), Simultaneous deep transfer across domains and tasks
    (the mean softened answer of a class as "soft label").

    Examples
    --------
    >>> from tlbook.relations import class_profiles
    >>> answers = [[0.9, 0.1, 0.0], [0.7, 0.3, 0.0], [0.0, 0.2, 0.8]]  # over the known O, D, l
    >>> class_profiles(answers, y=[0, 0, 1]).round(2)  # the new classes 0 and 1
    array([[0.8, 0.2, 0. ],
           [0. , 0.2, 0.8]])
    """
    P = check_stochastic(probabilities, "probabilities")
    y = check_class_numbers(y, len(P), n_classes)
    n = int(y.max()) + 1 if n_classes is None else n_classes
    counts = np.bincount(y, minlength=n)
    if (counts == 0).any():
        missing = np.flatnonzero(counts == 0).tolist()
        raise ValueError(f"y: got no picture of class {missing}, want one or more of each")
    sums = np.zeros((n, P.shape[1]))
    np.add.at(sums, y, P)
    return sums / counts[:, None]


@named
def stated_profiles(
    resembles: Sequence[Iterable[str]] | Mapping[Any, Iterable[str]], known: Sequence[str]
) -> np.ndarray:
    """Return profiles stated by a person: each new class looks like a few known ones.

    Parameters
    ----------
    resembles : sequence or mapping of iterables of str
        For each new class, in order, the names of known classes that it resembles; all weigh the
        same. A string stands for its characters.
    known : sequence of str
        Names of the known classes.

    Returns
    -------
    array of shape (len(resembles), len(known))
        Rows sum to 1; a class with no name gets the uniform row.

    Raises
    ------
    ValueError
        If a name is not among the known classes, or there is none.

    Examples
    --------
    >>> stated_profiles(["OD", "l", ""], "DOl")
    array([[0.5       , 0.5       , 0.        ],
           [0.        , 0.        , 1.        ],
           [0.33333333, 0.33333333, 0.33333333]])
    """
    names = list(known)
    rows = list(resembles.values()) if isinstance(resembles, Mapping) else list(resembles)
    if not rows or not names:
        raise ValueError(
            f"resembles: got {len(rows)} new and {len(names)} known classes, want some"
        )
    S = np.zeros((len(rows), len(names)))
    for c, alike in enumerate(rows):
        for name in alike:
            if name not in names:
                raise ValueError(
                    f"resembles: got {name!r} for class {c}, want one of the known classes"
                )
            S[c, names.index(name)] = 1.0
    S[S.sum(axis=1) == 0] = 1.0
    return S / S.sum(axis=1, keepdims=True)


@named
def profile_similarity(profiles: Any) -> np.ndarray:
    r"""Turn profiles into relations among the classes themselves.

    .. math:: B_{cd} = \sum_s \sqrt{S_{cs} S_{ds}}, \qquad
              R_{cd} = B_{cd} \big/ \sum_{e \ne c} B_{ce} \;\; (d \ne c), \qquad R_{cc} = 0

    :math:`B` is the Bhattacharyya coefficient, 1 for equal profiles and 0 for disjoint ones.

    Parameters
    ----------
    profiles : array of shape (classes, known classes)
        Rows sum to 1.

    Returns
    -------
    array of shape (classes, classes)
        Row c says how a share of doubt about class c is spread over the others. A class that
        resembles no other gets the uniform row.

    Raises
    ------
    ValueError
        If the rows are no distributions or there is one class only.

    References
    ----------
    Bhattacharyya (1943), On a measure of divergence between two statistical populations.
    """
    root = np.sqrt(check_stochastic(profiles, "profiles"))
    n = len(root)
    if n < 2:
        raise ValueError("profiles: got 1 class, want at least 2")
    B = root @ root.T
    np.fill_diagonal(B, 0.0)
    alone = B.sum(axis=1) < 1e-12
    B[alone] = 1.0
    np.fill_diagonal(B, 0.0)
    return B / B.sum(axis=1, keepdims=True)


@named
def permuted(relations: Any, seed: int = 0) -> np.ndarray:
    """Give every class the row of another class: right shares, wrong owner.

    The rows go round in a random cycle, so that no class keeps its own. A square matrix with an
    empty diagonal keeps it: a row takes over the other entries in their order. It is the control
    that tells *this* relation from *any* relation.

    Parameters
    ----------
    relations : array of shape (classes, known classes)
        Two or more rows.
    seed : int
        Seed of the order.

    Returns
    -------
    array of the same shape

    Raises
    ------
    ValueError
        If there is only one row.
    """
    R = check_array(relations, "relations", ndim=2)
    n = len(R)
    if n < 2:
        raise ValueError("relations: got 1 row, want at least 2")
    cycle = np.random.default_rng(seed).permutation(n)
    order = np.empty(n, dtype=int)
    order[cycle] = np.roll(cycle, 1)  # one cycle through all classes: nobody keeps its row
    if R.shape[0] == R.shape[1] and not np.diag(R).any():
        off = R[~np.eye(n, dtype=bool)].reshape(n, n - 1)[order]
        out = np.zeros_like(R)
        out[~np.eye(n, dtype=bool)] = off.ravel()
        return out
    return R[order]


def check_class_numbers(y: Any, n: int | None, n_classes: int | None, name: str = "y") -> Any:
    """Return labels as whole numbers in 0 … n_classes − 1."""
    labels = check_labels(y, n, name)
    if labels.dtype.kind not in "iu" or labels.min() < 0:
        raise ValueError(f"{name}: got labels such as {labels[0]}, want class numbers from 0")
    if n_classes is not None and labels.max() >= check_positive(
        n_classes, "n_classes", integer=True
    ):
        raise ValueError(f"{name}: got label {labels.max()}, want at most {n_classes - 1}")
    return labels
