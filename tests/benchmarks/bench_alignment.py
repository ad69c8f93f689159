"""Alignment: what a step with a term costs above the two passes, and MMD² of a draw."""

from __future__ import annotations

import numpy as np
import torch

from tests.benchmarks._harness import Row, median_seconds
from tlbook.alignment import JMMD, MMD, DeepCORAL, InformationMaximization, weighted_mmd2
from tlbook.domains import Task
from tlbook.models import create
from tlbook.objective import Batch, Objective, Term
from tlbook.training import fit

STEPS = 20


class TwoPasses(Term):
    """The least that a term on target features can do: it takes their mean."""

    needs = ("source", "target")

    def forward(self, batch: Batch) -> torch.Tensor:
        return batch.target_features.mean()


def _task() -> Task:
    rng = np.random.default_rng(0)
    X, Y = rng.random((2, 512, 1, 8, 8)).astype(np.float32)
    y = np.arange(512) % 10
    return Task.from_arrays(source=(X, y), target_train=(Y, y), target_test=(Y[::-1].copy(), y))


def _step_rows(repeats: int) -> list[Row]:
    task = _task()

    def work(kind: type[Term]) -> object:
        objective = Objective(torch.nn.functional.cross_entropy, kind())
        options = {"steps": STEPS, "progress": False, "device": "cpu"}
        return fit(create("digitnet"), task, objective, **options)

    kinds = (TwoPasses, MMD, JMMD, DeepCORAL, InformationMaximization)
    seconds = median_seconds({k.__name__: lambda k=k: work(k) for k in kinds}, repeats)
    base = seconds.pop("TwoPasses")
    rows = [Row("DigitNet, 64 + 64 rows: ms per step, two passes", 1e3 * base / STEPS, "ms")]
    return rows + [
        Row(f"  a step with {name}, times that", value / base, "x", 1.5, False)
        for name, value in seconds.items()
    ]


def by_differences(X: torch.Tensor, Y: torch.Tensor) -> torch.Tensor:
    """The same value with an array of all differences, (n + m, n + m, d)."""
    Z, n = torch.cat([X, Y]), len(X)
    squared = (Z[:, None] - Z[None]).square().sum(-1)
    pairs = torch.triu(torch.ones_like(squared), 1) > 0
    median = squared[pairs].median().detach()
    K = sum(torch.exp(-squared / (2 * b**2 * median)) for b in (0.25, 0.5, 1, 2, 4)) / 5
    own = [(k.sum() - k.trace()) / (len(k) * (len(k) - 1)) for k in (K[:n, :n], K[n:, n:])]
    return own[0] + own[1] - 2 * K[:n, n:].mean()


def _value_rows(repeats: int) -> list[Row]:
    generator = torch.Generator().manual_seed(0)
    X, Y = (torch.randn(64, 64, generator=generator).requires_grad_() for _ in "ab")

    def work(function: object) -> tuple[torch.Tensor, ...]:
        value = function(X, Y)  # type: ignore[operator]
        return value.detach(), *torch.autograd.grad(value, (X, Y))

    for a, b in zip(work(weighted_mmd2), work(by_differences), strict=True):
        torch.testing.assert_close(a, b, rtol=1e-3, atol=1e-6)
    functions = {"ours": weighted_mmd2, "differences": by_differences}
    seconds = median_seconds(
        {n: lambda f=f: [work(f) for _ in range(20)] for n, f in functions.items()}, repeats
    )
    return [
        Row("MMD² + gradient, 64 + 64 rows, d = 64: ms", 50 * seconds["ours"], "ms"),
        Row("  faster than an array of differences", seconds["differences"] / seconds["ours"],
            "x", 3.0),
    ]  # fmt: skip


def run(quick: bool = False) -> list[Row]:
    """All rows; about ten processor seconds."""
    repeats = 3 if quick else 7
    return [*_step_rows(repeats), *_value_rows(repeats)]
