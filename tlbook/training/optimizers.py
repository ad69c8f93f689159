"""What is trained, by which rule, and at which rate."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import nn

from tlbook._base.checks import check_choice, check_positive
from tlbook.objective import Objective

Schedule = str | Callable[[float], float]
SCHEDULES = ("constant", "cosine", "one-cycle", "inverse")


def trainable(
    model: nn.Module, objective: Objective, parameters: Iterable[Any] | None, lr: float
) -> list[Any]:
    """Return the parameters (or optimizer groups) to train, those of the terms included.

    Raises
    ------
    ValueError
        If there are none.
    """
    own: list[Any] = []
    other_rates: list[dict[str, Any]] = []
    for term in objective.named_terms().values():
        free = [p for p in term.parameters() if p.requires_grad]
        if term.lr_ratio == 1:
            own += free
        elif free:
            ratio = check_positive(term.lr_ratio, f"lr_ratio of {term.name}")
            other_rates.append({"params": free, "lr": lr * ratio})
    if parameters is None:
        chosen: list[Any] = [p for p in model.parameters() if p.requires_grad]
    else:
        chosen = list(parameters)
    if not chosen and not own and not other_rates:
        raise ValueError("model: got no parameter that requires a gradient, want at least one")
    if chosen and isinstance(chosen[0], dict):
        return [*chosen, *([{"params": own}] if own else []), *other_rates]
    together = [*chosen, *own]
    if not other_rates:
        return together
    return [*([{"params": together}] if together else []), *other_rates]


def make_optimizer(
    name: str, parameters: list[Any], lr: float, weight_decay: float
) -> torch.optim.Optimizer:
    """Return AdamW, Adam, or SGD with Nesterov momentum 0.9."""
    check_choice(name, "optimizer", ("adamw", "adam", "sgd"))
    if name == "sgd":
        return torch.optim.SGD(
            parameters, lr=lr, momentum=0.9, nesterov=True, weight_decay=weight_decay
        )
    kind = torch.optim.AdamW if name == "adamw" else torch.optim.Adam
    # The fused kernel does one pass over the parameters; for small networks that is much.
    return kind(parameters, lr=lr, weight_decay=weight_decay, fused=True)


class Rates:
    """Learning rates as a function of the step alone, so that a run can be taken up anywhere.

    Attributes
    ----------
    lr : float
        That of the step, for parameters that have no rate of their own.

    Raises
    ------
    ValueError
        If the schedule is unknown.
    """

    def __init__(self, schedule: Schedule, optimizer: torch.optim.Optimizer, steps: int) -> None:
        if not callable(schedule):
            check_choice(schedule, "schedule", SCHEDULES)
        self.schedule, self.steps = schedule, steps
        self.optimizer = optimizer
        self.base = self.lr = optimizer.defaults["lr"]
        self.bases = [group["lr"] for group in optimizer.param_groups]

    def set(self, step: int) -> float:
        """Set the rates of this step; return that of the first group."""
        factor = self.factor(step)
        self.lr = self.base * factor
        groups = self.optimizer.param_groups  # asked for anew: loading a state replaces them
        for group, base in zip(groups, self.bases, strict=True):
            group["lr"] = base * factor
        return groups[0]["lr"]

    def factor(self, step: int) -> float:
        """Return the factor of all rates at this step."""
        if callable(self.schedule):
            return float(self.schedule(step / max(1, self.steps - 1)))
        if self.schedule == "constant":
            return 1.0
        if self.schedule == "inverse":
            return (1 + 10 * step / max(1, self.steps - 1)) ** -0.75
        rise = 0.3 * self.steps if self.schedule == "one-cycle" else 0.0
        if step < rise:
            return 0.04 + 0.96 * step / rise
        return 0.5 * (1 + math.cos(math.pi * (step - rise) / max(1.0, self.steps - rise)))
