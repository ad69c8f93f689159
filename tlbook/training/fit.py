"""``fit``: the only training loop of the project."""

from __future__ import annotations

import math
import os
import time
from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import nn

from tlbook._checks import check_choice, check_positive
from tlbook.objective import Batch, Objective, Term
from tlbook.training.device import choose_device, choose_precision
from tlbook.training.draws import Part, split_data
from tlbook.training.history import History, Recorder

STREAMS = {"source": 0, "target": 1, "labeled": 2}


def fit(
    model: nn.Module,
    data: Any,
    objective: Objective | Term | None = None,
    *,
    steps: int = 500,
    batch_size: int = 64,
    lr: float = 1e-3,
    optimizer: str = "adamw",
    weight_decay: float = 0.0,
    schedule: str = "constant",
    labeled: tuple[Any, Any] | None = None,
    parameters: Iterable[Any] | None = None,
    augment: Callable[..., Any] | None = None,
    device: str | torch.device = "auto",
    precision: str = "auto",
    seed: int = 0,
    progress: bool | None = None,
    callback: Callable[[int, Batch], None] | None = None,
) -> History:
    r"""Train ``model`` in place by stochastic gradient steps on an objective.

    .. math:: \min_f L_S(f) + \lambda L_T(f) + \sum_j \alpha_j A_j(f) + \Omega(f)

    Parameters
    ----------
    model : nn.Module
        With ``features(x)`` and ``head(z)``; parameters that do not require gradients stay.
    data : Task, Domain or (X, y)
        What to learn from. A task offers its labeled source and unlabeled target; a pair or a
        domain is learnt as "source", e.g. ``fit(model, task.label(5, seed=0))``.
    objective : Objective, optional
        By default the cross-entropy on the source. A single ``Term`` stands for itself alone.
    steps, batch_size : int
        Gradient steps, and rows of each draw (all rows where there are fewer).
    lr, weight_decay : float
        Largest learning rate, and decoupled weight decay of AdamW (L2 for SGD).
    optimizer : {"adamw", "adam", "sgd"}
        SGD has Nesterov momentum 0.9.
    schedule : {"constant", "cosine", "one-cycle"}
        ``"cosine"`` falls to zero; ``"one-cycle"`` rises over the first 30 % of the steps, then
        falls.
    labeled : (X, y), optional
        Labeled target draw for :class:`~tlbook.objective.TargetLoss`.
    parameters : iterable, optional
        Parameters or optimizer groups to train, instead of all that require gradients.
    augment : function, optional
        ``augment(x, generator) -> x`` for all training draws (see ``tlbook.augmentation``).
    device, precision : str
        ``"auto"``: CUDA, else MPS, else CPU; bfloat16 autocast on CUDA, float32 elsewhere.
    seed : int
        Seed of draws, augmentation and dropout.
    progress : bool, optional
        Progress bar; by default for runs of more than two seconds in a terminal or notebook.
    callback : function, optional
        ``callback(step, batch)`` after each step.

    Returns
    -------
    History
        Values of each step, seconds, device. The model ends in eval mode.

    Raises
    ------
    ValueError
        If an argument is out of range, nothing is trainable, or the objective needs a part
        that ``data`` lacks.
    Divergence
        If a value becomes NaN or infinite.
    """
    for name, value in {"steps": steps, "batch_size": batch_size}.items():
        check_positive(value, name, integer=True)
    check_positive(lr, "lr")
    check_positive(weight_decay, "weight_decay", zero_ok=True)
    if isinstance(objective, Term):
        objective = Objective(None, objective)
    objective = Objective() if objective is None else objective
    place = choose_device(device)
    dtype = choose_precision(precision, place)
    parts = _parts(data, labeled, objective, batch_size, seed, place)
    model.to(place)
    objective.to(place)
    optimizer_ = _optimizer(optimizer, _trainable(model, objective, parameters), lr, weight_decay)
    scheduler = _scheduler(schedule, optimizer_, steps)
    recorder = Recorder(place)
    bar = _Bar(steps, progress)
    model.train()
    objective.train()
    start = time.perf_counter()
    with torch.random.fork_rng(devices=[place] if place.type == "cuda" else []):
        torch.manual_seed(seed)
        generator = torch.Generator(device=place).manual_seed(seed)
        for step in range(steps):
            batch = _draw(model, parts, step, steps, augment, generator)
            with torch.autocast(place.type, dtype=dtype, enabled=dtype != torch.float32):
                loss, values = objective(batch)
            optimizer_.zero_grad(set_to_none=True)
            loss.backward()
            optimizer_.step()
            recorder.add(loss=loss, **values, lr=optimizer_.param_groups[0]["lr"])
            scheduler.step()
            recorder.check(step, last=step == steps - 1)
            if callback is not None:
                callback(step, batch)
            bar.update()
    bar.close()
    model.eval()
    return History(
        columns=recorder.columns(),
        seconds=time.perf_counter() - start,
        device=place.type,
        precision="bf16" if dtype == torch.bfloat16 else "float32",
        seed=seed,
    )


def _parts(
    data: Any,
    labeled: Any,
    objective: Objective,
    batch_size: int,
    seed: int,
    place: torch.device,
) -> dict[str, Part]:
    """Put on the device what the objective needs, and nothing else."""
    offers = split_data(data, labeled)
    missing = objective.needs - set(offers) - {"labeled"}
    if missing:
        raise ValueError(f"data: lacks {', '.join(sorted(missing))}, which the objective needs")
    parts = {}
    for name in sorted(objective.needs & set(offers)):
        X, y = offers[name]()  # type: ignore[operator]
        if y is None and name != "target":
            raise ValueError(f"data: the {name} part has no labels, want y")
        if len(X):
            parts[name] = Part(X, y, size=batch_size, seed=seed, stream=STREAMS[name], device=place)
    if not parts:
        raise ValueError("data: got nothing to learn from, want a source, target or labeled part")
    return parts


def _draw(
    model: nn.Module,
    parts: dict[str, Part],
    step: int,
    steps: int,
    augment: Callable[..., Any] | None,
    generator: torch.Generator,
) -> Batch:
    batch = Batch(model, progress=step / max(1, steps - 1), step=step)
    for name, part in parts.items():
        x, y = part.at(step)
        setattr(batch, f"{name}_x", augment(x, generator) if augment is not None else x)
        if y is not None:
            setattr(batch, f"{name}_y", y)
    return batch


def _trainable(
    model: nn.Module, objective: Objective, parameters: Iterable[Any] | None
) -> list[Any]:
    own = [p for p in objective.parameters() if p.requires_grad]
    if parameters is None:
        chosen: list[Any] = [p for p in model.parameters() if p.requires_grad]
    else:
        chosen = list(parameters)
    if not chosen and not own:
        raise ValueError("model: got no parameter that requires a gradient, want at least one")
    if chosen and isinstance(chosen[0], dict):
        return [*chosen, {"params": own}] if own else chosen
    return [*chosen, *own]


def _optimizer(
    name: str, parameters: list[Any], lr: float, weight_decay: float
) -> torch.optim.Optimizer:
    check_choice(name, "optimizer", ("adamw", "adam", "sgd"))
    if name == "sgd":
        return torch.optim.SGD(
            parameters, lr=lr, momentum=0.9, nesterov=True, weight_decay=weight_decay
        )
    kind = torch.optim.AdamW if name == "adamw" else torch.optim.Adam
    # The fused kernel does one pass over the parameters; for small networks that is much.
    return kind(parameters, lr=lr, weight_decay=weight_decay, fused=True)


def _scheduler(
    name: str, optimizer: torch.optim.Optimizer, steps: int
) -> torch.optim.lr_scheduler.LRScheduler:
    check_choice(name, "schedule", ("constant", "cosine", "one-cycle"))
    rise = 0.3 * steps if name == "one-cycle" else 0.0

    def factor(step: int) -> float:
        if name == "constant":
            return 1.0
        if step < rise:
            return 0.04 + 0.96 * step / rise
        return 0.5 * (1 + math.cos(math.pi * (step - rise) / max(1.0, steps - rise)))

    return torch.optim.lr_scheduler.LambdaLR(optimizer, factor)


class _Bar:
    """A progress bar that appears only after two seconds, and never in a captured run."""

    def __init__(self, steps: int, wanted: bool | None) -> None:
        quiet = bool(os.environ.get("TLBOOK_QUIET"))
        self.steps, self.wanted = steps, wanted if wanted is not None else not quiet
        self.start, self.done = time.perf_counter(), 0
        self.bar: Any = None

    def update(self) -> None:
        self.done += 1
        if not self.wanted:
            return
        if self.bar is None:
            if time.perf_counter() - self.start < 2.0 or self.done == self.steps:
                return
            from tqdm.auto import tqdm

            self.bar = tqdm(total=self.steps, initial=self.done, leave=False, unit="step")
        self.bar.update(self.done - self.bar.n)

    def close(self) -> None:
        if self.bar is not None:
            self.bar.close()
