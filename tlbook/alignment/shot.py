"""SHOT: adapt a trained network to unlabeled rows; the source's data are not needed any more."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
from torch import nn

from tlbook._base.checks import check_array, check_positive
from tlbook._base.named import named
from tlbook.alignment.entropy import Entropy, InformationMaximization
from tlbook.alignment.probabilities import probabilities
from tlbook.alignment.self_training import Round, SelfTrained
from tlbook.objective import Objective, TargetLoss
from tlbook.training import fit
from tlbook.training.predict import in_blocks


@named
def shot(
    model: nn.Module,
    X: Any,
    *,
    rounds: int = 4,
    steps: int = 120,
    pseudo_weight: float = 0.3,
    diverse: bool = True,
    seed: int = 0,
    **fit_options: Any,
) -> SelfTrained:
    r"""Adapt the features of a trained network to ``X``, with the head frozen.

    In each round the rows get pseudo-labels :math:`\hat y_j` from the class centers of their
    features (:func:`centroid_labels`); then the features are trained to minimize

    .. math:: \frac1m \sum_j H\bigl(p(\cdot \mid x_j)\bigr) - H(\bar p)
        + \beta \, \frac1m \sum_j \ell\bigl(f(x_j), \hat y_j\bigr)

    The frozen head keeps what the source has taught: the new features have to fall where it
    already separates the classes. No row of the source is used.

    Parameters
    ----------
    model : nn.Module
        Trained on the source, with ``features(x)`` and ``head(z)``. It stays as it is.
    X : array or tensor of shape (n, ...)
        Unlabeled target inputs.
    rounds, steps : int
        Rounds of pseudo-labels, and gradient steps in each.
    pseudo_weight : float
        :math:`\beta`, at least 0; 0 leaves information maximization alone.
    diverse : bool
        Ask for equally frequent classes, by :math:`-H(\bar p)`. Leave it out where the target may
        lack classes, as the paper does there.
    seed : int
        Seed of the training; round r uses ``seed + r``.
    **fit_options
        Other options of ``fit``.

    Returns
    -------
    SelfTrained
        Call it with inputs to get labels.

    Raises
    ------
    ValueError
        If an argument is out of range, or nothing outside the head can be trained.

    Notes
    -----
    The paper also trains the source network with label smoothing and normalizes the weights of
    its head; here the network is taken as it comes.

    References
    ----------
    Liang, Hu & Feng (2020), Do we really need to access the source data? Source hypothesis
    transfer for unsupervised domain adaptation.

    Examples
    --------
    >>> from tlbook import data, models
    >>> from tlbook.alignment import shot
    >>> from tlbook.training import fit
    >>> task = data.load("fonts-to-handwriting", n_source=200)
    >>> net = models.create("digitnet")
    >>> _ = fit(net, task, steps=60)
    >>> adapted = shot(net, task.target.X, rounds=2, steps=20)  # no source row
    >>> bool((adapted.model.head.weight == net.head.weight).all())
    True
    >>> task.score(adapted) > 0.3  # guessing gives 0.1
    True
    """
    check_positive(rounds, "rounds", integer=True)
    check_positive(pseudo_weight, "pseudo_weight", zero_ok=True)
    for name in ("labeled", "parameters"):
        if name in fit_options:
            raise ValueError(f"fit_options: got {name}, which shot chooses itself")
    result = SelfTrained(copy.deepcopy(model))
    head = {id(p) for p in result.model.head.parameters()}  # type: ignore[union-attr]
    body = [p for p in result.model.parameters() if p.requires_grad and id(p) not in head]
    for number in range(rounds):
        P = probabilities(result.model, X)
        Z = in_blocks(result.model.features, result.model, X, 512)  # type: ignore[arg-type]
        labels = centroid_labels(Z, P)
        sure = InformationMaximization() if diverse else Entropy()
        objective = Objective(None, sure, TargetLoss(pseudo_weight))
        options = {"steps": steps, "seed": seed + number, **fit_options}
        history = fit(
            result.model, {"target": X}, objective, labeled=(X, labels), parameters=body, **options
        )
        for parameter in result.model.parameters():
            parameter.grad = None
        result.rounds.append(Round(1.0, np.bincount(labels, minlength=P.shape[1]), history))
    return result


@named
def centroid_labels(Z: Any, P: Any) -> np.ndarray:
    r"""Return the class whose center is nearest to each row, by the angle.

    .. math:: c_k = \frac{\sum_j p_{jk} z_j}{\sum_j p_{jk}}, \qquad
        \hat y_j = \arg\max_k \cos(z_j, c_k)

    and once more, with the centers of the rows that got each label.

    Parameters
    ----------
    Z : array of shape (n, d)
        Features.
    P : array of shape (n, classes)
        Class probabilities of the same rows, at least 0.

    Returns
    -------
    array of int, shape (n,)

    Raises
    ------
    ValueError
        If a shape or a value does not fit.

    Notes
    -----
    A class that no row is nearest to keeps its first center.

    References
    ----------
    Liang, Hu & Feng (2020), Do we really need to access the source data? Equations 4 to 6.

    Examples
    --------
    >>> import numpy as np
    >>> from tlbook.alignment import centroid_labels
    >>> Z = np.array([[1.0, 0.0], [0.9, 0.1], [0.0, 1.0], [0.4, 0.6]])
    >>> P = np.array([[0.9, 0.1], [0.8, 0.2], [0.1, 0.9], [0.6, 0.4]])
    >>> P.argmax(axis=1).tolist(), centroid_labels(Z, P).tolist()  # the last row moves
    ([0, 0, 1, 0], [0, 0, 1, 1])
    """
    Z, P = check_array(Z, "Z", ndim=2), check_array(P, "P", ndim=2)
    if len(Z) != len(P):
        raise ValueError(f"P: got {len(P)} rows, want {len(Z)}, one for each row of Z")
    if (P < 0).any():
        raise ValueError("P: got values below 0, want class probabilities")
    shares = P.astype(float)
    centers = np.zeros((P.shape[1], Z.shape[1]))
    for _ in range(2):
        weight = shares.sum(axis=0)
        seen = weight > 0
        centers[seen] = (shares.T @ Z)[seen] / weight[seen, None]
        labels = (_unit(Z) @ _unit(centers).T).argmax(axis=1)
        shares = np.eye(P.shape[1])[labels]
    return labels


def _unit(rows: np.ndarray) -> np.ndarray:
    """Return rows of length 1; a row of zeros stays one."""
    length = np.linalg.norm(rows, axis=1, keepdims=True)
    return rows / np.where(length > 0, length, 1.0)
