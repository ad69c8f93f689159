"""The whole state of a run, as a checkpoint keeps it."""

from __future__ import annotations

from typing import Any, Protocol

import torch
from torch import Tensor, nn

from tlbook.objective import Objective
from tlbook.training.early_stopping import Watch
from tlbook.training.history import Recorder


class Run(Protocol):
    """What a checkpoint reads of a :class:`tlbook.training.run.Run`, and puts back."""

    model: nn.Module
    objective: Objective
    optimizer: torch.optim.Optimizer
    device: torch.device
    recorder: Recorder
    watch: Watch | None
    seconds: float
    stopped: str | None

    @property
    def generator(self) -> torch.Generator:
        """Of all that the run draws."""


def snapshot(run: Run) -> dict[str, Any]:
    """Return all that the next step depends on, and the record so far."""
    cuda = run.device.type == "cuda"
    return {
        "model": run.model.state_dict(),
        "objective": run.objective.state_dict(),
        "optimizer": run.optimizer.state_dict(),
        "random": {
            "torch": torch.get_rng_state(),
            "generator": run.generator.get_state(),
            "cuda": torch.cuda.get_rng_state(run.device) if cuda else None,
        },
        "columns": run.recorder.columns(),
        "watch": run.watch.state() if run.watch is not None else None,
        "seconds": run.seconds,
        # A run that the caller ended goes on when it is called again.
        "stopped": None if run.stopped == "callback" else run.stopped,
    }


def restore(run: Run, state: dict[str, Any]) -> None:
    """Put a run into the state that :func:`snapshot` gave."""
    run.model.load_state_dict(state["model"])
    run.objective.load_state_dict(state["objective"])
    run.optimizer.load_state_dict(state["optimizer"])
    for parameter, values in run.optimizer.state.items():
        for name, value in values.items():
            # The fused kernel walks through memory: the state must lie like the parameter.
            if isinstance(value, Tensor) and value.shape == parameter.shape:
                values[name] = torch.empty_like(parameter).copy_(value)
    torch.set_rng_state(state["random"]["torch"])
    if state["random"]["cuda"] is not None and run.device.type == "cuda":
        torch.cuda.set_rng_state(state["random"]["cuda"], run.device)
    run.generator.set_state(state["random"]["generator"])
    columns = {name: values.numpy() for name, values in state["columns"].items()}
    run.recorder.resume(columns, len(columns["loss"]))
    if run.watch is not None:
        run.watch.load(state["watch"])
    run.seconds, run.stopped = state["seconds"], state["stopped"]
