"""Two tasks, one trunk: a second head on the same features, and how to weigh the losses."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from tlbook._base.checks import check_positive
from tlbook._base.named import named
from tlbook.models import seeded
from tlbook.objective import Batch, Loss, Term, Weight, mean_of_rows


class FirstTask(Term):
    """The loss of the model's own head on the source draw, as a term.

    ``Objective(None, FirstTask(), …)`` is the same as ``Objective(cross_entropy, …)``;
    :class:`UncertaintyWeighting` needs the loss as a term.
    """

    needs = ("source",)

    @named
    def __init__(self, weight: Weight = 1.0, loss: Loss = F.cross_entropy) -> None:
        super().__init__(weight)
        self.loss = loss

    def forward(self, batch: Batch) -> Tensor:
        """Return the mean loss over the source draw."""
        assert batch.source_y is not None
        return self.loss(batch.source_logits, batch.source_y)


class SecondTask(Term):
    r"""The loss of a second head on the features that both tasks share.

    .. math:: \lambda \, \frac1k \sum_{j=1}^{k} \ell\bigl(h_2(\phi(x_j)), y_j\bigr)

    The second task's rows come as ``fit(..., labeled=(X2, y2))``. Its head is trained with the
    model.

    Parameters
    ----------
    head : nn.Module
        :math:`h_2`, e.g. ``task_head(model, n_classes)``.
    weight : float or function
        :math:`\lambda`.
    loss : function
        ``loss(outputs, y)``; cross-entropy by default.

    Raises
    ------
    ValueError
        If the head is no module, or there are no rows of the second task.

    References
    ----------
    Caruana (1997), Multitask learning.

    Examples
    --------
    >>> import numpy as np
    >>> from torch.nn.functional import cross_entropy
    >>> from tlbook import data, models
    >>> from tlbook.finetuning import MultiHead, SecondTask, task_head
    >>> from tlbook.objective import Objective
    >>> from tlbook.training import fit, predict
    >>> digits, net = data.load("handwriting"), models.create("digitnet")
    >>> head, odd = task_head(net, 2), digits.y % 2
    >>> objective = Objective(cross_entropy, SecondTask(head, weight=0.5))
    >>> _ = fit(net, digits, objective, labeled=(digits.X, odd), steps=40)
    >>> float(np.mean(predict(MultiHead(net, head), digits.X) == odd)) > 0.7
    True
    """

    needs = ("labeled",)

    @named
    def __init__(self, head: nn.Module, weight: Weight = 1.0, loss: Loss = F.cross_entropy) -> None:
        super().__init__(weight)
        if not isinstance(head, nn.Module):
            raise ValueError(f"head: got {type(head).__name__}, want an nn.Module (see task_head)")
        self.head, self.loss = head, loss

    def forward(self, batch: Batch) -> Tensor:
        """Return the mean loss over the second task's draw."""
        if batch.labeled_y is None:
            raise ValueError("labeled: got None, want the second task's rows, fit(…, labeled=…)")
        return self.loss(self.head(batch.labeled_features), batch.labeled_y)


mean_of_rows(FirstTask)
mean_of_rows(SecondTask)


class UncertaintyWeighting(Term):
    r"""Several tasks' losses, weighted by noise levels that are learnt with them.

    .. math:: \sum_i e^{-s_i} L_i + \frac{s_i}{2}, \qquad s_i = \log \sigma_i^2

    the form of the paper for classification, :math:`L / \sigma^2 + \log \sigma`. For fixed losses
    the minimum is at :math:`s_i = \log(2 L_i)`: the weight :math:`e^{-s_i} = 1 / (2 L_i)`
    is inverse to the loss. For regression pass a loss of *half* the squared error: then it is the
    paper's :math:`\lVert y - f \rVert^2 / (2 \sigma^2) + \log \sigma`.

    Parameters
    ----------
    *tasks : Term
        For example ``FirstTask(), SecondTask(head)``, with weight 1 each.
    speed : float
        How much faster than the other parameters :math:`s` learns: with Adam it moves by about
        ``speed`` · lr in a step.

    Notes
    -----
    Use it as the whole objective, ``fit(model, data, UncertaintyWeighting(…), labeled=…)``, and
    without weight decay, which would pull :math:`s` to zero (for the model's weights pass
    ``parameters=parameter_groups(…, weight_decay=…)``). :math:`s` has no bound below: the weight
    of a task whose training loss goes to zero grows without limit.

    Raises
    ------
    ValueError
        If there is no task, or one has a weight of its own.

    References
    ----------
    Kendall, Gal & Cipolla (2018), Multi-task learning using uncertainty to weigh losses for scene
    geometry and semantics.
    """

    @named
    def __init__(self, *tasks: Term, speed: float = 10.0) -> None:
        super().__init__(1.0)
        if not tasks:
            raise ValueError("tasks: got none, want at least one Term")
        for task in tasks:
            if not isinstance(task, Term):
                raise ValueError(f"tasks: got {type(task).__name__}, want a Term")
            if callable(task.weight) or task.weight != 1:
                raise ValueError(f"tasks: got {task.name} with a weight, want 1: it is learnt")
        self.tasks = nn.ModuleList(tasks)
        self.needs = tuple(sorted({need for task in tasks for need in task.needs}))
        self.speed = check_positive(speed, "speed")
        self.scaled = nn.Parameter(torch.zeros(len(tasks)))
        self.losses = torch.full((len(tasks),), torch.nan)  # of the last step

    @property
    def s(self) -> np.ndarray:
        """The log variances, one per task."""
        return (self.speed * self.scaled).detach().cpu().numpy()

    @property
    def weights(self) -> np.ndarray:
        """The weights exp(−s), one per task."""
        return np.exp(-self.s)

    def forward(self, batch: Batch) -> Tensor:
        """Return the weighted sum, a scalar."""
        losses = torch.stack([task(batch) for task in self.tasks])
        self.losses = losses.detach()
        s = self.speed * self.scaled
        return (torch.exp(-s) * losses + s / 2).sum()


class MultiHead(nn.Module):
    """The shared trunk seen with another head: a model for the second task.

    It shares all weights with ``model``, nothing is copied: ``predictor(MultiHead(model, head))``.

    Parameters
    ----------
    model : nn.Module
        With ``features``.
    head : nn.Module
        Of the second task.
    """

    @named
    def __init__(self, model: nn.Module, head: nn.Module) -> None:
        super().__init__()
        if not callable(getattr(model, "features", None)):
            raise ValueError(f"model: got a {type(model).__name__} without features")
        self.trunk, self.head = model, head
        self.training = model.training  # so that predicting leaves the trunk's mode alone

    def features(self, x: Any) -> Tensor:
        """Return the shared features, (n, d)."""
        return self.trunk.features(x)  # type: ignore[operator]

    def forward(self, x: Any) -> Tensor:
        """Return the second task's outputs."""
        return self.head(self.features(x))


@named
def task_head(model: nn.Module, n_classes: int, seed: int = 0) -> nn.Linear:
    """Return a new linear head for another task on the model's features.

    Raises
    ------
    ValueError
        If the model's head is not linear, or ``n_classes`` is not a positive integer.
    """
    check_positive(n_classes, "n_classes", integer=True)
    old = getattr(model, "head", None)
    if not isinstance(old, nn.Linear):
        raise ValueError(
            f"model: its head is {type(old).__name__}, want nn.Linear (see models.wrap)"
        )
    head = seeded(lambda: nn.Linear(old.in_features, n_classes), seed)
    return head.to(old.weight.device)  # type: ignore[return-value]
