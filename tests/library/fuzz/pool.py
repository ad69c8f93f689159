"""What a fuzzed call is given: values that fit a parameter by its name, and values that fit nothing."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import torch
from sklearn.linear_model import LogisticRegression
from torch import nn
from torch.nn.functional import cross_entropy

from tlbook import data, features, models
from tlbook.domains import Boxes, Task
from tlbook.fewshot import episodes
from tlbook.objective import Objective
from tlbook.selection import Run
from tlbook.training import History

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
    return pd.DataFrame({"method": ["a"] * 4 + ["b"] * 4, "budget": [1, 4] * 4, "seed": [0, 0, 1, 1] * 2,
                         "accuracy": np.linspace(0.2, 0.9, 8)})  # fmt: skip


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


LIMITS = {"steps": 2, "rounds": 1, "steps_per_stage": 1, "permutations": 20, "trials": 2,
          "n_resamples": 50, "repeats": 2, "n_projections": 5, "local_steps": 1, "rehearsals": 1,
          "inner_steps": 1, "n_rounds": 2, "max_iter": 20, "iterations": 2, "resolution": 20}  # fmt: skip
"""Always given where there is such a parameter: a call with all else in order stays short."""

GOOD: dict[str, Callable[[], Any]] = {
    "X": rows, "Y": lambda: rows(20), "Xs": rows, "Xt": lambda: rows(20, shift=1.0), "Z": rows,
    "Z0": rows, "x": lambda: torch.tensor(rows(), dtype=torch.float32), "y": labels, "ys": labels,
    "yt": lambda: labels(20), "yhat": lambda: labels()[::-1].copy(), "points": lambda: rows(5),
    "features": rows, "posteriors": shares, "probabilities": shares, "P": shares, "p": lambda: shares(1)[0],
    "q": lambda: shares(1)[0][::-1].copy(), "values": lambda: rng().random(6), "better": lambda: rng().random(6),
    "worse": lambda: 0.1, "weights": lambda: rng().random(N), "new_weights": lambda: rng().random(N),
    "scores": lambda: rng().random(N), "truth": lambda: rng().random(N), "logits": rows, "answers": labels,
    "frame": frame, "task": task, "model": net, "module": net, "reference": net, "source_model": net,
    "teacher": lambda: torch.tensor(rows(), dtype=torch.float32), "student": lambda: torch.tensor(rows() * 2, dtype=torch.float32),
    "source": shares, "target": lambda: shares(20), "validation": lambda: rows(9), "labeled": lambda: (rows(6), labels(6)),
    "data": lambda: (rows().astype(np.float32), labels()), "objective": Objective, "methods": lambda: {"nearest": nearest},
    "tasks": task, "method": lambda: nearest, "seeds": lambda: [0, 1], "budgets": lambda: [1, 2], "seed": lambda: 3,
    "n_classes": lambda: 3, "classes": lambda: ("a", "b", "c"), "batch_size": lambda: 8,
    "classifier": LogisticRegression, "estimator": LogisticRegression, "adapter": features.CORAL, "predict": lambda: answer_zero,
    "profiles": lambda: shares(3, 4), "prototypes": lambda: rows(4), "relations": lambda: shares(3, 3), "epsilon": lambda: 0.5,
    "delta": lambda: 1e-5, "rho": lambda: 0.1, "drawn": lambda: episodes(labels(), ways=2, shots=1, queries=2, n=2),
    "draw": lambda: lambda rng: (rng.normal(size=(9, 2)), rng.normal(size=(9, 2))), "keys": rows, "zero_shot": shares, "new": shares,
    "loss": lambda: rng().random(N), "runs": runs, "criterion": lambda: "entropy", "n": lambda: 3, "texts": lambda: ["matrix rank", "a die"] * 6,
    "title": lambda: "What it shows", "xlabel": lambda: "x (cm)", "ylabel": lambda: "y (cm)", "images": lambda: pictures(4),
    "text": lambda: "B beats A", "condition": lambda: True, "mean_p": lambda: np.zeros(2), "mean_q": lambda: np.ones(2),
    "cov_p": lambda: np.eye(2), "cov_q": lambda: 2 * np.eye(2), "center": lambda: 1.5, "transfer_error": lambda: rng().random(4),
    "in_domain_error": lambda: rng().random(4) + 0.0, "matrix": lambda: np.eye(3, dtype=int) + 1, "corners": lambda: [[1, 2, 5, 6], [0, 0, 3, 3.5]],
    "labels": lambda: np.array([0, 1]), "boxes": lambda: None, "history": History, "name": lambda: "signs", "found": lambda: [Boxes([[1, 2, 5, 6]], [0], [0.5])],
    "thresholds": lambda: np.array([0.2, 0.6]), "sources": lambda: {"a": rows(), "b": rows(shift=1.0)}, "truths": lambda: rng().random((3, 5)),
    "embeddings": lambda: rows(12), "a": lambda: rows(1)[0], "b": lambda: rows(2)[1], "c": lambda: rows(3)[2], "candidates": lambda: rows(8),
    "questions": lambda: [(0, 1, 2, 3), (1, 2, 3, 4)], "members": lambda: np.arange(N) % 2 == 0, "mask": lambda: np.ones((6, 8, 8), bool), "attribution": lambda: pictures(6),
    "modules": lambda: {"head": nn.Linear(2, 2)}, "start": net, "end": net, "share": lambda: 0.5, "function": lambda: answer_zero, "build": lambda: net,
    "head": lambda: nn.Linear(4, 3), "backbone": lambda: models.create("digitnet"), "size": lambda: None, "source_prior": lambda: shares(1)[0], "target_prior": lambda: shares(1)[0][::-1].copy(),
    "target_answers": lambda: labels(20), "support": lambda: rows(4), "layer": lambda: "head", "layers": lambda: {"head": torch.tensor(rows())}, "rate": lambda: 0.1, "lr": lambda: 0.01,
    "with_row": lambda: rng().random(30) + 0.3, "without_row": lambda: rng().random(30), "shadows": lambda: rng().random((4, N)), "observed": lambda: rng().random(N), "clients": lambda: [(rows().astype(np.float32), labels())] * 2,
    "sizes": lambda: (2, 1), "source_logits": rows, "target_logits": rows, "targets": shares, "D": lambda: rows(3), "E": rows, "seen": lambda: 0.5, "unseen": lambda: 0.4, "alpha": lambda: 0.1,
    "n_features": lambda: 3, "reach": lambda: 0.5, "new_posteriors": lambda: shares(9), "ends": lambda: {"a": (1.0, 2.0)}, "loss_": lambda: cross_entropy, "augment": lambda: lambda x, generator: x,
    "settings": dict, "adapt": lambda: lambda t, seed=0: answer_zero, "setting": dict, "moved": rows, "outputs": lambda: torch.zeros(2, 3, 4, 4), "stride": lambda: 2, "path": lambda: "saved", "folder": lambda: "nowhere",
    "file": lambda: "nowhere.csv", "items": list, "hidden": lambda: 4, "resembles": lambda: {"0": "O", "1": "l"}, "known": lambda: "Ol", "weight": lambda: 1.0, "descriptions": lambda: {"a": ["a matrix"], "b": ["a die"]},
}  # fmt: skip
"""A value that is right for most parameters of this name."""


def hostile() -> list[Any]:
    """Return values that are wrong for most parameters."""
    X = rows()
    gaps = X.copy()
    gaps[3, 1] = np.nan
    bad = X.copy()
    bad[0, 0] = np.inf
    return [
        None, "", "nonsense", b"bytes", -1, 0, 10**25, 1e300, float("nan"), float("inf"), -2.5, 2.5, True, 1j,
        [], (), {}, [[1, 2], [3]], object(), EqualsEverything(), gaps, bad, X[:0], X[:1], X[:, :1], X[0], X[None],
        X[:, :0], np.float64(1.0), np.array(3), X.astype(complex), X * 1e155, (X * 1e30).astype(np.float32), X.astype(np.float16),
        X.astype(int), X > 0, np.array([["a", 1.0], [None, 2.0]], dtype=object), np.array(["a", "b"]), labels() - 100,
        labels() + 50, labels().astype(float), labels().astype(str), labels()[:5], np.zeros(N, dtype=int), np.arange(N),
        np.ma.masked_array(X, X > 0), pd.DataFrame(X), pd.Series(labels()), torch.tensor(X), torch.tensor(X, requires_grad=True),
        torch.tensor(X, dtype=torch.bfloat16), torch.empty(N, 3, device="meta"), torch.tensor(labels()), X.tolist(), list("abc"),
        answer_zero, LogisticRegression, np.asfortranarray(X)[::-1], shares(), -shares(), np.datetime64("2020-01-01"),
        np.full(N, np.nan), np.array([EqualsEverything()] * N, dtype=object), {"a": 1}, nn.Linear(2, 2),
    ]  # fmt: skip


@cache
def online() -> frozenset[str]:
    """Return the data sets that no fuzzed call may ask for: they would be downloaded or drawn."""
    return frozenset(data.available().index)
