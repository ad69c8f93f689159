"""What makes a run this run: a checkpoint of another one is refused by comparing it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from tlbook.training.draws import Drawn, Part

if TYPE_CHECKING:
    from tlbook.training.run import Run


def identity(run: Run, told: dict[str, Any]) -> dict[str, Any]:
    """Return names and short hashes that two runs share only if they are the same run.

    The starting weights, the data, the objective, the settings and which parameters are trained at
    which rate all count; the device does not, so that a run may move.

    Parameters
    ----------
    run : Run
        Before its first step.
    told : dict
        Settings that the run itself no longer shows.
    """
    settings = {
        **told,
        "steps": run.steps,
        "batch_size": run.batch_size,
        "clip": run.clip,
        "augment": run.augment,
        "early_stopping": None if run.watch is None else str(run.watch.rule.every),
        "precision": str(run.dtype).removeprefix("torch."),
        "seed": run.seed,
    }
    return {
        "network": _hash(f"{k} {tuple(v.shape)}".encode() for k, v in _tensors(run.model)),
        "starting weights": _hash(_bytes(v) for _, v in _tensors(run.model)),
        "objective": f"{run.objective!r} #{_hash(_bytes(v) for _, v in _tensors(run.objective))}",
        "data": {name: _data_hash(part) for name, part in run.parts.items()},
        "trained": [
            f"{sum(p.numel() for p in group['params'])} parameters at {group['lr']:g}"
            for group in run.optimizer.param_groups
        ],
        **{name: _words(value) for name, value in settings.items()},
    }


def _tensors(module: nn.Module) -> list[tuple[str, Tensor]]:
    return [(k, v) for k, v in module.state_dict().items() if isinstance(v, Tensor)]


def _data_hash(part: Drawn) -> str:
    if not isinstance(part, Part):
        return str(part)  # reading all of it to compare it would take as long as a pass
    rows = _hash([_bytes(part.x)] if part.y is None else [_bytes(part.x), _bytes(part.y)])
    return f"{tuple(part.x.shape)} #{rows}"


def _bytes(tensor: Tensor) -> bytes:
    flat = tensor.detach().cpu().contiguous().flatten()
    return flat.view(torch.uint8).numpy().tobytes() if flat.numel() else b""


def _hash(pieces: Iterable[bytes]) -> str:
    digest = hashlib.sha256()
    for piece in pieces:
        digest.update(piece)
    return digest.hexdigest()[:12]


def _words(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | float | str):
        return value
    # Functions and instances by name: their address would differ from run to run.
    return getattr(value, "__qualname__", None) or type(value).__qualname__
