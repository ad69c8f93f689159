"""Extra steps of a discriminator inside a term, with a state that checkpoints can keep."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn


class InnerSteps:
    """Adam steps on a module's parameters, made inside a term's ``forward``.

    ``fit`` makes one step per batch for everybody. A discriminator that should be ahead of the
    features makes its extra steps here, on features that are detached.

    Parameters
    ----------
    module : nn.Module
        What is trained.
    """

    def __init__(self, module: nn.Module) -> None:
        self.optimizer = torch.optim.Adam(list(module.parameters()))

    def run(self, loss: Callable[[], Tensor], steps: int, lr: float) -> None:
        """Make ``steps`` steps of learning rate ``lr`` down ``loss()``."""
        self._follow()
        self.optimizer.param_groups[0]["lr"] = lr
        parameters = self.optimizer.param_groups[0]["params"]
        for _ in range(steps):
            gradients = torch.autograd.grad(loss(), parameters)
            for parameter, gradient in zip(parameters, gradients, strict=True):
                parameter.grad = gradient
            self.optimizer.step()
        # What fit accumulates afterwards must not start from the last extra step.
        self.optimizer.zero_grad(set_to_none=True)

    def _follow(self) -> None:
        """Bring the moments to where the parameters went."""
        for parameter, kept in self.optimizer.state.items():
            if kept["exp_avg"].device != parameter.device:
                self.optimizer.load_state_dict(self.optimizer.state_dict())
                return

    def state(self) -> dict[str, Tensor]:
        """Return the moments as a flat dictionary of tensors: ``"0.exp_avg"`` and so on."""
        kept = self.optimizer.state_dict()["state"]
        return {f"{i}.{key}": v.clone() for i, own in kept.items() for key, v in own.items()}

    def load(self, state: dict[str, Tensor]) -> None:
        """Take over what :meth:`state` gave."""
        whole = self.optimizer.state_dict()
        own: dict[int, dict[str, Any]] = {}
        for name, value in state.items():
            number, _, key = name.partition(".")
            own.setdefault(int(number), {})[key] = value.clone()
        self.optimizer.load_state_dict({**whole, "state": own})
