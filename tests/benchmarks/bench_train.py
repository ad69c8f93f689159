"""Training speed on a device: images per second of each way, and the share of what it multiplies.

``tlbook bench train --device cuda`` (or ``cpu``): a ResNet-18 learns from noise, since speed does
not ask what is in a picture. On a CPU pictures and batches are small. Wall-clock time, and medians
of windows: on a busy machine the numbers are those of a busy machine.
"""

from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from tests.benchmarks._harness import Row
from tlbook.finetuning import cached_features, freeze, head_on_features
from tlbook.models import create
from tlbook.training import Meter, choose_device, fit, matrix_rate, report, step_flops
from tlbook.training.throughput import seconds_of, synchronize

CLASSES = 10


@dataclass(frozen=True)
class Size:
    """How much work: pixels of a side, rows of a batch, rows in all, steps measured."""

    side: int
    batch: int
    rows: int
    steps: int


def size_of(place: torch.device, quick: bool) -> Size:
    """Return a size that loads the device and ends in a minute."""
    if place.type == "cuda":
        return Size(224, 128 if quick else 256, 1024, 20 if quick else 60)
    return Size(32, 16, 64, 4 if quick else 12)


class Work:
    """One network and its data, trained in each of the ways."""

    def __init__(self, place: torch.device, size: Size) -> None:
        rng = np.random.default_rng(0)
        self.place, self.size = place, size
        self.X = rng.random((size.rows, 3, size.side, size.side), dtype=np.float32)
        self.y = rng.integers(CLASSES, size=size.rows)

    def network(self) -> nn.Module:
        return create("resnet18", n_classes=CLASSES, quiet=True).to(self.place)

    def by_fit(self, model: nn.Module, X: Any = None, **options: Any) -> float:
        """Images per second of ``fit``, after a warm-up."""
        meter = Meter(warm_up=3, every=max(1, self.size.steps // 4))
        fit(
            model,
            (self.X if X is None else X, self.y),
            steps=3 + self.size.steps,
            batch_size=self.size.batch,
            device=self.place,
            callback=meter,
            progress=False,
            **{"precision": "float32", **options},
        )
        return meter.median

    def bare(self) -> float:
        """Images per second of a loop written by hand, on data that lie on the device."""
        model = self.network().train()
        adam = torch.optim.AdamW(model.parameters(), lr=1e-3, fused=True)
        x, y = torch.from_numpy(self.X).to(self.place), torch.from_numpy(self.y).to(self.place)

        def window() -> None:
            for _ in range(max(1, self.size.steps // 4)):
                rows = torch.randint(len(x), (self.size.batch,), device=self.place)
                loss = F.cross_entropy(model(x[rows]), y[rows])
                adam.zero_grad()
                loss.backward()
                adam.step()

        seconds = seconds_of(window, self.place, repeats=4)
        return max(1, self.size.steps // 4) * self.size.batch / seconds

    def cached(self) -> tuple[float, float]:
        """Images per second of the head alone, and of the one pass that fills the cache."""
        model = freeze(self.network())
        cached_features(model, self.X[: self.size.batch])
        synchronize(self.place)
        seconds = seconds_of(lambda: cached_features(model, self.X), self.place, repeats=2)
        Z = cached_features(model, self.X)
        return self.by_fit(head_on_features(model), Z), len(self.X) / seconds


def ways(work: Work, place: torch.device, quick: bool) -> dict[str, Callable[[], float]]:
    """Return the ways to train by name; on a CPU compiling takes long and waits for a full run."""
    half, inner = {"precision": "bf16"}, {"channels_last": True}
    found: dict[str, Callable[[], float]] = {
        "frozen body, head trained": lambda: work.by_fit(freeze(work.network())),
        "full fine-tuning": lambda: work.by_fit(work.network()),
        "  channels-last": lambda: work.by_fit(work.network(), **inner),
        "  bf16": lambda: work.by_fit(work.network(), **half),
        "  bf16, channels-last": lambda: work.by_fit(work.network(), **half, **inner),
    }
    lacks = "lacks" in report(place).compile
    if not lacks and (place.type == "cuda" or not quick):
        options = {**half, **inner, "compile": True}
        found["  bf16, channels-last, compiled"] = lambda: work.by_fit(work.network(), **options)
    return found


def run(quick: bool = False, device: str = "auto") -> list[Row]:
    """All rows: about half a minute on a CPU with ``quick``, two on a card."""
    place = choose_device(device)
    size = size_of(place, quick)
    work = Work(place, size)
    print(f"\n{report(place)}\n{size}")
    peaks = {kind: matrix_rate(place, kind) for kind in (torch.float32, torch.bfloat16)}
    x = torch.from_numpy(work.X[: size.batch]).to(place)
    flops = {
        "full": step_flops(work.network(), x) / size.batch,
        "frozen": step_flops(freeze(work.network()), x) / size.batch,
    }
    bare = work.bare()
    rows = [
        *(Row(f"matrix product, {str(k)[6:]}", v / 1e12, "TF/s") for k, v in peaks.items()),
        Row("the bare loop, written by hand", bare, "im/s", note=_share(bare, flops, peaks)),
    ]
    for name, way in ways(work, place, quick).items():
        rate = way()
        rows.append(Row(name, rate, "im/s", note=_share(rate, flops, peaks, name, bare)))
    head, fill = work.cached()
    rows.append(
        Row("cached features, head trained", head, "im/s", note=f"{head / bare:.1f} × bare")
    )
    rows.append(Row("  filling the cache, once", fill, "im/s", note=f"{fill / bare:.1f} × bare"))
    # Both sides in turns, so that whatever else the machine does meets both.
    ratios = [work.by_fit(work.network()) / work.bare() for _ in range(2 if quick else 5)]
    rows.append(Row("fit against the bare loop", median(ratios), "x", 0.8))
    return rows


def _share(
    rate: float,
    flops: dict[str, float],
    peaks: dict[torch.dtype, float],
    name: str = "",
    bare: float | None = None,
) -> str:
    """Say what part of the measured matrix rate this is, and how it compares with the bare loop."""
    peak = peaks[torch.bfloat16 if "bf16" in name else torch.float32]
    part = rate * flops["frozen" if "frozen" in name else "full"] / peak
    against = "" if bare is None else f"{rate / bare:.1f} × bare, "
    return f"{against}{part:.0%} of the matrix rate"
