"""Self-training: learn the target from your own most confident answers, a few more each round."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from torch import nn
from torch.nn import functional as F

from tlbook._base.checks import check_array, check_positive, check_probability
from tlbook._base.named import named
from tlbook.alignment.probabilities import probabilities
from tlbook.domains import Task
from tlbook.objective import Objective, TargetLoss, Term, Weight
from tlbook.training import History, fit, predict


@dataclass
class Round:
    """One round of self-training.

    Attributes
    ----------
    fraction : float
        Share of each predicted class that was taken.
    counts : array of shape (classes,)
        How many rows got each pseudo-label.
    history : History
        Record of the training on them.
    """

    fraction: float
    counts: np.ndarray
    history: History


@dataclass
class SelfTrained:
    """A network that was trained on its own answers; call it with inputs to get labels.

    Attributes
    ----------
    model : nn.Module
        The network, a copy of the one that came.
    rounds : list of Round
        What each round took and did.
    """

    model: nn.Module
    rounds: list[Round] = field(default_factory=list)

    def __call__(self, X: Any) -> np.ndarray:
        """Return the label of each row of ``X``."""
        return predict(self.model, X)


@named
def self_train(
    model: nn.Module,
    task: Task,
    *,
    rounds: int = 4,
    steps: int = 120,
    first: float = 0.3,
    last: float = 0.9,
    min_confidence: float = 0.0,
    balanced: bool = True,
    weight: Weight = 1.0,
    terms: Sequence[Term] = (),
    seed: int = 0,
    **fit_options: Any,
) -> SelfTrained:
    r"""Train on pseudo-labels of the most confident target rows, in rounds.

    In round r the network labels the unlabeled target. Of the rows that it calls class c, the
    share :math:`a_r` with the largest probability keeps that label, with :math:`a_r` growing evenly
    from ``first`` to ``last``; then it trains on

    .. math:: L_S + \lambda \, \frac1k \sum_{j} \ell\bigl(f(x_j), \hat y_j\bigr)

    and labels anew. The share is taken within each *predicted* class: one threshold for all would
    take the easy classes first and let them grow at the cost of the others.

    Parameters
    ----------
    model : nn.Module
        Trained on the source, or adapted already. It stays as it is.
    task : Task
        Its labeled source and unlabeled target.
    rounds, steps : int
        Rounds, and gradient steps in each.
    first, last : float
        Share taken in the first and in the last round, in (0, 1].
    min_confidence : float
        Rows whose probability is below are never taken. Where none is left the round trains on
        the source alone.
    balanced : bool
        Take the share within each predicted class; else among all rows.
    weight : float or function
        λ.
    terms : sequence of Term
        Further terms of the objective, for example an MMD that goes on.
    seed : int
        Seed of the training; round r uses ``seed + r``.
    **fit_options
        Other options of ``fit``.

    Raises
    ------
    ValueError
        If an argument is out of range.

    See Also
    --------
    tlbook.features.gradual_self_training : for scikit-learn classifiers, over samples on the way.

    References
    ----------
    Lee (2013), Pseudo-label: the simple and efficient semi-supervised learning method.
    Zou, Yu, Kumar & Wang (2018), Unsupervised domain adaptation for semantic segmentation via
    class-balanced self-training.

    Examples
    --------
    >>> from tlbook import data, models
    >>> from tlbook.alignment import self_train
    >>> from tlbook.training import fit
    >>> task = data.load("fonts-to-handwriting", n_source=200)
    >>> net = models.create("digitnet")
    >>> _ = fit(net, task, steps=30)
    >>> trained = self_train(net, task, rounds=2, steps=20)
    >>> [r.fraction for r in trained.rounds]  # of each predicted class
    [0.3, 0.9]
    >>> task.score(trained) > 0.3  # guessing gives 0.1
    True
    """
    if not isinstance(task, Task):
        raise ValueError(f"task: got {type(task).__name__}, want a Task")
    if "labeled" in fit_options:
        raise ValueError("fit_options: got labeled, which is for the pseudo-labels")
    check_positive(rounds, "rounds", integer=True)
    for name, share in {"first": first, "last": last}.items():
        if check_probability(share, name) == 0:
            raise ValueError(f"{name}: got 0, want a share above 0")
    result = SelfTrained(copy.deepcopy(model))
    X = task.target.X
    for number, share in enumerate(np.linspace(first, last, rounds)):
        P = probabilities(result.model, X)
        rows = confident_rows(P, float(share), min_confidence=min_confidence, balanced=balanced)
        labels = P.argmax(axis=1)[rows]
        objective = Objective(F.cross_entropy, TargetLoss(weight), *copy.deepcopy(list(terms)))
        chosen = (X[rows], labels) if len(rows) else None
        history = fit(
            result.model,
            task,
            objective,
            labeled=chosen,
            steps=steps,
            seed=seed + number,
            **fit_options,
        )
        counts = np.bincount(labels, minlength=P.shape[1])
        result.rounds.append(Round(float(share), counts, history))
    return result


@named
def confident_rows(
    P: Any, share: float, *, min_confidence: float = 0.0, balanced: bool = True
) -> np.ndarray:
    """Return the rows with the largest probability, in ascending order.

    Parameters
    ----------
    P : array of shape (n, classes)
        Class probabilities.
    share : float in [0, 1]
        Share of the rows that are taken, rounded up: of each predicted class (``balanced``) or of
        all.
    min_confidence : float in [0, 1]
        Rows whose largest probability is below are left out after that.

    Raises
    ------
    ValueError
        If the shape or a value does not fit.
    """
    P = check_array(P, "P", ndim=2)
    share = check_probability(share, "share")
    least = check_probability(min_confidence, "min_confidence")
    confidence, answers = P.max(axis=1), P.argmax(axis=1)
    everyone = np.arange(len(P))
    groups = [everyone[answers == c] for c in range(P.shape[1])] if balanced else [everyone]
    taken = [
        group[np.argsort(-confidence[group], kind="stable")][: int(np.ceil(share * len(group)))]
        for group in groups
    ]
    rows = np.sort(np.concatenate(taken))
    return rows[confidence[rows] >= least]
