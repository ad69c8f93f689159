"""How much memory a step needs at its worst moment, counted tensor by tensor, on any device."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from typing import Any

import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves


class _Living(TorchDispatchMode):
    """Counts the bytes of all storages that were made inside and are still alive."""

    def __init__(self) -> None:
        super().__init__()
        self.sizes: dict[int, int] = {}
        self.now = self.peak = 0

    def __torch_dispatch__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        out = func(*args, **(kwargs or {}))
        known = {_place(t) for t in tree_leaves((args, kwargs)) if isinstance(t, torch.Tensor)}
        for tensor in tree_leaves(out):
            if isinstance(tensor, torch.Tensor) and _place(tensor) not in known:
                self._born(tensor.untyped_storage())
        return out

    def _born(self, storage: torch.UntypedStorage) -> None:
        place = storage.data_ptr()
        if not place or place in self.sizes:
            return
        self.sizes[place] = storage.nbytes()
        self.now += storage.nbytes()
        self.peak = max(self.peak, self.now)
        weakref.finalize(storage, self._gone, place)

    def _gone(self, place: int) -> None:
        self.now -= self.sizes.pop(place, 0)


def _place(tensor: torch.Tensor) -> int:
    return tensor.untyped_storage().data_ptr()


def peak_bytes(step: Callable[[], Any]) -> int:
    """Return the largest number of bytes in tensors that ``step()`` made and still held.

    Weights and inputs that were there before do not count; activations, gradients and everything
    between do. Where an operation reserves memory of its own, that is not seen.

    Examples
    --------
    >>> import torch
    >>> from tlbook.course.ch13_pytorch_practice.memory import peak_bytes
    >>> x = torch.zeros(1000)
    >>> peak_bytes(lambda: (x + 1).sum())  # a copy of 4,000 bytes and the sum
    4004
    """
    with _Living() as living:
        step()
    return living.peak
