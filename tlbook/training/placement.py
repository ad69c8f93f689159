"""Where the data wait: on the device when they fit, else in memory with the next draw under way."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import torch
from torch import Tensor
from torch.utils.data import DataLoader

from tlbook._base.checks import check_choice
from tlbook.objective import Objective
from tlbook.training.datasets import DatasetPart, LoaderPart, is_stored
from tlbook.training.draws import PARTS, Drawn, Part, split_data
from tlbook.training.processes import World

STREAMS = {name: number for number, name in enumerate(PARTS)}
SHARE = 0.4
"""Of the device's free memory; the rest is for weights and activations."""


class HostPart(Part):
    """A part that stays in memory; a thread fetches the next draw while the device computes.

    The draws are the same as those of :class:`~tlbook.training.draws.Part`, number for number.
    """

    def __init__(self, X: Any, y: Any, *, device: torch.device, **options: Any) -> None:
        super().__init__(X, y, device=torch.device("cpu"), **options)
        self.target_device = device
        if device.type == "cuda":  # pinned pages can be copied while the card computes
            self.x = self.x.pin_memory()
            self.y = None if self.y is None else self.y.pin_memory()
        self._worker: ThreadPoolExecutor | None = None
        self._next: tuple[int, Future[tuple[Tensor, Tensor | None]]] | None = None

    def at(self, step: int) -> tuple[Tensor, Tensor | None]:
        """Return inputs and labels of draw ``step``, and start to fetch the one after."""
        if self._worker is None:
            self._worker = ThreadPoolExecutor(1, thread_name_prefix="tlbook-prefetch")
        if self._next is not None and self._next[0] == step:
            drawn = self._next[1].result()
        else:
            drawn = self._worker.submit(self._fetch, step).result()
        self._next = (step + 1, self._worker.submit(self._fetch, step + 1))
        return drawn

    def close(self) -> None:
        """Let the thread end."""
        if self._worker is not None:
            self._worker.shutdown(wait=True, cancel_futures=True)
        self._worker, self._next = None, None

    def _fetch(self, step: int) -> tuple[Tensor, Tensor | None]:
        x, y = super().at(step)
        if self.target_device.type == "cuda":
            x, y = x.pin_memory(), None if y is None else y.pin_memory()
        return (
            x.to(self.target_device, non_blocking=True),
            None if y is None else y.to(self.target_device, non_blocking=True),
        )


def place_parts(
    data: Any,
    labeled: Any,
    objective: Objective,
    batch_size: int,
    seed: int,
    device: torch.device,
    data_on: str,
) -> dict[str, Drawn]:
    """Return the parts of the data that the objective needs, and load nothing else.

    Raises
    ------
    ValueError
        If a part is missing, has no labels where it needs them, or ``data_on`` is unknown.
    """
    check_choice(data_on, "data_on", ("auto", "device", "host"))
    offers = split_data(data, labeled)
    missing = objective.needs - set(offers) - {"labeled"}
    if missing:
        raise ValueError(f"data: lacks {', '.join(sorted(missing))}, which the objective needs")
    found = {name: offers[name]() for name in sorted(objective.needs & set(offers))}
    arrays = {name: given for name, given in found.items() if not is_stored(given)}
    for name, (_, y) in arrays.items():
        if y is None and name != "target":
            raise ValueError(f"data: the {name} part has no labels, want y")
    arrays = {name: pair for name, pair in arrays.items() if len(pair[0])}
    in_memory = Part if _on_device(arrays, device, data_on) else HostPart
    parts: dict[str, Drawn] = {}
    for name, given in found.items():
        how: Any = {"size": batch_size, "seed": seed, "stream": STREAMS[name], "device": device}
        if isinstance(given, DataLoader):
            parts[name] = LoaderPart(given, name, **how)
        elif is_stored(given):
            parts[name] = DatasetPart(given, name, **how)
        elif name in arrays:
            parts[name] = in_memory(*given, **how)
    if not parts:
        raise ValueError("data: got nothing to learn from, want a source, target or labeled part")
    return parts


def check_loaders(parts: dict[str, Drawn], checkpoint: bool, world: World) -> None:
    """Refuse a DataLoader where its order would have to be known.

    Raises
    ------
    ValueError
        If there is one and the run keeps checkpoints or has several processes.
    """
    for name in (name for name, part in parts.items() if isinstance(part, LoaderPart)):
        cure = "pass its dataset, which fit reads in draws of its own"
        if checkpoint:
            raise ValueError(
                f"checkpoint: the {name} part is a DataLoader, whose place in its pass no "
                f"checkpoint can keep; {cure}"
            )
        if not world.alone:
            raise ValueError(
                f"processes: the {name} part is a DataLoader, whose batches may differ between "
                f"processes; {cure}"
            )


def size_of_draws(parts: dict[str, Drawn], batch_size: int) -> int:
    """Return the size of the draws: that of a DataLoader, where there is one that knows it."""
    own = (part.loader.batch_size for part in parts.values() if isinstance(part, LoaderPart))
    return next((size for size in own if size is not None), batch_size)


def _on_device(arrays: dict[str, Any], device: torch.device, data_on: str) -> bool:
    if data_on != "auto":
        return data_on == "device"
    if device.type != "cuda":
        return True
    # Floats become float32 whatever they were.
    needed = sum(4 * torch.Size(X.shape).numel() for X, _ in arrays.values())
    free, _ = torch.cuda.mem_get_info(device)
    return needed <= SHARE * free
