"""WiSE-FT: weights on the straight line between a network and its fine-tuned copy."""

from __future__ import annotations

import copy

import torch
from torch import nn

from tlbook._base.named import named


@named
def interpolated(start: nn.Module, end: nn.Module, share: float) -> nn.Module:
    r"""Return a network on the line between two networks of the same shape.

    .. math:: W = (1 - s)\, W_\text{start} + s\, W_\text{end}

    Averaging makes sense where ``end`` was fine-tuned from ``start``, head included. The running
    statistics of normalization layers are averaged like weights. They fit the new weights if
    fine-tuning kept them (as :func:`lp_ft` does by default). If it moved them, pass some rows
    through the result in training mode, so that they are measured anew.

    Parameters
    ----------
    start, end : nn.Module
        They stay as they are.
    share : float
        s in [0, 1]: 0 is ``start``, 1 is ``end``.

    Returns
    -------
    nn.Module
        A copy of ``end`` in eval mode.

    Raises
    ------
    ValueError
        If the entries of the two state dicts differ in name or shape, or ``share`` is out of range.

    References
    ----------
    Wortsman et al. (2022), Robust fine-tuning of zero-shot models.

    Examples
    --------
    >>> import torch
    >>> from torch import nn
    >>> from tlbook.finetuning import interpolated
    >>> start, end = nn.Linear(1, 1), nn.Linear(1, 1)
    >>> _ = start.weight.data.fill_(0.0), end.weight.data.fill_(2.0)
    >>> float(interpolated(start, end, 0.25).weight.detach())
    0.5
    """
    if not 0 <= share <= 1:
        raise ValueError(f"share: got {share!r}, want a number in [0, 1]")
    first, last = start.state_dict(), end.state_dict()
    shapes = [{name: tuple(v.shape) for name, v in state.items()} for state in (first, last)]
    if shapes[0] != shapes[1]:
        amiss = sorted({name for name, _ in set(shapes[0].items()) ^ set(shapes[1].items())})
        raise ValueError(f"end: got another {amiss[0]} than start, want the same names and shapes")
    mixed = copy.deepcopy(end)
    mixed.load_state_dict(
        {
            name: torch.lerp(first[name].to(value.device), value, share)
            if value.is_floating_point()
            else value
            for name, value in last.items()
        }
    )
    return mixed.eval()
