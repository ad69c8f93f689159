"""A wrapper that gives any module ``features`` and ``head``."""

from __future__ import annotations

from torch import Tensor, nn

from tlbook._base.checks import check_choice
from tlbook._base.named import named


class Split(nn.Module):
    """A foreign module seen as features plus head; made by :func:`wrap`."""

    @named
    def __init__(self, body: nn.Module, head: nn.Module) -> None:
        super().__init__()
        self.body = body
        self.head = head

    def features(self, x: Tensor) -> Tensor:
        """Return what the body gives, flattened to (n, d)."""
        return self.body(x).flatten(1)

    def forward(self, x: Tensor) -> Tensor:
        """Return ``head(features(x))``."""
        return self.head(self.features(x))


@named
def wrap(module: nn.Module, head: str | None = None) -> nn.Module:
    """Give any module ``features`` and ``head`` by cutting it at its last linear layer.

    Parameters
    ----------
    module : nn.Module
        For example a torchvision ``resnet18``. It is changed in place: the layer that was the
        head is replaced by an identity and moves to ``.head`` of the result.
    head : str, optional
        Dotted name of the layer that is the head; by default the last ``nn.Linear``.

    Returns
    -------
    nn.Module
        ``module`` itself where it already has both, else a module with the same outputs.

    Raises
    ------
    ValueError
        If there is no layer of that name, the network does not end in a linear layer, or it has
        auxiliary heads; the message says what to do.

    Examples
    --------
    >>> import torch
    >>> from torch import nn
    >>> from tlbook import models
    >>> net = models.wrap(nn.Sequential(nn.Linear(4, 3), nn.ReLU(), nn.Linear(3, 2)))
    >>> net.features(torch.zeros(5, 4)).shape
    torch.Size([5, 3])
    >>> net.head.out_features
    2
    """
    cut = getattr(module, "features", None)
    # torchvision's networks own a *module* called features, which is no cut of ours.
    own_cut = callable(cut) and not isinstance(cut, nn.Module)
    if own_cut and isinstance(getattr(module, "head", None), nn.Module):
        return module
    layers = {name: layer for name, layer in module.named_modules() if name}
    _refuse_auxiliary_heads(module)
    name = _last_with_weights(layers) if head is None else check_choice(head, "head", layers)
    layer = layers[name]
    if not isinstance(layer, nn.Linear):
        raise ValueError(
            f"{'module' if head is None else 'head'}: got {name!r}, a {type(layer).__name__}, want "
            "an nn.Linear as the head. Where a network ends in a convolution, put a head of your "
            "own behind it: nn.Sequential(body, nn.AdaptiveAvgPool2d(1), nn.Flatten(), "
            "nn.Linear(channels, classes))"
        )
    parent_name, _, child = name.rpartition(".")
    setattr(module.get_submodule(parent_name), child, nn.Identity())
    return Split(module, layer)


def _last_with_weights(layers: dict[str, nn.Module]) -> str:
    """Return the name of the last layer that has parameters of its own."""
    own = [n for n, layer in layers.items() if any(True for _ in layer.parameters(recurse=False))]
    if not own:
        raise ValueError(
            "module: got no nn.Linear in it, nor any layer that learns; want a network"
        )
    return own[-1]


def _refuse_auxiliary_heads(module: nn.Module) -> None:
    """In training such networks return several outputs, of which a loss can use none."""
    found = [name for name, child in module.named_children() if name.lower().startswith("aux")]
    if found and getattr(module, "aux_logits", True):
        raise ValueError(
            f"module: got a network with auxiliary heads ({', '.join(found)}), want one output: "
            "build it with aux_logits=False (segmentation: aux_loss=False)"
        )
