"""What a run leaves behind: values of each step, seconds, device."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

if TYPE_CHECKING:
    import pandas as pd


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
    """

    columns: dict[str, np.ndarray] = field(default_factory=dict, repr=False)
    seconds: float = 0.0
    device: str = "cpu"
    precision: str = "float32"
    seed: int = 0

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
        self.values: dict[str, list[Tensor | float]] = {}
        # Reading a value makes a GPU wait; on a CPU it costs nothing, so look at each step.
        self.interval = 1 if device.type == "cpu" else 50
        self.checked = 0

    def add(self, **values: Tensor | float) -> None:
        """Append one step."""
        for name, value in values.items():
            kept = value.detach() if isinstance(value, Tensor) else value
            self.values.setdefault(name, []).append(kept)

    def check(self, step: int, last: bool) -> None:
        """Raise :class:`Divergence` when a value since the last look is not finite."""
        if not last and (step + 1) % self.interval:
            return
        for at in range(self.checked, step + 1):
            # The parts first: the total is NaN because one of them is.
            for name in sorted(self.values, key=lambda n: n == "loss"):
                value = float(self.values[name][at])
                if not np.isfinite(value):
                    raise Divergence(
                        f"step {at}: {name} became {value}. Lower lr, lower the weight of {name}, "
                        "or check the inputs for values far outside [-10, 10]."
                    )
        self.checked = step + 1

    def columns(self) -> dict[str, np.ndarray]:
        """Return all values as arrays."""
        columns = {}
        for name, values in self.values.items():
            if values and isinstance(values[0], Tensor):
                stacked = torch.stack([torch.as_tensor(v).float() for v in values])
                columns[name] = stacked.cpu().numpy()
            else:
                columns[name] = np.asarray(values, dtype=float)
        return columns
