"""The formula of the course as code: min L_S + λ L_T + α · alignment + Ω.

An :class:`Objective` is a loss on the labeled source and any number of terms; a term is a small
module that sees a :class:`Batch` and returns a scalar. A new method is a new term, never another
training loop.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from tlbook._base.batch import Batch
from tlbook._base.checks import check_positive
from tlbook._base.means import mean_of_rows
from tlbook._base.named import named

Loss = Callable[[Tensor, Tensor], Tensor]
Weight = float | Callable[[float], float]


@dataclass(frozen=True)
class Ramp:
    r"""A weight that grows from 0 during the training.

    .. math:: w(p) = w \left(\frac{2}{1 + e^{-\gamma p}} - 1\right), \qquad p \in [0, 1]

    While the features mean nothing yet, making them alike in both domains only disturbs.

    Parameters
    ----------
    weight : float
        :math:`w`, nearly reached at the end.
    gamma : float
        :math:`\gamma > 0`: the larger, the sooner.

    References
    ----------
    Ganin et al. (2016), Domain-adversarial training of neural networks.

    Examples
    --------
    >>> from tlbook.adversarial import DANN
    >>> from tlbook.objective import Ramp
    >>> ramp = Ramp(weight=0.5)
    >>> ramp(0.0), round(ramp(0.2), 2), round(ramp(1.0), 2)
    (0.0, 0.38, 0.5)
    >>> term = DANN(weight=ramp)  # any term takes it in place of a number
    """

    weight: float
    gamma: float = 10.0

    def __post_init__(self) -> None:
        if not np.isfinite(self.weight):
            raise ValueError(f"weight: got {self.weight!r}, want a finite number")
        check_positive(self.gamma, "gamma")

    def __call__(self, progress: float) -> float:
        """Return the weight at this progress in [0, 1]."""
        return self.weight * (2 / (1 + math.exp(-self.gamma * progress)) - 1)


def full_precision(device: str | torch.device) -> AbstractContextManager[Any]:
    """Return a context in which autocast is off: distances in bfloat16 are mostly rounding.

    Cast the inputs too: ``with full_precision(z.device): mmd2(z.float(), …)``.
    """
    return torch.autocast(torch.device(device).type, enabled=False)


class Term(nn.Module):
    """Base of all terms: a scalar function of a :class:`Batch` with a weight.

    Parameters
    ----------
    weight : float or function
        A constant, or a function of the training's progress in [0, 1] (a schedule).

    Notes
    -----
    A subclass writes ``forward(batch) -> scalar tensor``. Parameters that it owns (a
    discriminator) are trained together with the model, at ``lr_ratio`` times its learning rate.
    ``needs`` names the draws that it uses. ``fit`` calls ``forward`` once per step.

    Examples
    --------
    >>> from torch.nn.functional import cross_entropy
    >>> from tlbook.objective import Objective, Term
    >>> class SmallFeatures(Term):
    ...     needs = ("target",)
    ...     def forward(self, batch):
    ...         return batch.target_features.pow(2).mean()
    >>> Objective(cross_entropy, SmallFeatures(weight=0.01))
    L_S + 0.01 SmallFeatures
    """

    needs: tuple[str, ...] = ()
    lr_ratio: float = 1.0

    @named
    def __init__(self, weight: Weight = 1.0) -> None:
        super().__init__()
        if not callable(weight) and not np.isfinite(weight):
            raise ValueError(f"weight: got {weight!r}, want a finite number or a function")
        self.weight = weight

    @property
    def name(self) -> str:
        """Name of the term's column in the history."""
        return type(self).__name__

    def weight_at(self, progress: float) -> float:
        """Return the weight at this progress in [0, 1]."""
        return float(self.weight(progress)) if callable(self.weight) else float(self.weight)

    def forward(self, batch: Batch) -> Tensor:
        """Return the term's value, a scalar."""
        raise NotImplementedError


class TargetLoss(Term):
    """L_T: the loss on the labeled target draw, weighted by λ.

    It is zero where the draw is empty: unsupervised adaptation has no target labels, so there is
    no L_T to minimize.

    Parameters
    ----------
    weight : float or function
        λ.
    loss : function, optional
        ``loss(logits, labels)``; cross-entropy by default.

    Examples
    --------
    >>> from torch.nn.functional import cross_entropy
    >>> from tlbook import data, models
    >>> from tlbook.objective import Objective, TargetLoss
    >>> from tlbook.training import fit
    >>> task = data.load("fonts-to-handwriting", n_source=200)
    >>> net = models.create("digitnet")
    >>> objective = Objective(cross_entropy, TargetLoss(weight=1.0))
    >>> history = fit(net, task, objective, labeled=task.label(5), steps=20)
    >>> list(history.columns)
    ['loss', 'L_S', 'TargetLoss', 'lr']
    """

    needs = ("labeled",)

    def __init__(self, weight: Weight = 1.0, loss: Loss = F.cross_entropy) -> None:
        super().__init__(weight)
        self.loss = loss

    def forward(self, batch: Batch) -> Tensor:
        """Return the mean loss over the labeled target draw."""
        if batch.labeled_x is None or len(batch.labeled_x) == 0:
            return torch.zeros((), device=next(batch.model.parameters()).device)
        assert batch.labeled_y is not None
        return self.loss(batch.labeled_logits, batch.labeled_y)


mean_of_rows(TargetLoss)


class Objective(nn.Module):
    """min L_S + Σ weight · term.

    Parameters
    ----------
    source_loss : function or None
        ``loss(logits, labels)`` on the source draw; ``None`` leaves the source out.
    *terms : Term
        λ L_T, alignment terms, regularizers.

    Raises
    ------
    ValueError
        If a term is no :class:`Term` or there is nothing to minimize.

    Examples
    --------
    >>> from torch.nn.functional import cross_entropy
    >>> from tlbook.alignment import MMD
    >>> from tlbook.objective import Objective, TargetLoss
    >>> objective = Objective(cross_entropy, TargetLoss(0.5), MMD(3.0))
    >>> objective
    L_S + 0.5 TargetLoss + 3 MMD
    >>> sorted(objective.needs)  # what fit has to draw
    ['labeled', 'source', 'target']
    """

    def __init__(self, source_loss: Loss | None = F.cross_entropy, *terms: Term) -> None:
        super().__init__()
        for term in terms:
            if not isinstance(term, Term):
                raise ValueError(f"terms: got {type(term).__name__}, want a Term")
        if source_loss is None and not terms:
            raise ValueError(
                "objective: got no source loss and no term, want something to minimize"
            )
        self.source_loss = source_loss
        self.terms = nn.ModuleList(terms)

    @property
    def needs(self) -> set[str]:
        """The draws it uses: ``"source"``, ``"target"``, ``"labeled"``."""
        own = {"source"} if self.source_loss is not None else set()
        return own.union(*(t.needs for t in self._terms()))

    def _terms(self) -> Iterable[Term]:
        for term in self.terms:
            assert isinstance(term, Term)
            yield term

    def named_terms(self) -> dict[str, Term]:
        """Return the terms by the names of their columns; a second MMD is called ``MMD'``."""
        named: dict[str, Term] = {}
        for term in self._terms():
            name = term.name
            while name in named or name == "L_S":
                name += "'"
            named[name] = term
        return named

    def weights_at(self, progress: float) -> dict[str, float]:
        """Return the weight of each part at this progress; that of ``L_S`` is 1."""
        own = {"L_S": 1.0} if self.source_loss is not None else {}
        return own | {n: t.weight_at(progress) for n, t in self.named_terms().items()}

    def forward(self, batch: Batch) -> tuple[Tensor, dict[str, Tensor]]:
        """Return the value to minimize and the unweighted parts by name."""
        parts: dict[str, Tensor] = {}
        total: Tensor | None = None
        if self.source_loss is not None:
            assert batch.source_y is not None
            total = parts["L_S"] = self.source_loss(batch.source_logits, batch.source_y)
        for name, term in self.named_terms().items():
            value = parts[name] = term(batch)
            weighted = term.weight_at(batch.progress) * value
            total = weighted if total is None else total + weighted
        assert total is not None
        return total, parts

    def __repr__(self) -> str:
        parts = ["L_S"] if self.source_loss is not None else []
        for term in self._terms():
            weight = "w(t)" if callable(term.weight) else f"{term.weight:g}"
            parts.append(f"{weight} {term.name}")
        return " + ".join(parts)
