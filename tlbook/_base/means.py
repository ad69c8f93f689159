"""Which losses and terms are means over rows: several processes may take them apart.

A mean over the rows of a draw is the mean of the means over its shares. A distance between two
sets of rows is not, nor is anything else that looks at several rows at once.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from functools import partial
from typing import Any, TypeVar

from torch import nn
from torch.nn import functional as F

Kind = TypeVar("Kind", bound=Callable[..., Any])

_MEANS: dict[Any, Callable[[Any], bool]] = {}


def mean_of_rows(kind: Kind, when: Callable[[Any], bool] = lambda thing: True) -> Kind:
    r"""Say of a loss or a class of terms that its value is a mean over the rows of one draw.

    .. math:: A(x_1, \dots, x_n) = \frac1n \sum_i a(x_i)

    with a function a that looks at one row and the weights; also of a term that looks at no row.
    A class speaks for itself and not for its subclasses. Where it has an attribute ``loss``, that
    must be such a mean as well.

    Parameters
    ----------
    kind : function ``loss(logits, labels)``, or class
        It is returned, so this is also a decorator.
    when : function
        Of an instance of the class: whether it is one.

    Examples
    --------
    >>> from tlbook.objective import Term, mean_of_rows
    >>> @mean_of_rows
    ... class SmallFeatures(Term):
    ...     needs = ("target",)
    ...     def forward(self, batch):
    ...         return batch.target_features.pow(2).mean()
    """
    _MEANS[kind] = when
    return kind


def is_mean_of_rows(thing: Any) -> bool:
    """Say whether a loss or a term is known to be a mean over the rows of one draw."""
    if isinstance(thing, partial):
        harmless = not thing.args and set(thing.keywords) <= {"label_smoothing"}
        return harmless and is_mean_of_rows(thing.func)
    own = _MEANS.get(thing) if isinstance(thing, Hashable) else None
    if own is not None:
        return own(thing)
    when, loss = _MEANS.get(type(thing)), getattr(thing, "loss", None)
    return when is not None and when(thing) and (loss is None or is_mean_of_rows(loss))


def _is_plain(loss: Any) -> bool:
    # Class weights are divided by the sum of those in the draw: no mean of the shares' means.
    plain = loss.reduction == "mean" and getattr(loss, "weight", None) is None
    return plain and getattr(loss, "ignore_index", -1) < 0


for _function in (
    F.cross_entropy,
    F.mse_loss,
    F.l1_loss,
    F.smooth_l1_loss,
    F.huber_loss,
    F.binary_cross_entropy_with_logits,
):
    mean_of_rows(_function)
for _class in (nn.CrossEntropyLoss, nn.MSELoss, nn.L1Loss, nn.SmoothL1Loss, nn.HuberLoss):
    mean_of_rows(_class, _is_plain)
