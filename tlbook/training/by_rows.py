"""Several processes and an objective that is a mean over rows: PyTorch's DDP, each its own rows.

Where no term of the objective looks at two rows at once, the gradient of the whole batch is the
mean of the gradients of its shares. ``DistributedDataParallel`` sends these while the backward pass
still runs, and no features; each process reads, augments and computes its own rows only. The
weights are those of one process up to rounding, dropout and random augmentation.

For every other objective (MMD, CORAL, a discriminator, contrastive terms; a term that nobody has
declared by :func:`~tlbook.objective.mean_of_rows`) this would minimize something else, since the
MMD of half a batch is another number. There ``fit`` gathers the features of all processes instead,
as :mod:`tlbook.training.processes` says. BatchNorm sees all rows either way.

The course's guard of stored results skips the call of :func:`share`: in one process it does
nothing.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel

from tlbook._base.means import is_mean_of_rows
from tlbook.objective import Batch, Objective
from tlbook.training import memory
from tlbook.training.draws import Draws
from tlbook.training.processes import World, _own_noise
from tlbook.training.sync_norm import shared_statistics

if TYPE_CHECKING:
    from tlbook.training.run import Run


def share(run: Run) -> None:
    """Let each process of a run train on its own rows, if its objective allows it.

    In one process, and where a term needs the whole batch, the run is left as it is.
    """
    if run.world.alone or not goes_by_rows(run.objective):
        return
    parts: dict[str, Any] = {
        name: _OwnRows(part, run, number)
        for number, (name, part) in enumerate(sorted(run.parts.items()))
    }
    run.objective = _Shared(run, {name: part.share for name, part in parts.items()})
    run.parts, run.augment = parts, None
    run.world = _Averaged(run.world, run.in_network)


def goes_by_rows(objective: Objective) -> bool:
    """Say whether the mean of an objective over shares of a batch is that of the batch."""
    if type(objective) is not Objective:
        return False
    loss, terms = objective.source_loss, objective.named_terms().values()
    return (loss is None or is_mean_of_rows(loss)) and all(
        is_mean_of_rows(term) and len(term.needs) <= 1 for term in terms
    )


class _OwnDraws(Draws):
    """The rows of this process in each draw of all."""

    def __init__(self, whole: Draws, world: World) -> None:
        super().__init__(whole.n, whole.size, *whole.key)
        borders = world.rows(whole.size)
        self.own = slice(borders[world.rank], borders[world.rank + 1])
        self.share = (self.own.stop - self.own.start) / whole.size

    def at(self, step: int) -> Any:
        return super().at(step)[self.own]


class _OwnRows:
    """A part of the data of which this process sees its rows.

    What is random in them, in a dataset or in the augmentation, is a function of the step and the
    process: a run that is taken up has it again.
    """

    def __init__(self, part: Any, run: Run, number: int) -> None:
        part.draws = _OwnDraws(part.draws, run.world)
        self.part, self.share = part, part.draws.share
        self.augment, self.generator = run.augment, run.generator
        self.key = (run.seed, number, run.world.rank)

    def at(self, step: int) -> tuple[Tensor, Tensor | None]:
        key = (*self.key, step)
        with _own_noise(torch.device("cpu"), key):
            x, y = self.part.at(step)
        if self.augment is not None:
            x = self.augment(x, self.generator.manual_seed(hash(key) & (2**63 - 1)))
        return x, y

    def close(self) -> None:
        self.part.close()


class _Own(nn.Module):
    """What DDP wraps: the network and the objective, on the rows of this process."""

    def __init__(self, run: Run, factors: dict[str, float]) -> None:
        super().__init__()
        self.model, self.objective = run.model, run.objective
        self.factors, self.device, self.world = factors, run.device, run.world
        self.seed, self.steps = run.seed, run.steps

    def forward(self, batch: Batch) -> tuple[Tensor, dict[str, Tensor]]:
        key = (self.seed * self.steps + batch.step, self.world.rank)
        with _own_noise(self.device, key), shared_statistics(self):
            _, parts = self.objective(batch)
        # Shares may differ by a row: the mean over processes must count every row alike.
        parts = {name: self.factors[name] * value for name, value in parts.items()}
        weights = self.objective.weights_at(batch.progress)
        weighted = [weights[name] * value for name, value in parts.items()]
        return torch.stack(weighted).sum(), parts


class _Shared(Objective):
    """The objective of a run: values of the whole batch, gradients of this process's rows."""

    def __init__(self, run: Run, shares: dict[str, float]) -> None:
        super().__init__(run.objective.source_loss, *run.objective.named_terms().values())
        draws: dict[str, tuple[str, ...]] = {"L_S": ("source",)}
        draws |= {name: term.needs for name, term in self.named_terms().items()}
        size = run.world.size
        factors = {name: size * shares.get("".join(of), 1 / size) for name, of in draws.items()}
        # In lists, so that they are no submodules: a checkpoint is that of one process.
        self._own, self._ddp = [_Own(run, factors)], list[DistributedDataParallel]()

    def forward(self, batch: Batch) -> tuple[Tensor, dict[str, Tensor]]:
        if not self._ddp:
            self._ddp = [_wrapped(self._own[0], batch)]
        loss, parts = self._ddp[0](batch)
        values = [loss, *parts.values()]
        whole = torch.stack([value.detach().float() for value in values])
        dist.all_reduce(whole)
        whole /= dist.get_world_size()
        shown = [w + (v - v.detach()) for w, v in zip(whole, values, strict=True)]
        return shown[0], dict(zip(parts, shown[1:], strict=True))


def _wrapped(own: _Own, batch: Batch) -> DistributedDataParallel:
    """Return DDP around the network and the objective; it wants to know if weights stay unused."""
    put_back = memory.restored(own)
    loss, _ = own(replace(batch))
    weights = [p for p in own.parameters() if p.requires_grad]
    found = torch.autograd.grad(loss, weights, allow_unused=True)
    put_back()
    unused = own.world.agree(any(gradient is None for gradient in found), loss.device)
    # BatchNorm is shared already. The option has another name since torch 2.15.
    known = inspect.signature(DistributedDataParallel).parameters
    name = "forward_sync_buffers" if "forward_sync_buffers" in known else "broadcast_buffers"
    options: dict[str, Any] = {name: False}
    return DistributedDataParallel(own, find_unused_parameters=unused, **options)


class _Averaged(World):
    """The world of a run in which DDP has averaged what lies in the weights already."""

    def __init__(self, world: World, weights: Sequence[Tensor]) -> None:
        super().__init__(world.rank, world.size)
        self.weights = weights

    def features_of(
        self, model: nn.Module, features: Callable[[Tensor], Tensor], seed: int
    ) -> Callable[[Tensor], Tensor]:
        return features

    def average(self, gradients: Sequence[Tensor | None]) -> None:
        known = {id(weight.grad) for weight in self.weights}
        super().average([g for g in gradients if g is not None and id(g) not in known])
