"""Data that stay where they are: a torch ``Dataset`` or ``DataLoader``, read in draws."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import (
    DataLoader,
    Dataset,
    IterableDataset,
    RandomSampler,
    SubsetRandomSampler,
    WeightedRandomSampler,
    default_collate,
)

from tlbook.training.draws import Draws, to_labels, to_tensor
from tlbook.training.memory import is_out_of_memory

CPU = torch.device("cpu")
DEFAULT_BATCH_SIZE = 64
"""That of ``fit``: where it is left alone, a DataLoader's own counts."""


def is_stored(data: Any) -> bool:
    """Say whether ``data`` is read in draws instead of being an array."""
    return isinstance(data, Dataset | DataLoader)


class DatasetPart:
    """A part of the data in a map-style ``Dataset``: a draw reads its own items and no others.

    The draws are those of :class:`~tlbook.training.draws.Part`, number for number. They are read
    in the loop and not ahead of it: random transforms then take from the run's own randomness, and
    a checkpoint knows all of it.

    Raises
    ------
    ValueError
        If the dataset is empty or has no length; by :meth:`at`, if its items are no (x, y) or do
        not fit together.
    """

    def __init__(
        self,
        dataset: Dataset[Any],
        name: str,
        *,
        size: int,
        seed: int,
        stream: int,
        device: torch.device,
    ) -> None:
        self.dataset, self.name, self.device = dataset, name, device
        self.draws = Draws(length(dataset, name), size, seed, stream)

    def at(self, step: int) -> tuple[Tensor, Tensor | None]:
        """Read and return inputs and labels of draw ``step``."""
        labeled = self.name != "target"
        return read(self.dataset, self.draws.at(step), self.name, labeled, self.device)

    def close(self) -> None:
        """Give up what the part holds besides the data: nothing here."""

    def __str__(self) -> str:
        return f"{type(self.dataset).__qualname__} of {self.draws.n} items"


class LoaderPart:
    """A part of the data in a ``DataLoader``: its batches in its order, pass after pass.

    Where the loader or its sampler has no generator, it gets one seeded by the run until
    :meth:`close`, so that a shuffled run repeats.

    Raises
    ------
    ValueError
        If ``batch_size`` is neither the default nor the loader's; by :meth:`at`, if a pass is
        empty or the batches are no (x, y).
    """

    def __init__(
        self,
        loader: DataLoader[Any],
        name: str,
        *,
        size: int,
        seed: int,
        stream: int,
        device: torch.device,
    ) -> None:
        if size not in (DEFAULT_BATCH_SIZE, loader.batch_size):
            own = loader.batch_size
            raise ValueError(
                f"batch_size: got {size}, but the DataLoader of the {name} part makes its own "
                f"batches{'' if own is None else f' of {own}'}; want batch_size left out"
            )
        self.loader, self.name, self.device = loader, name, device
        self.seed = 3 * seed + stream  # another one for each of the three parts
        self._pass: Iterator[Any] | None = None
        self._passes = 0
        self._borrowed: list[Any] = []
        self._drawn: tuple[int, tuple[Tensor, Tensor | None]] | None = None

    def at(self, step: int) -> tuple[Tensor, Tensor | None]:
        """Return inputs and labels of the next batch; for the same step, the same again."""
        if self._drawn is None or self._drawn[0] != step:
            labeled = self.name != "target"
            self._drawn = step, to_pair(self._next(), self.name, labeled, self.device)
        return self._drawn[1]

    def close(self) -> None:
        """Stop the loader's workers and take the generator back."""
        self._pass = self._drawn = None
        for holder in self._borrowed:
            holder.generator = None
        self._borrowed = []

    def _next(self) -> Any:
        batch = None
        if self._pass is None:
            self._lend_generator()
        else:
            batch = next(self._pass, None)
        if batch is None:
            self._pass, self._passes = iter(self.loader), self._passes + 1
            batch = next(self._pass, None)
        if batch is not None:
            return batch
        raise ValueError(
            f"data: got no batch from pass {self._passes} over the DataLoader of the {self.name} "
            "part, want at least one in every pass (is it empty, smaller than a batch with "
            "drop_last, or over an iterable that can be read once only?)"
        )

    def _lend_generator(self) -> None:
        generator = torch.Generator().manual_seed(self.seed)
        sampler = self.loader.batch_sampler
        for holder in (self.loader, self.loader.sampler, sampler, getattr(sampler, "sampler", 0)):
            if getattr(holder, "generator", generator) is None:
                holder.generator = generator  # type: ignore[union-attr]
                self._borrowed.append(holder)


def blocks(
    stored: Any, size: int, name: str, labeled: bool
) -> Iterator[tuple[Tensor, Tensor | None]]:
    """Yield inputs and labels of one pass in order: ``size`` items of a dataset at a time."""
    if isinstance(stored, DataLoader):
        for batch in stored:
            yield to_pair(batch, name, labeled, CPU)
        return
    n = length(stored, name)
    for start in range(0, n, size):
        yield read(stored, np.arange(start, min(start + size, n)), name, labeled, CPU)


def length(dataset: Any, name: str) -> int:
    """Return the number of items.

    Raises
    ------
    ValueError
        If there are none, or the dataset cannot tell.
    """
    kind = type(dataset).__qualname__
    try:
        n = -1 if isinstance(dataset, IterableDataset) else len(dataset)
    except TypeError:
        n = -1
    if n < 0:
        raise ValueError(
            f"{name}: got {kind}, a dataset without a length, want one with __len__ and "
            "__getitem__, or a DataLoader of it, which is read in its own order"
        )
    if n == 0:
        raise ValueError(f"{name}: got an empty {kind}, want at least one item")
    return n


def read(
    dataset: Any, rows: np.ndarray, name: str, labeled: bool, device: torch.device
) -> tuple[Tensor, Tensor | None]:
    """Return the items with these numbers as inputs (n, ...) and labels (n,).

    Raises
    ------
    ValueError
        If the items are no (x, y), or do not fit together.
    """
    numbers = rows.tolist()
    at_once = getattr(dataset, "__getitems__", None)  # torch's name for reading several together
    items = at_once(numbers) if at_once else [dataset[number] for number in numbers]
    if not labeled:  # labels that nobody looks at may be anything
        items = [item[0] if isinstance(item, tuple | list) and item else item for item in items]
    try:
        collated = default_collate(items)
    except (TypeError, RuntimeError, KeyError) as error:
        if is_out_of_memory(error):
            raise
        raise ValueError(
            f"{name}: the items of {type(dataset).__qualname__} cannot be put into one batch, want "
            f"tensors or arrays of one shape{' and a number as label' * labeled}: "
            f"{str(error).splitlines()[0]}"
        ) from error
    return to_pair(collated, name, labeled, device)


def to_pair(
    batch: Any, name: str, labeled: bool, device: torch.device
) -> tuple[Tensor, Tensor | None]:
    """Return inputs and labels of a collated batch: x alone, (x,) or (x, y).

    Raises
    ------
    ValueError
        If the batch is something else, lacks labels that are wanted, or has values that are not
        finite.
    """
    if isinstance(batch, Mapping):
        keys = ", ".join(map(str, batch))
        raise ValueError(f"{name}: got items that are dictionaries ({keys}), want (x, y)")
    values = list(batch) if isinstance(batch, tuple | list) else [batch]
    if len(values) not in (1, 2):
        raise ValueError(f"{name}: got items of {len(values)} values, want (x, y)")
    if labeled and len(values) == 1:
        raise ValueError(f"{name}: got items without labels (x alone), want (x, y)")
    try:
        x = to_tensor(values[0], device)
        return x, to_labels(values[1], len(x), device) if labeled else None
    except ValueError as error:
        raise ValueError(f"{name}, {error}") from error


def shuffles(loader: DataLoader[Any]) -> bool:
    """Say whether the loader is known to change the order of its items."""
    own = getattr(loader.batch_sampler, "sampler", loader.sampler)
    return isinstance(own, RandomSampler | SubsetRandomSampler | WeightedRandomSampler)
