"""One run of the loop: its parts, its steps, and what it does when something goes wrong."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import torch
from torch import Tensor, nn

from tlbook.objective import Batch, Objective
from tlbook.training import lock, memory, state
from tlbook.training.bar import Bar
from tlbook.training.checkpoint import Checkpoints
from tlbook.training.draws import Drawn, Part
from tlbook.training.early_stopping import Watch
from tlbook.training.gradients import all_finite, part_norms
from tlbook.training.history import Divergence, History, Recorder
from tlbook.training.optimizers import Rates
from tlbook.training.processes import World
from tlbook.training.randomness import own_randomness
from tlbook.training.refusals import explained

Callback = Callable[[int, Batch], bool | None]


@dataclass
class Run:
    """Everything that ``fit`` holds while it trains."""

    model: nn.Module
    objective: Objective
    parts: dict[str, Drawn]
    optimizer: torch.optim.Optimizer
    rates: Rates
    recorder: Recorder
    watch: Watch | None
    steps: int
    batch_size: int
    seed: int
    device: torch.device
    dtype: torch.dtype
    clip: float | None = None
    augment: Callable[..., Any] | None = None
    channels_last: bool = False
    features_of: Callable[[Tensor], Tensor] | None = None
    grad_norms: int | None = None
    world: World = field(default_factory=World)
    checkpoints: Checkpoints | None = None
    identity: dict[str, Any] = field(default_factory=dict)
    first: int = 0
    seconds: float = 0.0
    stopped: str | None = None

    @cached_property
    def generator(self) -> torch.Generator:
        """The randomness of augmentations."""
        return torch.Generator(device=self.device).manual_seed(self.seed)

    @cached_property
    def trained(self) -> list[Tensor]:
        """All parameters that the optimizer moves, discriminators included."""
        return [p for group in self.optimizer.param_groups for p in group["params"]]

    @cached_property
    def in_network(self) -> list[Tensor]:
        """Those of them that belong to the network."""
        own = {id(p) for p in self.model.parameters()}
        return [p for p in self.trained if id(p) in own]

    def train(self, bar: Bar, callback: Callback | None) -> History:
        """Make the steps that are left and return the record."""
        self.model.train()
        self.objective.train()
        with own_randomness(self.device, self.seed):
            self._take_up()
            bar.done = self.first
            start, before = time.perf_counter(), self.seconds
            try:
                for step in range(self.first, self.steps):
                    if self.stopped:
                        break
                    batch = self._guarded_step(step)
                    bar.update()
                    if callback is not None and self._agreed(callback(step, batch) is True):
                        self.stopped = "callback"
                    self._look(step)
                    self.seconds = before + time.perf_counter() - start
                    self._save(step + 1)
            finally:
                bar.close()
                for part in self.parts.values():
                    part.close()
                lock.release(self.checkpoints)
        self._check_weights()
        if self.watch is not None:
            self.watch.give_back(self.model)
        self.model.eval()
        return History(
            columns=self.recorder.columns(),
            seconds=self.seconds,
            device=self.device.type,
            precision="bf16" if self.dtype == torch.bfloat16 else "float32",
            seed=self.seed,
            stopped=self.stopped,
            resumed_at=self.first,
        )

    def _step(self, step: int) -> Batch:
        """Draw, compute the objective, go one step downhill."""
        rate = self.rates.set(step)
        batch = self._draw(step)
        loss, parts = self._value(batch)
        self.recorder.add({"loss": loss, **parts, "lr": rate})
        self.recorder.check(step, step == self.steps - 1, lambda: all_finite(self.trained))
        if self.grad_norms and step % self.grad_norms == 0:
            self._note_norms(step, batch, parts)
        self._drop_gradients()
        loss.backward()
        if not self.world.alone:
            self.world.average([p.grad for p in self.in_network])
        if self.clip is not None:
            nn.utils.clip_grad_norm_(self.trained, self.clip)
        self.optimizer.step()
        return batch

    def _draw(self, step: int) -> Batch:
        progress = step / max(1, self.steps - 1)
        batch = Batch(
            self.model,
            progress=progress,
            step=step,
            lr=self.rates.lr,
            features_of=self._features(step),
        )
        for name, part in self.parts.items():
            x, y = part.at(step)
            x = self.augment(x, self.generator) if self.augment is not None else x
            if self.channels_last and x.ndim == 4:
                x = x.contiguous(memory_format=torch.channels_last)
            setattr(batch, f"{name}_x", x)
            if y is not None:
                setattr(batch, f"{name}_y", y)
        return batch

    def _features(self, step: int) -> Callable[[Tensor], Tensor] | None:
        if self.world.alone:
            return self.features_of
        own: Any = self.features_of or self.model.features
        return self.world.features_of(self.model, own, self.seed * self.steps + step)

    def _agreed(self, verdict: bool) -> bool:
        return verdict if self.world.alone else self.world.agree(verdict, self.device)

    def _value(self, batch: Batch) -> tuple[Tensor, dict[str, Tensor]]:
        mixed = self.dtype != torch.float32
        if not mixed and not torch.is_autocast_enabled(self.device.type):
            return self.objective(batch)  # entering autocast costs more than a tiny layer
        with torch.autocast(self.device.type, dtype=self.dtype, enabled=mixed):
            return self.objective(batch)

    def _drop_gradients(self) -> None:
        for parameter in self.trained:
            parameter.grad = None

    def _note_norms(self, step: int, batch: Batch, parts: dict[str, Tensor]) -> None:
        weights = self.objective.weights_at(batch.progress)
        average = None if self.world.alone else self.world.average
        norms = part_norms(parts, weights, self.in_network, average)
        for name, norm in norms.items():
            if not torch.isfinite(norm):
                raise Divergence(
                    f"step {step}: the gradient of {name} is {float(norm)}, its value is "
                    f"{float(parts[name].detach()):.3g}. Look for a square root or a logarithm "
                    f"at 0 in {name}, or lower its weight."
                )
        self.recorder.note(step, {f"|grad {name}|": norm for name, norm in norms.items()})

    def _check_weights(self) -> None:
        if not all_finite(self.trained):
            raise Divergence(
                f"step {self.steps - 1}: the last gradient was not finite. Lower lr, or look for a "
                "square root or a logarithm at 0; grad_norms=1 names the term."
            )

    def _look(self, step: int) -> None:
        """Evaluate on source validation rows where it is due."""
        if self.watch is not None and self.watch.due(step):
            self.recorder.note(step, {"validation": self.watch.look(self.model, step)})
            if self.watch.over and self.stopped is None:
                self.stopped = "early stopping"

    # -- when memory runs out ---------------------------------------------------------------------

    def _guarded_step(self, step: int) -> Batch:
        try:
            return self._step(step)
        except Exception as error:
            if not memory.is_out_of_memory(error):
                rows = next(
                    (part.x for part in self.parts.values() if isinstance(part, Part)), None
                )
                told = explained(error, "data", rows)
                if told is error:
                    raise
                raise told from error
            failed = error.with_traceback(None)  # the traceback holds the activations in memory
        raise memory.OutOfMemory(self._cure(failed, step)) from failed

    def _cure(self, error: Exception, step: int) -> str:
        self._drop_gradients()
        if not self.world.alone:  # the others wait for this one: no time to search
            return (
                f"out of memory in process {self.world.rank} of {self.world.size} at "
                f"batch_size={self.batch_size}: take a smaller one, or more processes"
            )
        restore = memory.restored(self.model)

        def attempt(size: int) -> None:
            batch = self._draw(step)
            for name in self.parts:
                setattr(batch, f"{name}_x", getattr(batch, f"{name}_x")[:size])
                if getattr(batch, f"{name}_y", None) is not None:
                    setattr(batch, f"{name}_y", getattr(batch, f"{name}_y")[:size])
            self._value(batch)[0].backward()

        fits = memory.largest_that_fits(attempt, self.batch_size)
        restore()
        kept = self.checkpoints
        where = str(kept.path) if kept is not None and kept.steps() else None
        return memory.explain(error, self.batch_size, fits, where)

    # -- checkpoints ------------------------------------------------------------------------------

    def _save(self, done: int) -> None:
        kept = self.checkpoints
        if kept is not None and (kept.due(done, self.steps) or self.stopped):
            if self.world.first:
                kept.save(done, state.snapshot(self), self.identity)
            self.world.wait()

    def _take_up(self) -> None:
        lock.hold(self.checkpoints, self.world.first)
        found = self.checkpoints.load(self.identity) if self.checkpoints is not None else None
        if found is not None:
            self.first = found[0]
            state.restore(self, found[1])


def compiled(model: nn.Module, compile: bool | str) -> Callable[[Tensor], Tensor] | None:
    """Return the compiled ``model.features``, or ``None`` if that is not wanted."""
    if compile is False:
        return None
    backend = "inductor" if compile is True else compile
    features: Any = model.features
    return torch.compile(features, backend=backend)
