"""How fast a run is: rows per second of ``fit``, and the share of what the machine can multiply."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from torch import nn

from tlbook._base.checks import check_positive
from tlbook._base.named import named
from tlbook.objective import Batch
from tlbook.training.device import choose_device

DRAWS = ("source_x", "target_x", "labeled_x")
SIDES = {"cpu": 1024, "cuda": 8192, "mps": 2048}
"""Side of the matrices of :func:`matrix_rate`: large enough that starting the kernel is nothing."""


@dataclass
class Meter:
    """Measures rows per second while ``fit`` trains: ``fit(..., callback=Meter())``.

    The clock is read once per window of ``every`` steps, after waiting for the device there and
    nowhere else, so that measuring does not slow down what is measured. The first ``warm_up`` steps
    (compilation, memory, the clock of the card) are left out.

    Parameters
    ----------
    warm_up : int
        Steps before the first window.
    every : int
        Steps of a window.

    Attributes
    ----------
    rates : list of float
        Rows per second of each window; source, target and labeled rows together.

    Raises
    ------
    ValueError
        If a number is out of range, or the result is asked for before a window has ended.
    """

    warm_up: int = 5
    every: int = 5
    rates: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        check_positive(self.warm_up, "warm_up", zero_ok=True, integer=True)
        check_positive(self.every, "every", integer=True)
        self._calls, self._rows, self._start = 0, 0, 0.0
        if self.warm_up == 0:
            self._start = time.perf_counter()

    def __call__(self, step: int, batch: Batch) -> None:
        """Count one step."""
        self._calls += 1
        measured = self._calls - self.warm_up
        if measured > 0:
            self._rows += sum(len(x) for x in _drawn(batch))
        if measured < 0 or measured % self.every:
            return
        synchronize(_drawn(batch)[0].device)
        now = time.perf_counter()
        if measured > 0:
            self.rates.append(self._rows / (now - self._start))
        self._rows, self._start = 0, now

    @property
    def median(self) -> float:
        """Rows per second: the median of the windows."""
        return float(np.median(self._measured()))

    @property
    def quartiles(self) -> tuple[float, float]:
        """The rates that a quarter of the windows lies below and above."""
        low, high = np.quantile(self._measured(), (0.25, 0.75))
        return float(low), float(high)

    def _measured(self) -> list[float]:
        if not self.rates:
            raise ValueError(
                f"rates: got {self._calls} steps, want at least warm_up + every = "
                f"{self.warm_up + self.every}"
            )
        return self.rates

    def __str__(self) -> str:
        low, high = self.quartiles
        return f"{self.median:,.0f} rows/s (middle half {low:,.0f} … {high:,.0f})"


def _drawn(batch: Batch) -> list[torch.Tensor]:
    return [x for x in (getattr(batch, name) for name in DRAWS) if x is not None]


def synchronize(device: torch.device) -> None:
    """Wait until the device has done all that it was told; a CPU always has."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    elif device.type == "mps":
        torch.mps.synchronize()


def seconds_of(
    work: Callable[[], Any], device: str | torch.device = "cpu", repeats: int = 5
) -> float:
    """Return the median wall-clock seconds of ``work()`` after one warm-up, device included."""
    check_positive(repeats, "repeats", integer=True)
    chosen_device = choose_device(device)
    times = []
    for _ in range(repeats + 1):
        synchronize(chosen_device)
        start = time.perf_counter()
        work()
        synchronize(chosen_device)
        times.append(time.perf_counter() - start)
    return float(np.median(times[1:]))


@named
def matrix_rate(
    device: str | torch.device = "auto",
    dtype: torch.dtype = torch.float32,
    *,
    side: int | None = None,
    repeats: int = 5,
) -> float:
    """Return the FLOP/s that the device reaches on a product of two square matrices.

    A product of side n takes 2 n³ floating point operations. It is the best that a training can
    hope for, measured here and not read from a data sheet; a convolution stays below it.

    Parameters
    ----------
    device : {"auto", "cpu", "cuda", "mps"}
    dtype : torch.dtype
        float32, bfloat16 or float16.
    side : int, optional
        n; by default 1024 on a CPU, 8192 on CUDA.
    repeats : int
        Products, of which the median counts.

    Raises
    ------
    ValueError
        If the type is no floating point type, a number is out of range, or the device is not there.
    """
    chosen_device = choose_device(device)
    if not isinstance(dtype, torch.dtype) or not dtype.is_floating_point:
        raise ValueError(f"dtype: got {dtype!r}, want a floating point type such as torch.float32")
    if side is None:
        side = SIDES.get(chosen_device.type, 1024)
    n = check_positive(side, "side", integer=True)
    generator = torch.Generator().manual_seed(0)
    a, b = (torch.randn(n, n, generator=generator).to(chosen_device, dtype) for _ in range(2))
    return 2 * n**3 / seconds_of(lambda: a @ b, chosen_device, repeats)


@named
def step_flops(model: nn.Module, x: torch.Tensor) -> int:
    """Return the floating point operations of one forward and backward pass over ``x``.

    Counted by torch's ``FlopCounterMode`` on what really runs: frozen layers have no backward pass.
    Convolutions and matrix products count; BatchNorm and ReLU are small change and do not.

    Parameters
    ----------
    model : nn.Module
        Maps ``x`` to logits; weights, statistics and gradients stay as they are.
    x : tensor of shape (n, ...)
        A batch on the model's device.

    Raises
    ------
    ValueError
        If ``x`` has no rows.
    """
    import copy

    from torch.utils.flop_counter import FlopCounterMode

    if not len(x):
        raise ValueError("x: got no rows, want a batch")
    copied = copy.deepcopy(model)
    counter = FlopCounterMode(display=False)
    with counter:
        total = copied(x).float().sum()
        if total.requires_grad:
            total.backward()
    return int(counter.get_total_flops())
