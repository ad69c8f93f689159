"""Layer-wise learning rates: what lies near the input, and is general, moves less."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from torch import nn

from tlbook._base.checks import check_positive
from tlbook._base.named import named
from tlbook.finetuning.layers import layers_of

if TYPE_CHECKING:
    import pandas as pd


class ParameterGroups(list[dict[str, Any]]):
    """Groups as a torch optimizer and ``fit(parameters=…)`` take them; shows as a table."""

    @property
    def frame(self) -> pd.DataFrame:
        """One row per layer, head first: its name, depth, learning rate, number of parameters."""
        import pandas as pd

        columns = ["layer", "depth", "learning rate", "parameters"]
        return pd.DataFrame([_row(group) for group in self], columns=columns)

    def __repr__(self) -> str:
        rows = [_row(group) for group in self]
        width = max([5, *(len(row[0]) for row in rows)])
        lines = [f"{'layer':<{width}}  depth  learning rate  parameters"]
        lines += [f"{n:<{width}}  {d:>5}  {lr:>13.2e}  {size:>10,}" for n, d, lr, size in rows]
        return "\n".join(lines)


@named
def parameter_groups(
    model: nn.Module, lr: float, decay: float = 1 / 2.6, *, weight_decay: float | None = None
) -> ParameterGroups:
    r"""Give each layer its own learning rate, largest at the head.

    .. math:: \eta_d = \eta \cdot \text{decay}^d

    with depth :math:`d = 0` for the head, 1 for the layer before it, and so on. Pass the result to
    ``fit(model, data, parameters=…)``. A schedule multiplies every rate by the same factor, so
    their ratios stay. A term's own parameters are not in these groups: they learn with ``fit``'s
    ``lr``.

    Parameters
    ----------
    model : nn.Module
        With ``features`` and ``head``. Frozen parameters are left out; their layers still count
        for the depth.
    lr : float
        Learning rate :math:`\eta` of the head.
    decay : float
        Factor from one layer to the one below, in (0, 1]; the paper uses 1/2.6. With 1 all layers
        learn at the same rate.
    weight_decay : float, optional
        Weight decay of all groups, instead of the one given to ``fit``.

    Returns
    -------
    ParameterGroups
        A list of dicts with ``params``, ``lr``, ``name`` and ``depth``, head first. Each trainable
        parameter is in exactly one; a layer's normalization is in its group.

    Raises
    ------
    ValueError
        If a number is out of range, or nothing is trainable.

    References
    ----------
    Howard & Ruder (2018), Universal language model fine-tuning for text classification.

    Examples
    --------
    >>> from tlbook import models
    >>> from tlbook.finetuning import parameter_groups
    >>> groups = parameter_groups(models.create("signnet", weights="embedded"), lr=1e-3, decay=0.5)
    >>> [group["lr"] for group in groups][:3]  # the head, then layer by layer towards the input
    [0.001, 0.0005, 0.00025]
    """
    check_positive(lr, "lr")
    if check_positive(decay, "decay") > 1:
        raise ValueError(f"decay: got {decay!r}, want a number in (0, 1]")
    if weight_decay is not None:
        check_positive(weight_decay, "weight_decay", zero_ok=True)
    groups = ParameterGroups()
    for depth, layer in enumerate(reversed(layers_of(model))):
        free = [p for p in layer.parameters.values() if p.requires_grad]
        if free:
            group: dict[str, Any] = {"params": free, "lr": lr * decay**depth}
            if weight_decay is not None:
                group["weight_decay"] = weight_decay
            groups.append({**group, "name": layer.name, "depth": depth})
    if not groups:
        raise ValueError("model: got no parameter that requires a gradient, want at least one")
    return groups


@named
def trainable_parameters(model: nn.Module) -> int:
    """Return how many numbers of the model require gradients."""
    return sum(p.numel() for p in model.parameters() if p.requires_grad)


@named
def trainable_fraction(model: nn.Module) -> float:
    """Return the trainable share of the model's parameters, in [0, 1].

    Raises
    ------
    ValueError
        If the model has no parameters.
    """
    total = sum(p.numel() for p in model.parameters())
    if not total:
        raise ValueError(f"model: got a {type(model).__name__} without parameters")
    return trainable_parameters(model) / total


def _row(group: dict[str, Any]) -> tuple[str, int, float, int]:
    size = sum(p.numel() for p in group["params"])
    return group["name"], group["depth"], group["lr"], size
