"""What the workers of the tests do: small, and told from outside by files."""

import os
import time
from pathlib import Path

import numpy as np

from tlbook import data


def moons(seed):
    """Each worker makes its own."""
    return data.load("toy", kind="moons", seed=seed, n=60)


def nearest(task, seed, k=None):
    X, y = (task.source.X, task.source.y) if k is None else task.label(k, seed)
    return lambda rows: y[((rows[:, None] - X[None]) ** 2).sum(2).argmin(1)]


def random_weights(task, seed):
    """Random numbers of torch and NumPy, sums of many numbers."""
    import torch

    torch.manual_seed(seed)
    weights = torch.randn(task.source.X.shape[1], 64, dtype=torch.float32)
    mean = float(np.random.default_rng(seed).normal(size=10_000).mean())
    return lambda rows: ((rows @ weights.numpy()).sum(1) > mean).astype(int)


def slow(k, folder, seconds=0.0, stay=""):
    """Leave a note of the process that has begun it; stay while the file ``stay`` is there."""
    with (Path(folder) / f"begun-{k}").open("a") as file:
        file.write(f"{os.getpid()}\n")
    time.sleep(seconds)
    while stay and Path(stay).exists():
        time.sleep(0.05)
    return {"k": k, "value": float(np.random.default_rng(k).normal())}


def expected(k):
    return {"k": k, "value": float(np.random.default_rng(k).normal())}


def ends_its_process(k):
    if k == 2:
        os.kill(os.getpid(), 9)
    return k


def ends_its_process_once(k, folder):
    file = Path(folder) / f"ended-{k}"
    if k == 1 and not file.exists():
        file.write_text("")
        os.kill(os.getpid(), 9)
    return k


def raises_once(k, folder):
    file = Path(folder) / f"raised-{k}"
    if k == 1 and not file.exists():
        file.write_text("")
        error = OSError("a disk hiccup")
        error.looks = ("label: 1 per class, seed 0",)
        raise error
    if k == 3:
        raise RuntimeError("this setting cannot work")
    return k


def hour(k):
    return {"k": k, "hour": time.time() // 3600}


def whose():
    return os.getpid()
