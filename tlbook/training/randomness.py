"""The randomness of a run: its own seed, and kernels that are not chosen by a race."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch


@contextmanager
def own_randomness(device: torch.device, seed: int) -> Iterator[None]:
    """Seed the global generators for the run and put them back; no kernel chosen by a race."""
    cuda = device.type == "cuda"
    with torch.random.fork_rng(devices=[device] if cuda else []):
        torch.manual_seed(seed)
        if not cuda:
            yield
            return
        with torch.backends.cudnn.flags(enabled=True, benchmark=False, deterministic=True):
            yield
