"""Random starts that follow from a seed."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import nn


def seeded(build: Callable[[], nn.Module], seed: int) -> nn.Module:
    """Return ``build()`` with its random start fixed by ``seed``, leaving other draws alone."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return build()
