"""The randomness of a run: its own seed, and kernels that are not chosen by a race."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch


@contextmanager
def own_randomness(place: torch.device, seed: int) -> Iterator[None]:
    """Seed the global generators for the run and put them back; no kernel chosen by a race."""
    cuda = place.type == "cuda"
    with torch.random.fork_rng(devices=[place] if cuda else []):
        torch.manual_seed(seed)
        if not cuda:
            yield
            return
        with torch.backends.cudnn.flags(enabled=True, benchmark=False, deterministic=True):
            yield
