"""Checks that an attribution has to pass: random weights, edges as a control, a known mask."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import nn

from tlbook._base.checks import check_array
from tlbook._base.named import named


@named
def randomized(model: nn.Module, layers: Sequence[str], seed: int = 0) -> nn.Module:
    """Return a copy of the model whose named layers have fresh random weights (a sanity check).

    An attribution that looks the same for the copy does not depend on what these layers have
    learned. Go from the last layer to the first, one more at a time, and compare.

    Parameters
    ----------
    model : nn.Module
    layers : sequence of str
        Names as in ``model.named_modules()``; each and everything in it is drawn again.
    seed : int

    Returns
    -------
    nn.Module

    Raises
    ------
    ValueError
        If a name is unknown or has nothing that could be drawn again.

    References
    ----------
    Adebayo, Gilmer, Muelly, Goodfellow, Hardt and Kim, Sanity checks for saliency maps, NeurIPS
    2018.

    Examples
    --------
    >>> import torch
    >>> from tlbook.trust import randomized
    >>> model = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.ReLU(), torch.nn.Linear(4, 2))
    >>> other = randomized(model, ["2"])
    >>> [bool((other[i].weight == model[i].weight).all()) for i in (0, 2)]
    [True, False]
    """
    other = copy.deepcopy(model)
    parts = dict(other.named_modules())
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        for name in layers:
            if name not in parts:
                raise ValueError(f"layers: got {name!r}, want names of model.named_modules()")
            drawn = [part for part in parts[name].modules() if hasattr(part, "reset_parameters")]
            if not drawn:
                raise ValueError(f"layers: got {name!r}, which has no weights, want one that has")
            for part in drawn:
                part.reset_parameters()
    return other


@named
def edges(X: Any) -> np.ndarray:
    """Return the strength of edges in pictures: a control that knows no model and no class.

    The length of the gradient of the brightness (mean over channels), by central differences. An
    attribution that points to an object no better than its edges do has explained nothing.

    Parameters
    ----------
    X : array of shape (n, channels, H, W)

    Returns
    -------
    array of shape (n, H, W), at least 0

    Raises
    ------
    ValueError
        If X has another shape.

    Examples
    --------
    >>> import numpy as np
    >>> from tlbook.trust import edges
    >>> picture = np.zeros((1, 1, 4, 6))
    >>> picture[..., 3:] = 1  # dark on the left, bright on the right
    >>> edges(picture)[0, 0].tolist()
    [0.0, 0.0, 0.5, 0.5, 0.0, 0.0]
    """
    pictures = check_array(X, "X", ndim=4).astype(np.float64).mean(axis=1)
    down, right = np.gradient(pictures, axis=(1, 2))
    return np.hypot(down, right)


@named
def mass_inside(attribution: Any, mask: Any) -> np.ndarray:
    r"""Return the share of an attribution's mass that lies on the object, for each row.

    .. math:: \frac{\sum_{uv \in \text{mask}} |a_{uv}|}{\sum_{uv} |a_{uv}|}

    Compare with the share of the picture that the mask covers, which is what an even attribution
    reaches, and with :func:`edges`.

    Parameters
    ----------
    attribution : array of shape (n, H, W) or (n, channels, H, W)
        Absolute values are added up over channels.
    mask : bool array of shape (n, H, W)
        Where the object is.

    Returns
    -------
    array of shape (n,)
        Between 0 and 1; 0 where the attribution is 0 everywhere.

    Raises
    ------
    ValueError
        If shapes do not fit or the mask is not bool.

    Examples
    --------
    >>> import numpy as np
    >>> from tlbook.trust import mass_inside
    >>> mask = np.zeros((1, 4, 4), dtype=bool)
    >>> mask[0, 0] = True  # the upper row is a quarter of the picture
    >>> mass_inside(np.ones((1, 4, 4)), mask).tolist()
    [0.25]
    """
    a = abs(check_array(attribution, "attribution", ndim=(3, 4)).astype(np.float64))
    if a.ndim == 4:
        a = a.sum(axis=1)
    M = np.asarray(mask)
    if M.dtype != bool or M.shape != a.shape:
        raise ValueError(f"mask: got {M.dtype} of shape {M.shape}, want bool of shape {a.shape}")
    total = a.sum(axis=(1, 2))
    return (a * M).sum(axis=(1, 2)) / np.where(total > 0, total, 1)
