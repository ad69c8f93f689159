"""Distillation: a student learns the probabilities that a teacher gives, not only the labels."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from tlbook._base.checks import check_choice, check_positive
from tlbook._base.named import named
from tlbook.finetuning.frozen import freeze
from tlbook.objective import Batch, Term, Weight, mean_of_rows


class Distillation(Term):
    r"""Divergence of the student's softened probabilities from the teacher's.

    .. math:: T^2 \, \mathrm{KL}\bigl(\mathrm{softmax}(t/T) \,\Vert\,
              \mathrm{softmax}(s/T)\bigr)

    averaged over the draw, with the teacher's logits :math:`t` and the student's :math:`s`. The
    factor :math:`T^2` keeps the size of the gradient about the same when the temperature changes.

    Parameters
    ----------
    teacher : nn.Module
        Maps inputs to logits. It is copied, stays in eval mode, gets no gradient, and is not
        among the parameters of the term.
    weight : float or function
        Weight of the term.
    temperature : float
        :math:`T`; larger values tell more about the wrong classes.
    on : {"source", "target", "labeled"}
        On which draw; no labels are needed.
    head : nn.Module, optional
        Makes the student's logits from its features, instead of the student's own head. For
        learning without forgetting: the copy of the old head, trained along with the new one
        (see Notes).

    Notes
    -----
    Learning without forgetting keeps the old task without its data: before fine-tuning on a new
    task, the old network becomes the teacher, and the old head goes on on top of the features that
    now change::

        keep = Distillation(old, weight=1.0, temperature=2.0, head=copy.deepcopy(old.head))
        fit(new, (X, y), Objective(cross_entropy, keep))

    Raises
    ------
    ValueError
        If the teacher is no module, the temperature is not positive, or teacher and student have
        a different number of classes.

    References
    ----------
    Hinton, Vinyals & Dean (2015), Distilling the knowledge in a neural network.
    Li & Hoiem (2017), Learning without forgetting.

    Examples
    --------
    >>> import numpy as np
    >>> from tlbook import data, models
    >>> from tlbook.finetuning import Distillation
    >>> from tlbook.training import fit, predict
    >>> digits = data.load("handwriting")
    >>> teacher, student = (models.create("digitnet", seed=seed) for seed in (0, 1))
    >>> _ = fit(teacher, digits, steps=50)
    >>> _ = fit(student, digits, Distillation(teacher, temperature=2), steps=50)  # uses no label
    >>> float(np.mean(predict(student, digits.X) == predict(teacher, digits.X))) > 0.8
    True
    """

    @named
    def __init__(
        self,
        teacher: nn.Module,
        weight: Weight = 1.0,
        temperature: float = 2.0,
        *,
        on: str = "source",
        head: nn.Module | None = None,
    ) -> None:
        super().__init__(weight)
        if not isinstance(teacher, nn.Module):
            raise ValueError(f"teacher: got {type(teacher).__name__}, want an nn.Module")
        self.temperature = check_positive(temperature, "temperature")
        self.on = check_choice(on, "on", ("source", "target", "labeled"))
        self.needs = (on,)
        self.head = head
        # In a tuple, so that it is no submodule: parameters(), train() and state_dict() miss it.
        self._teacher = (freeze(copy.deepcopy(teacher), but=()).eval(),)

    @property
    def teacher(self) -> nn.Module:
        """The frozen copy of the teacher."""
        return self._teacher[0]

    def forward(self, batch: Batch) -> Tensor:
        """Return the mean divergence over the draw, a scalar."""
        with torch.no_grad():
            wanted = self.teacher(getattr(batch, f"{self.on}_x"))
        if self.head is None:
            given = getattr(batch, f"{self.on}_logits")
        else:
            given = self.head(getattr(batch, f"{self.on}_features"))
        return soft_divergence(wanted, given, self.temperature)

    def _apply(self, fn: Callable[..., Any], recurse: bool = True) -> Distillation:
        # .to(device) reaches submodules only, and the teacher is none.
        self.teacher._apply(fn)
        return super()._apply(fn, recurse)


mean_of_rows(Distillation)


@named
def soft_divergence(teacher: Tensor, student: Tensor, temperature: float = 1.0) -> Tensor:
    r"""Return :math:`T^2 \, \mathrm{KL}` of softened teacher and student logits, (n, classes).

    Raises
    ------
    ValueError
        If the shapes differ.
    """
    if teacher.shape != student.shape:
        raise ValueError(
            f"student: got logits of shape {tuple(student.shape)}, "
            f"want {tuple(teacher.shape)} like the teacher's"
        )
    lower = torch.promote_types(student.dtype, torch.float32)  # bfloat16 is too coarse for logs
    wanted = F.log_softmax(teacher.to(lower) / temperature, dim=1)
    given = F.log_softmax(student.to(lower) / temperature, dim=1)
    return temperature**2 * F.kl_div(given, wanted, reduction="batchmean", log_target=True)
