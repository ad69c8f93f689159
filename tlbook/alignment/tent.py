"""TENT: go on learning while answering, from the entropy of the answers alone."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm
from torch.nn.modules.dropout import _DropoutNd
from torch.utils.data import DataLoader

from tlbook._base.checks import check_array, check_positive
from tlbook._base.named import named
from tlbook.alignment.entropy import Entropy
from tlbook.objective import Batch, Objective
from tlbook.training import History, fit


@dataclass
class TestTime:
    """What test-time adaptation gave for one stream of rows.

    Attributes
    ----------
    answers : array of shape (n,)
        The label of each row, given before the step that was made from its batch.
    model : nn.Module
        The network after the last batch, to go on with.
    history : History
        Record of the steps; the column ``Entropy`` has the value of each batch.
    """

    __test__ = False  # no test class, whatever pytest makes of the name

    answers: np.ndarray
    model: nn.Module
    history: History


@named
def tent(
    model: nn.Module, X: Any, *, lr: float = 1e-3, batch_size: int = 200, **fit_options: Any
) -> TestTime:
    r"""Answer the rows of ``X`` batch by batch, and make one step of entropy after each batch.

    .. math:: \gamma, \beta \leftarrow \gamma, \beta - \eta \, \nabla_{\gamma, \beta} \,
        \frac1m \sum_j H\bigl(p(\cdot \mid x_j)\bigr)

    Only scale :math:`\gamma` and shift :math:`\beta` of the BatchNorm layers are trained, and
    each batch is normalized by its own mean and variance. The rows come in the order of ``X``,
    once. No row of the source and no label is used.

    Parameters
    ----------
    model : nn.Module
        A trained network with BatchNorm. It stays as it is.
    X : array or tensor of shape (n, ...)
        The test rows.
    lr : float
        Learning rate of Adam.
    batch_size : int
        Rows of a batch. The statistics of BatchNorm come from these rows alone: a batch has to
        be large, and mixed in its classes. A single row left over joins the batch before.
    **fit_options
        Other options of ``fit``.

    Returns
    -------
    TestTime
        Its ``answers``, and the network after the last batch.

    Raises
    ------
    ValueError
        If an argument is out of range, or the network has no BatchNorm with scale and shift.

    Notes
    -----
    Dropout is off: an answer must not depend on chance.

    See Also
    --------
    adabn : the statistics of all rows at once, and no gradient.

    References
    ----------
    Wang, Shelhamer, Liu, Olshausen & Darrell (2021), Tent: fully test-time adaptation by entropy
    minimization.

    Examples
    --------
    >>> import numpy as np
    >>> from tlbook import data, models
    >>> from tlbook.alignment import tent
    >>> from tlbook.training import fit, predict
    >>> digits, net = data.load("handwriting"), models.create("digitnet")
    >>> _ = fit(net, digits, steps=50)
    >>> pale = 0.2 * digits.X + 0.5  # another scanner
    >>> adapted = tent(net, pale)
    >>> before, after = (np.mean(y == digits.y) for y in (predict(net, pale), adapted.answers))
    >>> bool(after > before + 0.1)
    True
    """
    check_positive(batch_size, "batch_size", integer=True)
    rows = torch.as_tensor(check_array(X, "X", min_rows=2)) if not torch.is_tensor(X) else X
    adapted = copy.deepcopy(model).requires_grad_(False)
    for parameter in normalization_parameters(adapted):
        parameter.requires_grad_(True)
    for layer in adapted.modules():
        if isinstance(layer, _DropoutNd):
            layer.p = 0.0
    batches = list(rows.split(batch_size))
    if len(batches) > 1 and len(batches[-1]) == 1:  # BatchNorm has no variance of one row
        batches[-2:] = [torch.cat(batches[-2:])]
    answers: list[torch.Tensor] = []

    def keep(step: int, batch: Batch) -> None:
        answers.append(batch.target_logits.detach().argmax(dim=1).cpu())

    options = {"optimizer": "adam", "lr": lr, "progress": False, **fit_options}
    stream: Any = DataLoader(batches, batch_size=None)  # type: ignore[arg-type]
    history = fit(
        adapted,
        {"target": stream},
        Objective(None, Entropy()),
        steps=len(batches),
        callback=keep,
        **options,
    )
    for after, before in zip(adapted.parameters(), model.parameters(), strict=True):
        after.requires_grad_(before.requires_grad)
        after.grad = None
    return TestTime(torch.cat(answers).numpy(), adapted, history)


@named
def normalization_parameters(model: nn.Module) -> list[nn.Parameter]:
    r"""Return scale :math:`\gamma` and shift :math:`\beta` of every BatchNorm layer.

    Raises
    ------
    ValueError
        If there are none.
    """
    layers = [layer for layer in model.modules() if isinstance(layer, _BatchNorm) and layer.affine]
    if not layers:
        raise ValueError(
            "model: got no BatchNorm layer with scale and shift, want at least one: TENT trains "
            "nothing else"
        )
    return [parameter for layer in layers for parameter in (layer.weight, layer.bias)]
