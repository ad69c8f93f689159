"""The layers of a network in order, so that each can have its own learning rate or its own turn."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from torch import nn

from tlbook._base.named import named
from tlbook.models import Split

# They rescale what the layer before them computes, so they belong to that layer.
_JOINING = (
    nn.modules.batchnorm._NormBase,
    nn.GroupNorm,
    nn.LayerNorm,
    nn.RMSNorm,
    nn.PReLU,
)


@dataclass
class Layer:
    """One layer: a convolution or linear map with what follows it, a residual block, the head.

    Attributes
    ----------
    name : str
        Dotted name of its first part with parameters.
    modules : list of str
        Dotted names of all its parts, in order.
    parameters : dict of {str: Parameter}
        Its parameters by their names in the model.
    """

    name: str = ""
    modules: list[str] = field(default_factory=list)
    parameters: dict[str, nn.Parameter] = field(default_factory=dict)

    def __repr__(self) -> str:
        size = sum(p.numel() for p in self.parameters.values())
        return f"Layer({self.name}: {size:,} parameters)"


@named
def layers_of(model: nn.Module) -> list[Layer]:
    """Return the layers of a network from the input to the head.

    A layer is a convolution or linear map together with the normalization, activation and pooling
    that follow it. A block with branches (a residual block) is one layer. Layers come in the order
    in which the network defines them.

    Parameters
    ----------
    model : nn.Module
        With ``features`` and ``head``: a network of ``tlbook.models``, or a wrapped one.

    Returns
    -------
    list of Layer
        Each parameter of the model is in exactly one; the head is the last.

    Raises
    ------
    ValueError
        If the model has no head.
    """
    head = getattr(model, "head", None)
    if not isinstance(head, nn.Module):
        raise ValueError(f"model: got a {type(model).__name__} without head (see models.wrap)")
    names = {id(p): name for name, p in model.named_parameters()}
    layers: list[Layer] = []
    waiting = Layer()  # what comes before the first layer with weights belongs to that layer
    for name, module, own in _units(model, "", head):
        parameters = {names.pop(id(p)): p for p in own if id(p) in names}
        starts = bool(parameters) and module is not None and not isinstance(module, _JOINING)
        if starts:
            layers.append(Layer(name, waiting.modules, waiting.parameters))
            waiting = Layer()
        # A container's own parameter (a class token) is used before what follows it.
        into = waiting if module is None or not layers else layers[-1]
        into.parameters.update(parameters)
        if module is not None:
            into.modules.append(name)
    last = [n for n, m in model.named_modules() if m is head]
    own_head = {names[id(p)]: p for p in head.parameters() if id(p) in names}
    layers.append(Layer(last[0], waiting.modules + last[:1], {**waiting.parameters, **own_head}))
    return layers


Unit = tuple[str, nn.Module | None, list[nn.Parameter]]


def _units(module: nn.Module, name: str, head: nn.Module) -> Iterator[Unit]:
    """Yield (name, module, parameters) of all parts but the head; None: a container's own."""
    if module is head:
        return
    if name and not _is_container(module):
        yield name, module, list(module.parameters())
        return
    if own := list(module.parameters(recurse=False)):
        yield name, None, own
    wrapped = isinstance(module, Split) and not name
    for child_name, child in module.named_children():
        full = f"{name}.{child_name}" if name else child_name
        if wrapped and child is not head:
            yield from _inside(child, full, head)
        else:
            yield from _units(child, full, head)


def _inside(module: nn.Module, name: str, head: nn.Module) -> Iterator[Unit]:
    """As ``_units`` for the body of a wrapped network, which is a container whatever it is."""
    children = list(module.named_children())
    if not children:
        yield from _units(module, name, head)
        return
    if own := list(module.parameters(recurse=False)):
        yield name, None, own
    for child_name, child in children:
        yield from _units(child, f"{name}.{child_name}", head)


def _is_container(module: nn.Module) -> bool:
    """Whether a module is a chain of layers rather than a layer."""
    if isinstance(module, (nn.Sequential, nn.ModuleList)):
        return len(module) > 0
    chains = [m for m in module.children() if isinstance(m, (nn.Sequential, nn.ModuleList))]
    return any(len(chain) and all(map(_is_block, chain)) for chain in chains)


def _is_block(module: nn.Module) -> bool:
    return not isinstance(module, nn.Sequential) and any(True for _ in module.children())
