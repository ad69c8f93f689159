"""Data on the device and seeded draws from it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from tlbook._base.checks import check_array, check_labels
from tlbook.domains import Domain, Task

PARTS = ("source", "target", "labeled")


class Drawn(Protocol):
    """A part of the data as the loop sees it."""

    def at(self, step: int) -> tuple[Tensor, Tensor | None]:
        """Return inputs and labels of draw ``step``."""

    def close(self) -> None:
        """Give up what the part holds besides the data."""


class Draws:
    """Endless shuffled passes over n rows; draw t is a pure function of (seed, t).

    Each pass is a new permutation and passes join without a gap, so every row is seen equally
    often and no draw is short. Being a function of the step alone, a run can be taken up
    anywhere.
    """

    def __init__(self, n: int, size: int, seed: int, stream: int) -> None:
        self.n, self.size = n, min(size, n)
        self.key = (seed, stream)
        self._epoch = -1
        self._order = np.empty(0, dtype=np.int64)

    def at(self, step: int) -> np.ndarray:
        """Return the row numbers of draw ``step``."""
        start = step * self.size
        parts, need = [], self.size
        while need:
            epoch, offset = divmod(start, self.n)
            piece = self._permutation(epoch)[offset : offset + need]
            parts.append(piece)
            need -= len(piece)
            start += len(piece)
        return parts[0] if len(parts) == 1 else np.concatenate(parts)

    def _permutation(self, epoch: int) -> np.ndarray:
        if epoch != self._epoch:
            rng = np.random.default_rng([*self.key, epoch])
            self._order, self._epoch = rng.permutation(self.n), epoch
        return self._order


class Part:
    """One part of the data (source, target or labeled target) as tensors on the device."""

    def __init__(
        self, X: Any, y: Any, *, size: int, seed: int, stream: int, device: torch.device
    ) -> None:
        self.x = to_tensor(X, device)
        self.y = None if y is None else to_labels(y, len(self.x), device)
        self.draws = Draws(len(self.x), size, seed, stream)
        self.device = device

    def at(self, step: int) -> tuple[Tensor, Tensor | None]:
        """Return inputs and labels of draw ``step``."""
        rows = torch.from_numpy(self.draws.at(step)).to(self.device)
        y = None if self.y is None else self.y.index_select(0, rows)
        return self.x.index_select(0, rows), y  # copies whole rows: faster than x[rows]

    def close(self) -> None:
        """Give up what the part holds besides the data: nothing here."""


def to_tensor(X: Any, device: torch.device) -> Tensor:
    """Return inputs as a tensor on the device; floats become float32."""
    if not isinstance(X, Tensor):
        X = torch.from_numpy(np.ascontiguousarray(check_array(X, "X")))
    elif X.is_floating_point() and not torch.isfinite(X).all():
        raise ValueError("X: got values that are NaN or infinite, want finite numbers")
    if X.is_floating_point():
        X = X.float()
    return X.to(device)


def to_labels(y: Any, n: int, device: torch.device) -> Tensor:
    """Return labels as a tensor on the device; whole numbers become int64, others float32."""
    labels = check_labels(y.cpu() if isinstance(y, Tensor) else y, n)
    kind = torch.float32 if labels.dtype.kind == "f" else torch.int64
    if labels.dtype.kind not in "biuf":
        raise ValueError(f"y: got labels of type {labels.dtype}, want numbers 0 … classes − 1")
    return torch.as_tensor(labels, dtype=kind).to(device)


def split_data(data: Any, labeled: Any = None) -> dict[str, Callable[[], Any]]:
    """Return what loads the parts that ``data`` offers: source, target, labeled.

    Each is a function without arguments that returns ``(X, y)`` (y is ``None`` for the target), or
    the ``Dataset`` or ``DataLoader`` that was given.

    ``data`` is a :class:`~tlbook.domains.Task`; a dictionary of parts by name; or one part, which
    is learnt as "source": a pair ``(X, y)``, a labeled :class:`~tlbook.domains.Domain`, a
    ``Dataset`` or a ``DataLoader``.

    Raises
    ------
    ValueError
        If something is none of these, or there are two labeled parts.
    """
    if isinstance(data, Task):
        offers: dict[str, Callable[[], Any]] = {
            "source": lambda: (data.source.X, data.source.y),
            "target": lambda: (data.target.X, None),
        }
    elif isinstance(data, Mapping):
        if not data or set(data) - set(PARTS):
            got = ", ".join(map(repr, data)) or "nothing"
            raise ValueError(f"data: got a dictionary of {got}, want some of {', '.join(PARTS)}")
        offers = {name: _offer(part, name, f"data[{name!r}]") for name, part in data.items()}
    else:
        offers = {"source": _offer(data, "source", "data")}
    if labeled is not None:
        if "labeled" in offers:
            raise ValueError("labeled: got a second labeled part, want it here or in data")
        offers["labeled"] = _offer(labeled, "labeled", "labeled")
    return offers


def _offer(given: Any, name: str, said: str) -> Callable[[], Any]:
    pair = isinstance(given, tuple | list) and len(given) == 2
    if isinstance(given, Dataset | DataLoader):
        return lambda: given
    if name == "target":
        if isinstance(given, Domain):
            return lambda: (given.X, None)
        return lambda: (given[0] if pair and isinstance(given, tuple) else given, None)
    if isinstance(given, Domain):
        return lambda: (given.X, given.y)
    if pair:
        return lambda: (given[0], given[1])
    choice = "a Domain, (X, y), a torch Dataset or DataLoader"
    whole = "a Task, a dictionary of parts, " * (said == "data")
    raise ValueError(f"{said}: got {type(given).__name__}, want {whole}{choice}")
