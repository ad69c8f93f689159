"""A wrapper that gives any module ``features`` and ``head``."""

from __future__ import annotations

from torch import Tensor, nn

from tlbook._base.checks import check_choice


class Split(nn.Module):
    """A foreign module seen as features plus head; made by :func:`wrap`."""

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
        If there is no linear layer or none of that name.

    Examples
    --------
    >>> net = wrap(nn.Sequential(nn.Linear(4, 3), nn.ReLU(), nn.Linear(3, 2)))
    >>> net.features(torch.zeros(5, 4)).shape
    torch.Size([5, 3])
    """
    cut = getattr(module, "features", None)
    # torchvision's networks own a *module* called features, which is no cut of ours.
    own_cut = callable(cut) and not isinstance(cut, nn.Module)
    if own_cut and isinstance(getattr(module, "head", None), nn.Module):
        return module
    linear = [name for name, layer in module.named_modules() if isinstance(layer, nn.Linear)]
    if head is None and not linear:
        raise ValueError("module: got no nn.Linear in it, want the name of its head")
    name = head if head is not None else linear[-1]
    check_choice(name, "head", [n for n, _ in module.named_modules() if n])
    parent_name, _, child = name.rpartition(".")
    parent = module.get_submodule(parent_name)
    layer = parent.get_submodule(child)
    setattr(parent, child, nn.Identity())
    return Split(module, layer)
