"""What a fuzzed call is given: values that fit a parameter by its name, and such as fit nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import torch
from sklearn.linear_model import LogisticRegression
from torch import nn

from tlbook import models
from tlbook.domains import Task
from tlbook.selection import Run

N = 24
"""Rows of the good samples: two pictures each of twelve."""


def rng() -> np.random.Generator:
    """Return the same numbers every time."""
    return np.random.default_rng(7)


def rows(n: int = N, d: int = 3, shift: float = 0.0) -> np.ndarray:
    """Return a sample of a Gaussian."""
    return rng().normal(shift, 1, size=(n, d))


def shares(n: int = N, k: int = 3) -> np.ndarray:
    """Return n distributions over k classes."""
    return rng().dirichlet(np.ones(k), size=n)


def labels(n: int = N, k: int = 3) -> np.ndarray:
    """Return n labels of k classes."""
    return np.arange(n) % k


def pictures(n: int = 6) -> np.ndarray:
    """Return gray pictures for ``digitnet``."""
    return rng().random((n, 1, 8, 8), dtype=np.float32)


def task() -> Task:
    """Return a small task of rows."""
    parts = [(rows(N, 3, s), labels()) for s in (0.0, 1.0)]
    test = (rows(N, 3, 1.0)[::-1].copy(), labels()[::-1].copy())
    return Task.from_arrays(source=parts[0], target_train=parts[1], target_test=test)


def net() -> nn.Module:
    """Return a small network for rows of three features, with three classes."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return models.wrap(nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 3)))


def frame() -> pd.DataFrame:
    """Return what ``learning_curve`` returns."""
    return pd.DataFrame(
        {
            "method": ["a"] * 4 + ["b"] * 4,
            "budget": [1, 4] * 4,
            "seed": [0, 0, 1, 1] * 2,
            "accuracy": np.linspace(0.2, 0.9, 8),
        }
    )


def answer_zero(X: Any, *_: Any) -> np.ndarray:
    """Return class 0 for every row."""
    return np.zeros(len(X) if hasattr(X, "__len__") else 1, dtype=int)


def nearest(task: Task, seed: int, k: int = 1) -> Callable[[Any], Any]:
    """A method for ``compare``."""
    return LogisticRegression().fit(*task.label(k, seed)).predict


def runs() -> list[Run]:
    """Return three runs of a search."""
    return [Run({"C": c}, s, np.roll(shares(), c * s, axis=0)) for c in (1, 2) for s in (0, 1)]


class EqualsEverything:
    """Answers every comparison with yes."""

    __hash__ = object.__hash__

    def __eq__(self, other: object) -> bool:
        return True


def hostile() -> list[Any]:
    """Return values that are wrong for most parameters."""
    X = rows()
    gaps = X.copy()
    gaps[3, 1] = np.nan
    bad = X.copy()
    bad[0, 0] = np.inf
    return [
        None,
        "",
        "nonsense",
        b"bytes",
        -1,
        0,
        10**25,
        1e300,
        float("nan"),
        float("inf"),
        -2.5,
        2.5,
        True,
        1j,
        [],
        (),
        {},
        [[1, 2], [3]],
        object(),
        EqualsEverything(),
        gaps,
        bad,
        X[:0],
        X[:1],
        X[:, :1],
        X[0],
        X[None],
        X[:, :0],
        np.float64(1.0),
        np.array(3),
        X.astype(complex),
        X * 1e155,
        (X * 1e30).astype(np.float32),
        X.astype(np.float16),
        X.astype(int),
        X > 0,
        np.array([["a", 1.0], [None, 2.0]], dtype=object),
        np.array(["a", "b"]),
        labels() - 100,
        labels() + 50,
        labels().astype(float),
        labels().astype(str),
        labels()[:5],
        np.zeros(N, dtype=int),
        np.arange(N),
        np.ma.masked_array(X, X > 0),
        pd.DataFrame(X),
        pd.Series(labels()),
        torch.tensor(X),
        torch.tensor(X, requires_grad=True),
        torch.tensor(X, dtype=torch.bfloat16),
        torch.empty(N, 3, device="meta"),
        torch.tensor(labels()),
        X.tolist(),
        list("abc"),
        answer_zero,
        LogisticRegression,
        np.asfortranarray(X)[::-1],
        shares(),
        -shares(),
        np.datetime64("2020-01-01"),
        np.full(N, np.nan),
        np.array([EqualsEverything()] * N, dtype=object),
        {"a": 1},
        nn.Linear(2, 2),
    ]
