"""Reuse of a trained network: replace its head, freeze what stays, cache what no longer changes."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import torch
from torch import nn

from tlbook._base.checks import check_positive
from tlbook._base.named import named
from tlbook.models import seeded
from tlbook.training.predict import in_blocks

NORMS = (nn.modules.batchnorm._BatchNorm,)


@named
def replace_head(model: nn.Module, n_classes: int, seed: int = 0) -> nn.Module:
    """Return a copy of ``model`` with a new linear head for another label space.

    Parameters
    ----------
    model : nn.Module
        With ``features`` and a linear ``head``. It stays as it is.
    n_classes : int
        Outputs of the new head.
    seed : int
        Seed of the head's random start.

    Returns
    -------
    nn.Module

    Raises
    ------
    ValueError
        If the model has no linear head or ``n_classes`` is not a positive integer.

    Examples
    --------
    >>> from tlbook import models
    >>> from tlbook.finetuning import replace_head
    >>> letters = models.create("signnet", weights="embedded")
    >>> digits = replace_head(letters, n_classes=10)
    >>> letters.head.out_features, digits.head.out_features
    (71, 10)
    """
    check_positive(n_classes, "n_classes", integer=True)
    old = getattr(model, "head", None)
    if not isinstance(old, nn.Linear):
        raise ValueError(
            f"model: its head is {type(old).__name__}, want nn.Linear (see models.wrap)"
        )
    new = copy.deepcopy(model)
    head = seeded(lambda: nn.Linear(old.in_features, n_classes, bias=old.bias is not None), seed)
    new.head = head.to(old.weight.device)
    return new


def _stay_in_eval(module: nn.Module, _: Any) -> None:
    module.training = False


@named
def freeze(
    model: nn.Module, but: Iterable[str] = ("head",), *, statistics_only: bool = False
) -> nn.Module:
    """Freeze a network in place: no gradients, and BatchNorm and dropout stay in eval mode.

    Switching gradients off is not enough. In training mode BatchNorm normalizes with the statistics
    of the batch and moves its running averages at every forward pass, so a network that is only
    ``requires_grad_(False)`` still changes. Frozen layers here compute in eval mode even when
    ``model.train()`` is called afterwards: they switch back (``training``, too) at the next pass.

    Parameters
    ----------
    model : nn.Module
        Changed in place.
    but : iterable of str
        Names of submodules that stay trainable, their statistics included; by default the head.
        ``""`` is the whole network: with it nothing is frozen.
    statistics_only : bool
        Freeze only the statistics of normalization layers, in all that ``but`` does not name
        (for the whole network: ``but=()``); all parameters keep learning.

    Returns
    -------
    nn.Module
        ``model``.

    Raises
    ------
    ValueError
        If ``but`` names a submodule that does not exist.

    Examples
    --------
    >>> import torch
    >>> from tlbook import models
    >>> from tlbook.finetuning import freeze
    >>> net = freeze(models.create("signnet", weights="embedded")).train()
    >>> [name for name, weight in net.named_parameters() if weight.requires_grad]
    ['head.weight', 'head.bias']
    >>> before = net.body[1].running_mean.clone()
    >>> _ = net(torch.ones(8, 3, 24, 24))
    >>> torch.equal(net.body[1].running_mean, before)  # BatchNorm keeps still, too
    True
    """
    kept = _named(model, but)
    free = {id(m) for k in kept for m in k.modules()}
    for module in model.modules():
        if id(module) in free or (statistics_only and not isinstance(module, NORMS)):
            continue
        if module is not model:
            _hold(module)
        if not statistics_only:
            for parameter in module.parameters(recurse=False):
                parameter.requires_grad_(False)
    return model


@named
def unfreeze(model: nn.Module, only: Iterable[str] = ("",)) -> nn.Module:
    """Undo :func:`freeze` in place, for the whole network or the submodules named in ``only``.

    Raises
    ------
    ValueError
        If ``only`` names a submodule that does not exist.
    """
    for part in _named(model, only):
        for module in part.modules():
            _release(module)
            for parameter in module.parameters(recurse=False):
                parameter.requires_grad_(True)
    return model


@named
def cached_features(model: nn.Module, X: Any, *, batch_size: int = 512) -> np.ndarray:
    """Run the network's ``features`` once over all rows, in eval mode.

    With a frozen body the features of a picture never change: computing them once replaces a pass
    through the body in every epoch.

    Parameters
    ----------
    model : nn.Module
        With ``features``.
    X : array or tensor of shape (n, ...)
        Inputs.
    batch_size : int
        Rows at a time.

    Returns
    -------
    array of shape (n, d), float32

    Examples
    --------
    >>> import numpy as np
    >>> from tlbook import models
    >>> from tlbook.finetuning import cached_features
    >>> pictures = np.random.default_rng(0).random((5, 3, 24, 24), dtype=np.float32)
    >>> cached_features(models.create("signnet", weights="embedded"), pictures).shape
    (5, 128)
    """
    check_positive(batch_size, "batch_size", integer=True)
    features: Callable[..., torch.Tensor] = model.features  # type: ignore[assignment]
    return in_blocks(lambda x: features(x).float(), model, X, batch_size)


def _named(model: nn.Module, names: Iterable[str]) -> list[nn.Module]:
    modules = dict(model.named_modules())
    names = (names,) if isinstance(names, str) else tuple(names)
    for name in names:
        if name not in modules:
            known = ", ".join(n for n in modules if n and n.count(".") == 0)
            raise ValueError(f"but/only: got {name!r}, want submodules such as {known}")
    return [modules[name] for name in names]


def _hold(module: nn.Module) -> None:
    # A hook, not a flag: a reader's own loop calls model.train(), which would undo a flag.
    _release(module)
    module.register_forward_pre_hook(_stay_in_eval)
    module.training = False


def _release(module: nn.Module) -> None:
    hooks = module._forward_pre_hooks
    for key in [k for k, hook in hooks.items() if hook is _stay_in_eval]:
        del hooks[key]
