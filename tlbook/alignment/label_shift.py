"""Alignment under label shift: estimate the target's class mix and weigh the source to it."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from torch import nn
from torch.nn import functional as F

from tlbook._base.checks import check_choice, check_positive
from tlbook._base.named import named
from tlbook.alignment.mmd import MMD
from tlbook.alignment.probabilities import probabilities
from tlbook.domains import Task
from tlbook.instances.label_shift import PriorEstimate, bbse_prior, em_prior
from tlbook.objective import Objective, Ramp, Weight
from tlbook.training import History, fit, predict

DEFAULT_WEIGHT = Ramp(3.0)


@dataclass
class ReweightedMMD:
    """A network aligned by a weighted MMD; call it with inputs to get labels.

    Attributes
    ----------
    model : nn.Module
        The network, a copy of the one that came.
    estimates : list of PriorEstimate
        The class mix that each training used; ``estimates[-1].class_weights`` was the last.
    histories : list of History
        Records: first the training on the source alone, then one for each estimate.
    """

    model: nn.Module
    estimates: list[PriorEstimate] = field(default_factory=list)
    histories: list[History] = field(default_factory=list)

    def __call__(self, X: Any) -> np.ndarray:
        """Return the label of each row of ``X``."""
        return predict(self.model, X)


@named
def class_mix(model: nn.Module, task: Task, method: str = "bbse") -> PriorEstimate:
    """Estimate the target's class mix from a network's answers; no target label is used.

    Parameters
    ----------
    model : nn.Module
        A trained classifier of the task's classes.
    task : Task
        Its source validation part (labels used) and unlabeled target.
    method : {"bbse", "em"}
        Black-box shift estimation from hard answers, or EM on the probabilities.

    Returns
    -------
    PriorEstimate
        With ``prior`` and ``class_weights``.

    Notes
    -----
    Both assume that P(x|y) is the same in both domains. Between domains that look different that is
    only about right: the estimate is as good as the answers on the target are.

    Raises
    ------
    ValueError
        If the method is unknown or a class has no validation row.
    """
    check_choice(method, "method", ("bbse", "em"))
    if not isinstance(task, Task):
        raise ValueError(f"task: got {type(task).__name__}, want a Task")
    held_out, y = probabilities(model, task.validation.X), np.asarray(task.validation.y)
    target = probabilities(model, task.target.X)
    classes = np.arange(target.shape[1])
    if method == "bbse":
        return bbse_prior(y, held_out.argmax(axis=1), target.argmax(axis=1), classes)
    return em_prior(target, np.bincount(y, minlength=len(classes)) / len(y))


@named
def reweighted_mmd(
    model: nn.Module,
    task: Task,
    *,
    weight: Weight = DEFAULT_WEIGHT,
    method: str = "bbse",
    estimates: int = 1,
    steps: int = 500,
    seed: int = 0,
    **fit_options: Any,
) -> ReweightedMMD:
    r"""Align by an MMD whose source rows are weighted to the target's class mix.

    Train on the source alone; estimate the class mix :math:`\hat q` of the target from that
    network's answers; train again from the same start with

    .. math:: L_S + \lambda \, \mathrm{MMD}^2_w, \qquad w_i = \hat q_{y_i} / p_{y_i}

    Only the MMD is weighted. A plain MMD under label shift asks the features of both domains to
    have the same distribution although the classes are mixed differently: that can only be had by
    putting target rows of one class where the source has another.

    Parameters
    ----------
    model : nn.Module
        The start, untrained. It stays as it is.
    task : Task
        Its source, source validation part and unlabeled target.
    weight : float or function
        λ of the MMD.
    method : {"bbse", "em"}
        How the class mix is estimated.
    estimates : int
        1: from the source-only network. 2: once more from the adapted network, whose answers are
        better, and train again from the start; and so on.
    steps, seed, **fit_options
        Options of ``fit`` for every training.

    Raises
    ------
    ValueError
        If an argument does not fit.

    References
    ----------
    Lipton, Wang & Smola (2018), Detecting and correcting for label shift with black box predictors.
    Tachet des Combes et al. (2020), Domain adaptation with conditional distribution matching and
    generalized label shift.
    """
    check_choice(method, "method", ("bbse", "em"))
    check_positive(estimates, "estimates", integer=True)
    options = {"steps": steps, "seed": seed, **fit_options}
    result = ReweightedMMD(copy.deepcopy(model))
    result.histories.append(fit(result.model, task, **options))
    for _ in range(estimates):
        mix = class_mix(result.model, task, method)
        result.model = copy.deepcopy(model)
        term = MMD(weight, class_weights=mix.class_weights)
        result.histories.append(
            fit(result.model, task, Objective(F.cross_entropy, term), **options)
        )
        result.estimates.append(mix)
    return result
