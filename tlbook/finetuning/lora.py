"""LoRA: leave the weights alone and learn a low-rank correction to them."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterable

from torch import nn

from tlbook._base.checks import check_positive
from tlbook._base.extras import needs
from tlbook._base.named import named
from tlbook.finetuning.frozen import freeze, unfreeze
from tlbook.models import seeded


@named
def lora(
    model: nn.Module,
    rank: int = 4,
    alpha: float = 4.0,
    layers: Iterable[str] | None = None,
    *,
    seed: int = 0,
) -> nn.Module:
    r"""Return a copy of the network whose layers learn only a low-rank correction.

    .. math:: W = W_0 + \frac{\alpha}{r} B A

    with :math:`A` of r rows drawn at random and :math:`B = 0`, so the network starts as exactly
    the function that it was. For a convolution, A is a convolution of the same size to r channels,
    and B a 1×1 convolution. The original weights and normalization (parameters and statistics)
    are frozen; the head stays trainable. Made by ``peft``.

    Parameters
    ----------
    model : nn.Module
        With ``features`` and ``head``, which the copy keeps. It stays as it is.
    rank : int
        r, the number of directions in which a layer can change.
    alpha : float
        :math:`\alpha`, the same for all ranks: at a larger rank each of the more directions then
        counts less. With ``alpha=rank`` the factor is 1, and a larger rank is a larger step, too.
    layers : iterable of str, optional
        Names of the linear layers and convolutions to adapt; by default all but the head (and but
        grouped convolutions).
    seed : int
        Seed of A.

    Returns
    -------
    nn.Module

    Raises
    ------
    ValueError
        If a layer does not exist or is neither linear nor a convolution, the network has adapters
        already, or a number is out of range.

    References
    ----------
    Hu et al. (2022), LoRA: low-rank adaptation of large language models.

    Examples
    --------
    >>> import torch
    >>> from tlbook import models
    >>> from tlbook.finetuning import lora, trainable_fraction
    >>> net = models.create("signnet", weights="embedded")
    >>> small = lora(net, rank=2)
    >>> x = torch.zeros(1, 3, 24, 24)
    >>> torch.equal(small(x), net(x)), trainable_fraction(small) < 0.1
    (True, True)
    """
    check_positive(rank, "rank", integer=True)
    check_positive(alpha, "alpha")
    names = _adaptable(model, layers)
    needs("peft", "text")
    from peft import LoraConfig, inject_adapter_in_model

    # A string is a pattern for the whole name; a list would also match ends of longer names.
    target = "|".join(re.escape(name) for name in names)
    config = LoraConfig(r=int(rank), lora_alpha=alpha, target_modules=target)
    adapted = seeded(lambda: inject_adapter_in_model(config, copy.deepcopy(model)), seed)
    learning = [f"{name}.{part}" for name in names for part in ("lora_A", "lora_B", "lora_dropout")]
    freeze(adapted, but=("head", *learning))
    unfreeze(adapted, only=("head", *learning))
    return adapted


@named
def lora_merge(model: nn.Module) -> nn.Module:
    """Return a copy in which the corrections are added to the weights: a plain network again.

    It computes the same function up to rounding, at the original's cost, and has the original's
    parameter names. Nothing in it is frozen.

    Raises
    ------
    ValueError
        If the network has no adapters.

    Examples
    --------
    >>> import torch
    >>> from tlbook import models
    >>> from tlbook.finetuning import lora, lora_merge
    >>> net = models.create("signnet", weights="embedded")
    >>> plain = lora_merge(lora(net, rank=2))
    >>> list(plain.state_dict()) == list(net.state_dict())  # a plain network again
    True
    """
    merged = copy.deepcopy(model)
    adapters = _adapters(merged)
    if not adapters:
        raise ValueError(f"model: got a {type(model).__name__} without adapters (see lora)")
    for name, layer in adapters.items():
        layer.merge(safe_merge=True)  # type: ignore[operator]
        parent, _, child = name.rpartition(".")
        setattr(merged.get_submodule(parent), child, layer.get_base_layer())  # type: ignore[operator]
    if hasattr(merged, "peft_config"):
        del merged.peft_config
    return unfreeze(merged).eval()


def _adaptable(model: nn.Module, layers: Iterable[str] | None) -> list[str]:
    head = getattr(model, "head", None)
    if not isinstance(head, nn.Module):
        raise ValueError(f"model: got a {type(model).__name__} without head (see models.wrap)")
    if _adapters(model):
        raise ValueError("model: got one with adapters, want a plain network (see lora_merge)")
    in_head = {id(m) for m in head.modules()}
    modules = dict(model.named_modules())
    able = [n for n, m in modules.items() if isinstance(m, (nn.Linear, nn.Conv2d, nn.Conv1d))]
    body = [n for n in able if id(modules[n]) not in in_head]
    if layers is None:
        chosen = [n for n in body if getattr(modules[n], "groups", 1) == 1]
    else:
        chosen = [layers] if isinstance(layers, str) else list(layers)
    for name in chosen:
        if name not in body:
            raise ValueError(f"layers: got {name!r}, want some of {', '.join(body)}")
    if not chosen:
        raise ValueError("layers: got none, want at least one linear layer or convolution")
    return chosen


def _adapters(model: nn.Module) -> dict[str, nn.Module]:
    # Not by peft's class: importing peft takes seconds, and a plain network needs none of it.
    return {n: m for n, m in model.named_modules() if hasattr(m, "lora_A") and hasattr(m, "merge")}
