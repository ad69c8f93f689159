"""Checkpoints of a network that no process holds whole: each writes its part, any number reads.

:class:`~tlbook.training.Checkpoints` is for :func:`~tlbook.training.fit`, where every process has
the whole network and the first one writes it. This is for a loop of your own around a network that
is sharded (``torch.distributed.fsdp.fully_shard``), because it is too large for one card.
"""

from __future__ import annotations

import os
import shutil
import warnings
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import torch
import torch.distributed as dist
from torch import nn

from tlbook._base.checks import check_positive
from tlbook.training.checkpoint import CheckpointError
from tlbook.training.lock import hold, holds, release
from tlbook.training.sums import damage, write_sums


@dataclass(frozen=True)
class ShardedCheckpoints:
    """Where the parts of a sharded network and its optimizer lie, step by step.

    A run may go on with more or fewer processes than it had, or with one.

    Parameters
    ----------
    folder : str or Path
        One folder for one run, on a disk that all machines see.
    keep : int
        How many of the latest stay.

    Notes
    -----
    Each checkpoint is a folder ``step-00000100`` in the format of ``torch.distributed.checkpoint``.
    It is written under another name and renamed when all have written, so a run that is killed
    leaves the old one or the new one. The sum of every file lies beside it and is compared before
    anything is read. The format's index is a pickle; here it may ask for the classes of an index
    and for nothing else.

    References
    ----------
    PyTorch, Distributed Checkpoint (``torch.distributed.checkpoint``).

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> import torch
    >>> from tlbook.training import ShardedCheckpoints
    >>> net = torch.nn.Linear(3, 2)
    >>> optimizer = torch.optim.AdamW(net.parameters())
    >>> with TemporaryDirectory() as folder:
    ...     kept = ShardedCheckpoints(folder)
    ...     _ = kept.save(7, net, optimizer)
    ...     again = torch.nn.Linear(3, 2)
    ...     kept.load(again, torch.optim.AdamW(again.parameters()))
    7
    """

    folder: str | Path
    keep: int = 3

    def __post_init__(self) -> None:
        check_positive(self.keep, "keep", integer=True)

    def steps(self) -> list[int]:
        """Return the steps of the checkpoints on disk, ascending."""
        found = (p.name.removeprefix("step-") for p in Path(self.folder).glob("step-*"))
        return sorted(int(name) for name in found if name.isdigit())

    def _hold(self) -> None:
        """Keep other runs out of the folder for as long as this object lives."""
        place = SimpleNamespace(path=Path(self.folder))
        if _first() and not holds(place.path):
            hold(place, first=True)
            weakref.finalize(self, release, place)

    def save(self, step: int, model: nn.Module, optimizer: torch.optim.Optimizer) -> Path:
        """Write the parts of all processes; each of them calls it.

        Parameters
        ----------
        step : int
            Steps made.
        model, optimizer
            Sharded or not; the optimizer's weights are the model's.

        Raises
        ------
        ValueError
            If the optimizer has weights that the model does not have.
        CheckpointError
            If another run has the folder; the message says which. (Also a ValueError.)
        """
        from torch.distributed import checkpoint

        check_positive(step, "step", zero_ok=True, integer=True)
        self._hold()
        final = Path(self.folder) / f"step-{step:08d}"
        part = Path(self.folder) / f".writing-{step:08d}"
        if _first():
            shutil.rmtree(part, ignore_errors=True)
            part.mkdir(parents=True)
        _wait()
        with _one_is_meant():
            checkpoint.save(_state(model, optimizer), checkpoint_id=part, no_dist=not _several())
        _wait()
        write_sums(part, *_of())
        _wait()
        if _first():
            shutil.rmtree(final, ignore_errors=True)
            os.replace(part, final)
            for old in self.steps()[: -self.keep]:
                shutil.rmtree(Path(self.folder) / f"step-{old:08d}", ignore_errors=True)
        _wait()
        return final

    def load(
        self, model: nn.Module, optimizer: torch.optim.Optimizer, step: int | None = None
    ) -> int | None:
        """Read a checkpoint into network and optimizer; return its step, or ``None``.

        Every process calls it, whether there are as many as there were or not.

        Parameters
        ----------
        model, optimizer
            As they were when it was written, with any values.
        step : int, optional
            Which; by default the latest. ``None`` is returned if there is none at all.

        Raises
        ------
        ValueError
            If there is no checkpoint of this step, or the optimizer has weights that the model
            does not have.
        CheckpointError
            If another run has the folder, a file is damaged, missing or asks for something to be
            run, or the checkpoint is of another network. (Also a ValueError.)
        """
        from torch.distributed import checkpoint
        from torch.distributed.checkpoint.state_dict import set_state_dict

        from tlbook.training.sharded_reading import Planner, Reader

        self._hold()
        if not (steps := self.steps()):
            return None
        if step is None:
            step = steps[-1]
        if step not in steps:
            raise ValueError(f"step: got {step!r}, want one of {', '.join(map(str, steps))}")
        state = _state(model, optimizer)
        place = Path(self.folder) / f"step-{step:08d}"
        _refuse_damage(place)
        try:
            with _one_is_meant():
                checkpoint.load(
                    state,
                    storage_reader=Reader(place),
                    planner=Planner(),
                    no_dist=not _several(),
                )
        except checkpoint.CheckpointException as error:
            reason = next((str(failed[0]) for failed in error.failures.values()), str(error))
            raise CheckpointError(
                f"checkpoint: {place.name} does not fit this network and optimizer ({reason})"
            ) from error
        set_state_dict(
            model, optimizer, model_state_dict=state["model"], optim_state_dict=state["optimizer"]
        )
        return step


def _refuse_damage(place: Path) -> None:
    """Compare the sums, each process its share of the files; all raise if one of them has to."""
    wrong = damage(place, *_of())
    if _several():
        all_wrong: list[str] = [""] * dist.get_world_size()
        dist.all_gather_object(all_wrong, wrong)
        wrong = next(filter(None, all_wrong), "")
    if wrong:
        raise CheckpointError(
            f"checkpoint: {place.name}/{wrong}; delete the folder {place.name}, and the run goes "
            "on from the checkpoint before it"
        )


def _of() -> tuple[int, int]:
    """Return which of how many processes this one is."""
    return (dist.get_rank(), dist.get_world_size()) if _several() else (0, 1)


def _state(model: nn.Module, optimizer: torch.optim.Optimizer) -> dict[str, Any]:
    from torch.distributed.checkpoint.state_dict import get_state_dict

    known = {id(weight) for weight in model.parameters()}
    if not all(id(w) in known for group in optimizer.param_groups for w in group["params"]):
        raise ValueError(
            "optimizer: got one with weights that model does not have; "
            "make it from model.parameters(), after the model has been sharded"
        )
    weights, moments = get_state_dict(model, optimizer)
    return {"model": weights, "optimizer": moments}


@contextmanager
def _one_is_meant() -> Iterator[None]:
    """Inside, torch does not ask whether one process alone is what is meant."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "torch.distributed is disabled, unavailable")
        yield


def _several() -> bool:
    return dist.is_available() and dist.is_initialized()


def _first() -> bool:
    return not _several() or dist.get_rank() == 0


def _wait() -> None:
    if _several():
        dist.barrier()
