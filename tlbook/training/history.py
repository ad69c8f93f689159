"""What a run leaves behind: values of each step, seconds, device."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

if TYPE_CHECKING:
    import pandas as pd


RUNAWAY = 1e6
"""A value that has grown by this factor (and above it) has left for good."""


class Divergence(RuntimeError):
    """Training produced NaN or infinity; the message names the step, the term and the cure."""


@dataclass
class History:
    """Record of one call of :func:`tlbook.training.fit`.

    Attributes
    ----------
    columns : dict of arrays of shape (steps,)
        ``loss`` (what was minimized), each unweighted part by name, and ``lr``.
    seconds : float
        Wall-clock time of the loop.
    device, precision : str
        Where and how it ran.
    seed : int
        Seed of the run.
    stopped : str or None
        Why the run ended before its last step: ``"early stopping"``, ``"callback"``.
    resumed_at : int
        The step at which a checkpoint was taken up; 0 for a run in one piece.

    Notes
    -----
    Columns that are not measured at each step (``validation``, ``|grad L_S|`` …) are NaN between.
    """

    columns: dict[str, np.ndarray] = field(default_factory=dict, repr=False)
    seconds: float = 0.0
    device: str = "cpu"
    precision: str = "float32"
    seed: int = 0
    stopped: str | None = None
    resumed_at: int = 0

    @property
    def steps(self) -> int:
        """Number of steps made."""
        return len(next(iter(self.columns.values()), ()))

    @property
    def loss(self) -> np.ndarray:
        """The minimized value at each step."""
        return self.columns["loss"]

    @property
    def frame(self) -> pd.DataFrame:
        """The record as a data frame with one row per step."""
        import pandas as pd

        return pd.DataFrame(self.columns).rename_axis("step")

    def __repr__(self) -> str:
        end = f", loss {self.loss[0]:.3f} → {self.loss[-1]:.3f}" if self.steps else ""
        return (
            f"History({self.steps} steps in {self.seconds:.1f} s on {self.device}, "
            f"{self.precision}{end})"
        )


class Recorder:
    """Collects scalars without waiting for the device, and looks for NaN now and then."""

    def __init__(self, device: torch.device) -> None:
        self.past: dict[str, np.ndarray] = {}
        self.values: dict[str, list[Tensor | float]] = {}
        self.notes: dict[str, dict[int, Tensor | float]] = {}
        # Reading a value makes a GPU wait; on a CPU it costs nothing, so look at each step.
        self.interval = 1 if device.type == "cpu" else 50
        self.first, self.checked = 0, 0

    def add(self, values: dict[str, Tensor | float]) -> None:
        """Append one step."""
        for name, value in values.items():
            kept = value.detach() if isinstance(value, Tensor) else value
            self.values.setdefault(name, []).append(kept)

    def note(self, step: int, values: dict[str, Tensor | float]) -> None:
        """Record values that are measured at some steps only."""
        for name, value in values.items():
            self.notes.setdefault(name, {})[step] = value

    def check(self, step: int, last: bool, healthy: Callable[[], bool]) -> None:
        """Raise :class:`Divergence` when a value since the last look is not finite or has run away.

        ``healthy()`` says whether the weights that made the latest value were finite.
        """
        if not last and (step + 1) % self.interval:
            return
        for at in range(self.checked, step + 1):
            # The parts first: the total is NaN because one of them is.
            for name in sorted(self.values, key=lambda n: n == "loss"):
                values = self.values[name]
                value = float(values[at - self.first])
                if abs(value) <= RUNAWAY * max(1.0, abs(float(values[0]))):
                    continue
                if not np.isfinite(value) and at > 0 and not healthy():
                    raise Divergence(_bad_gradient(at, name, self.interval))
                became = f"became {value}" if not np.isfinite(value) else f"grew to {value:.3g}"
                raise Divergence(
                    f"step {at}: {name} {became}. Lower lr, lower the weight of {name}, "
                    "or check the inputs for values far outside [-10, 10]."
                )
        self.checked = step + 1

    def resume(self, columns: dict[str, np.ndarray], step: int) -> None:
        """Take up the record of ``step`` steps made before."""
        self.past, self.first, self.checked = dict(columns), step, step

    def columns(self) -> dict[str, np.ndarray]:
        """Return all values as arrays."""
        columns = {}
        for name, values in self.values.items():
            if values and isinstance(values[0], Tensor):
                new = torch.stack([torch.as_tensor(v).float() for v in values]).cpu().numpy()
            else:
                new = np.asarray(values, dtype=float)
            columns[name] = np.concatenate([self.past[name], new]) if name in self.past else new
        steps = len(next(iter(columns.values()), self.past.get("loss", ())))
        for name in {**self.past, **self.notes}:
            if name in columns:
                continue
            if len(self.past.get(name, ())) == steps:  # no step was made since
                columns[name] = self.past[name]
                continue
            column = np.full(steps, np.nan)
            before = self.past.get(name, ())
            column[: len(before)] = before
            for at, value in self.notes.get(name, {}).items():
                column[at] = float(value)
            columns[name] = column
        return columns


def _bad_gradient(step: int, name: str, interval: int) -> str:
    when = f"step {step - 1}" if interval == 1 else f"before step {step + 1}"
    return (
        f"{when}: a gradient was not finite although its loss was, so the weights are lost and "
        f"{name} is NaN at step {step}. Look for a square root or a logarithm at 0; grad_norms=1 "
        "names the term."
    )
