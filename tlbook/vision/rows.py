"""Targets of any shape for ``fit``: the label of a row is its number, the loss looks it up."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from tlbook._base.checks import check_array
from tlbook._base.named import named
from tlbook.objective import Batch, Term, Weight, mean_of_rows

Loss = Callable[[Tensor, Tensor], Tensor]


@named
def numbered(X: Any) -> tuple[Any, np.ndarray]:
    """Return ``(X, row numbers)``: what ``fit`` takes where targets are no single number.

    Raises
    ------
    ValueError
        If ``X`` has no rows.

    Examples
    --------
    >>> import numpy as np
    >>> from tlbook.vision import numbered
    >>> numbered(np.zeros((3, 3, 8, 8)))[1]
    array([0, 1, 2])
    """
    if len(X) == 0:
        raise ValueError("X: got 0 rows, want at least 1")
    return X, np.arange(len(X))


class ByRow(nn.Module):
    r"""A loss against targets of any shape: masks, heat maps, vectors.

    .. math:: \ell\bigl(f(x_i), i\bigr) = \ell\bigl(f(x_i), t_i\bigr)

    ``fit`` draws pairs (x, y) with one number y per row. Here that number is the row's own, and the
    loss looks the target up, so that the one training loop trains on masks and boxes, too. The
    targets move to the device with the objective.

    Parameters
    ----------
    targets : array of shape (n, ...)
        One per row of the inputs.
    loss : function
        ``loss(outputs, targets) -> scalar``.

    Raises
    ------
    ValueError
        If the targets are not finite or the loss is no function.

    Examples
    --------
    >>> from torch.nn.functional import cross_entropy
    >>> from tlbook import data, models
    >>> from tlbook.objective import Objective
    >>> from tlbook.training import fit, predict
    >>> from tlbook.vision import ByRow, UNet, mean_iou, numbered
    >>> roads = data.load("roads", n=16, size=(16, 24))
    >>> backbone = models.SignNet(10, channels=((8, 1), (16, 2)))
    >>> net = UNet(backbone, len(roads.classes), size=(16, 24), width=8)
    >>> loss = Objective(ByRow(roads.masks, cross_entropy))
    >>> _ = fit(net, numbered(roads.X), loss, steps=60, batch_size=8, lr=0.01)
    >>> mean_iou(roads.masks, predict(net, roads.X), classes=4)[0] > 0.4
    True
    """

    targets: Tensor

    @named
    def __init__(self, targets: Any, loss: Loss) -> None:
        super().__init__()
        if not callable(loss):
            raise ValueError(f"loss: got {type(loss).__name__}, want a function")
        values = targets if isinstance(targets, Tensor) else check_array(targets, "targets")
        tensor = torch.as_tensor(values)
        if tensor.is_floating_point():
            tensor = tensor.float()
        self.register_buffer("targets", tensor)
        self.loss = loss

    def forward(self, outputs: Tensor, rows: Tensor) -> Tensor:
        """Return the loss of these rows, a scalar."""
        least, most = (rows.min(), rows.max()) if len(rows) else (0, 0)
        if rows.is_floating_point() or least < 0 or most >= len(self.targets):
            raise ValueError(
                f"rows: got labels beyond 0 … {len(self.targets) - 1}, want the number of each row "
                "(see numbered)"
            )
        return self.loss(outputs, self.targets[rows])


def _leaves_none_out(loss: ByRow) -> bool:
    """Return whether every number of the targets counts: torch leaves −100 out of a mean."""
    return loss.targets.is_floating_point() or bool((loss.targets >= 0).all())


mean_of_rows(ByRow, _leaves_none_out)


class SameRows(Term):
    r"""A second head on the features of the source draw: two tasks on the same pictures.

    .. math:: \lambda \, \frac1n \sum_i \ell\bigl(h_2(\phi(x_i)), t_i\bigr)

    :class:`~tlbook.finetuning.SecondTask` is for a second task with rows of its own; here the
    features are computed once for both.

    Parameters
    ----------
    head : nn.Module
        :math:`h_2`, trained with the model.
    loss : ByRow
        Holds the second task's targets, for the same row numbers.
    weight : float or function
        :math:`\lambda`.

    Raises
    ------
    ValueError
        If the head is no module or the loss no :class:`ByRow`.
    """

    needs = ("source",)

    @named
    def __init__(self, head: nn.Module, loss: ByRow, weight: Weight = 1.0) -> None:
        super().__init__(weight)
        if not isinstance(head, nn.Module):
            raise ValueError(f"head: got {type(head).__name__}, want an nn.Module")
        if not isinstance(loss, ByRow):
            raise ValueError(f"loss: got {type(loss).__name__}, want a ByRow")
        self.head, self.loss = head, loss

    def forward(self, batch: Batch) -> Tensor:
        """Return the mean loss over the source draw."""
        assert batch.source_y is not None
        return self.loss(self.head(batch.source_features), batch.source_y)


mean_of_rows(SameRows)
