"""What a network or a loss refuses, said with the name of the argument instead of torch's words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from tlbook.objective import Objective, TargetLoss
from tlbook.training.draws import Drawn
from tlbook.training.memory import is_out_of_memory

REFUSALS = (
    "mat1 and mat2", "shapes cannot be multiplied", "same dtype", "size mismatch", "xpected",
    "must match the size", "out of bounds", "out of range", "should be the same",
    "should be equal", "is invalid for input", "not implemented for", "ernel size", "too small",
    "indices", "normalized_shape", "batch size",
)  # fmt: skip
"""Words of torch's own checks of shapes, types and class numbers."""


PARAMETER = {"source": "data", "labeled": "labeled"}
"""Of ``fit``: where the labels of a part come from."""


def check_network(model: Any, objective: Objective) -> None:
    """Refuse a model that ``fit`` cannot cut into features and head.

    Raises
    ------
    ValueError
        With ``models.wrap`` as the cure.
    """
    if not isinstance(model, nn.Module):
        raise ValueError(f"model: got {type(model).__name__}, want a torch nn.Module")
    lacking = [name for name in ("features", "head") if not callable(getattr(model, name, None))]
    if objective.source_loss is None and lacking == ["head"]:
        return  # a term may do without
    if lacking:
        raise ValueError(
            f"model: got {type(model).__name__}, which has no {' and no '.join(lacking)}; want "
            "features(x) and head(z): tlbook.models.wrap(model) cuts any network that ends in a "
            "linear layer"
        )


def check_classes(parts: Mapping[str, Drawn], objective: Objective, model: nn.Module) -> None:
    """Refuse labels that the cross-entropy would take for something else, or not at all.

    Raises
    ------
    ValueError
        If labels are no whole numbers, below 0 (torch leaves −100 out without a word), or the head
        has no output for them.
    """
    learned = {"source"} if objective.source_loss is cross_entropy else set()
    if any(isinstance(t, TargetLoss) and t.loss is cross_entropy for t in objective.terms):
        learned.add("labeled")
    outputs = getattr(getattr(model, "head", None), "out_features", None)
    for name in sorted(learned & set(parts)):
        y = getattr(parts[name], "y", None)
        if not isinstance(y, Tensor) or not len(y):
            continue  # read in draws
        if y.is_floating_point():
            raise ValueError(
                f"{PARAMETER[name]}: got labels y that are fractions (float), want class "
                "numbers of an integer type; for a regression give the objective another loss"
            )
        low, high = int(y.min()), int(y.max())
        if low < 0 or (isinstance(outputs, int) and high >= outputs):
            most = f"{outputs - 1}" if isinstance(outputs, int) else "classes − 1"
            raise ValueError(
                f"{PARAMETER[name]}: got the label {low if low < 0 else high} in y, want 0 … {most}"
            )


def explained(error: Exception, name: str, x: Tensor | None) -> Exception:
    """Return a ``ValueError`` that names the argument where torch refused shapes, types or labels.

    Any other error comes back as it is.
    """
    told = str(error)
    known = isinstance(error, RuntimeError | IndexError | TypeError) and not is_out_of_memory(error)
    if not known or type(error).__module__ != "builtins" or not any(s in told for s in REFUSALS):
        return error
    rows = "" if x is None else f" rows of shape {tuple(x.shape[1:])} and type {_word(x.dtype)},"
    return ValueError(
        f"{name}: got{rows or ' something'} which the network or the loss does not take: "
        f"{told.splitlines()[0]}"
    )


def _word(dtype: torch.dtype) -> str:
    return str(dtype).removeprefix("torch.")
