"""Several processes that train one network: each computes its share of the features.

This is for objectives with a term over the whole batch (MMD, CORAL, a discriminator). The others
go to PyTorch's DDP, see :mod:`tlbook.training.by_rows`.

Every process draws the same global batch, computes the features of its share of the rows, and
gathers those of the others. Head and terms then see the whole batch, as in one process: a distance
between domains on half of the rows would be another distance. Gradients are averaged.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import pairwise
from typing import Any

import torch
import torch.distributed as dist
from torch import Tensor, nn

from tlbook._base.checks import check_choice, check_positive
from tlbook.training.sync_norm import shared_statistics

BUCKET = 25 * 2**20
"""Bytes of gradient that go around at a time."""


@dataclass
class World:
    """The processes of a run, and this one's place among them.

    Attributes
    ----------
    rank, size : int
        Number of this process, from 0, and how many there are.
    """

    rank: int = 0
    size: int = 1
    _own: bool = field(default=False, repr=False)

    @property
    def first(self) -> bool:
        """Whether this process speaks for all: progress bars, checkpoints, prints."""
        return self.rank == 0

    @property
    def alone(self) -> bool:
        """Whether there is no other process."""
        return self.size == 1

    def __enter__(self) -> World:
        return self

    def __exit__(self, *error: Any) -> None:
        if self._own and dist.is_initialized():
            dist.destroy_process_group()

    def rows(self, n: int) -> list[int]:
        """Return the borders of the shares of n rows: process r has borders[r] … borders[r + 1].

        Raises
        ------
        ValueError
            If a process would have no row.
        """
        if n < self.size:
            raise ValueError(f"batch_size: got {n} rows for {self.size} processes, want one each")
        return [n * rank // self.size for rank in range(self.size + 1)]

    def features_of(
        self, model: nn.Module, features: Callable[[Tensor], Tensor], seed: int
    ) -> Callable[[Tensor], Tensor]:
        """Return a function of the whole batch that computes only this share, and gathers.

        BatchNorm layers use the statistics of the whole batch.
        """
        calls = 0

        def shared(x: Tensor) -> Tensor:
            nonlocal calls
            calls += 1
            borders = self.rows(len(x))
            own = x[borders[self.rank] : borders[self.rank + 1]]
            # Dropout has to differ between shares, and to be alike again in head and terms.
            noise = _own_noise(x.device, (seed, calls, self.rank))
            with noise, shared_statistics(model):
                z = features(own)
            return _Gather.apply(z, borders, self.rank)

        return shared

    def average(self, gradients: Sequence[Tensor | None]) -> None:
        """Replace gradients by their means over the processes, in place."""
        for bucket in _buckets([g for g in gradients if g is not None]):
            flat = torch.cat([g.flatten() for g in bucket])
            dist.all_reduce(flat)
            flat /= self.size
            for gradient, mean in zip(bucket, flat.split([g.numel() for g in bucket]), strict=True):
                gradient.copy_(mean.view_as(gradient))

    def agree(self, verdict: bool, device: torch.device) -> bool:
        """Return what the first process says."""
        flag = torch.tensor([int(verdict)], device=device)
        dist.broadcast(flag, src=0)
        return bool(flag.item())

    def wait(self) -> None:
        """Wait until all have come here."""
        if not self.alone:
            dist.barrier()


def current(processes: str = "auto") -> World:
    """Return the world that ``fit`` trains in: the process group if one is initialized.

    Raises
    ------
    ValueError
        If ``processes`` is neither ``"auto"`` nor ``"one"``.
    """
    check_choice(processes, "processes", ("auto", "one"))
    if processes == "one" or not (dist.is_available() and dist.is_initialized()):
        return World()
    return World(dist.get_rank(), dist.get_world_size())


def join(processes: int | None = None, device: str = "auto", *, timeout: float = 600) -> World:
    """Join the other processes of a script that ``torchrun`` or ``accelerate`` started.

    From then on, an error that nobody catches is told by the process that had it first; the others
    say one line, and the launcher ends them. Where the launcher is killed, they end, too.

    Parameters
    ----------
    processes : int, optional
        How many there must be. Say it: a launcher that starts fewer is silent about it, and the
        run then is a slower run of one process.
    device : str
        ``"auto"``: gloo on the CPU; NCCL on CUDA, a card for each process.
    timeout : float
        Seconds to wait for the others.

    Returns
    -------
    World
        Also a context manager that leaves the group at its end.

    Raises
    ------
    ValueError
        If there are not as many processes as wanted.

    Examples
    --------
    ``with join(processes=2) as world: fit(model, task, batch_size=64)``, in a script that is
    started by ``torchrun --nproc-per-node 2 script.py``
    """
    if processes is not None:
        check_positive(processes, "processes", integer=True)
    size = dist.get_world_size() if dist.is_initialized() else int(os.environ.get("WORLD_SIZE", 1))
    if processes is not None and size != processes:
        raise ValueError(
            f"processes: got {processes}, but this script runs in a world of {size}; start it with "
            f"torchrun --nproc-per-node {processes}, and look at the launcher's settings"
        )
    from tlbook.training.ending import end_together

    if dist.is_initialized():
        if size > 1:
            end_together()
        return World(dist.get_rank(), size)
    if size == 1:
        return World()
    from tlbook.training.device import choose_device

    cuda = choose_device(device).type == "cuda"
    if cuda:
        torch.cuda.set_device(int(os.environ.get("LOCAL_RANK", 0)))
    dist.init_process_group("nccl" if cuda else "gloo", timeout=timedelta(seconds=timeout))
    end_together()
    return World(dist.get_rank(), size, _own=True)


class _Gather(torch.autograd.Function):
    """Rows of all processes in order; backward, each gets the gradient of its own.

    Every process computes the same loss on the same gathered rows, so nothing has to be sent back.
    The factor is undone by averaging: it makes gradients that reach a weight through the features
    and those that do not (a head, a pull towards the start) add up rightly.
    """

    @staticmethod
    def forward(ctx: Any, z: Tensor, borders: list[int], rank: int) -> Tensor:
        ctx.own, ctx.size = slice(borders[rank], borders[rank + 1]), len(borders) - 1
        counts = [b - a for a, b in pairwise(borders)]
        padded = z.new_zeros(max(counts), *z.shape[1:])
        padded[: len(z)] = z
        pieces = [torch.empty_like(padded) for _ in counts]
        dist.all_gather(pieces, padded)
        return torch.cat([p[:n] for p, n in zip(pieces, counts, strict=True)])

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None, None]:
        return gradients[0][ctx.own] * ctx.size, None, None


@contextmanager
def _own_noise(device: torch.device, key: tuple[int, ...]) -> Iterator[None]:
    devices = [device] if device.type == "cuda" else []
    with torch.random.fork_rng(devices=devices):
        torch.manual_seed(hash(key) & (2**63 - 1))
        yield


def _buckets(gradients: Sequence[Tensor]) -> Iterator[list[Tensor]]:
    bucket: list[Tensor] = []
    full = 0
    for gradient in gradients:
        size = gradient.numel() * gradient.element_size()
        if bucket and (full + size > BUCKET or gradient.dtype != bucket[0].dtype):
            yield bucket
            bucket, full = [], 0
        bucket.append(gradient)
        full += size
    if bucket:
        yield bucket
