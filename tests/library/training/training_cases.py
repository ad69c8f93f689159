"""Small networks and data that the tests of the loop share."""

import hashlib

import numpy as np
import torch
from torch import nn
from torch.utils.data import Dataset

from tlbook.domains import Task
from tlbook.models import seeded
from tlbook.objective import Batch, Term


class Net(nn.Module):
    """BatchNorm and dropout on purpose: buffers and randomness have to survive a resume."""

    def __init__(self, d=4, h=8, classes=3, dropout=0.3):
        super().__init__()
        self.body = nn.Sequential(
            nn.Linear(d, h), nn.BatchNorm1d(h), nn.Tanh(), nn.Dropout(dropout)
        )
        self.head = nn.Linear(h, classes)

    def features(self, x):
        return self.body(x)

    def forward(self, x):
        return self.head(self.features(x))


class Judge(Term):
    """A term with parameters, dropout and a counter that only ``get_extra_state`` keeps."""

    needs = ("source", "target")

    def __init__(self, weight=0.1, lr_ratio=1.0):
        super().__init__(weight)
        self.lr_ratio = lr_ratio
        self.net = nn.Sequential(nn.Linear(8, 4), nn.Dropout(0.5), nn.ReLU(), nn.Linear(4, 1))
        self.calls = 0

    def forward(self, batch: Batch):
        self.calls += 1
        gap = self.net(batch.source_features).mean() - self.net(batch.target_features).mean()
        return gap.square() * (1 + 0.01 * self.calls)

    def get_extra_state(self):
        return {"calls": self.calls}

    def set_extra_state(self, state):
        self.calls = state["calls"]


def blobs(n=90, d=4, classes=3, seed=0):
    rng = np.random.default_rng(seed)
    y = np.arange(n) % classes
    X = (rng.normal(size=(n, d)) + 3 * np.eye(classes, d)[y]).astype(np.float32)
    return X, y


def make_task():
    (Xs, ys), (Xt, yt) = blobs(seed=1), blobs(seed=2)
    return Task.from_arrays(
        source=(Xs, ys), target_train=(Xt, yt), target_test=(Xt[::-1].copy(), yt[::-1].copy())
    )


class Rows(Dataset):
    """Items one by one as NumPy; counts what is read."""

    def __init__(self, X, y=None):
        self.X, self.y, self.reads = X, y, []

    def __len__(self):
        return len(self.X)

    def __getitem__(self, number):
        assert type(number) is int
        self.reads.append(number)
        return self.X[number] if self.y is None else (self.X[number], self.y[number])


def three_parts():
    """Source, unlabeled target, labeled target."""
    (X, y), task = blobs(90, seed=1), make_task()
    return (X, y), task.target.X, blobs(9, seed=4)


def net(seed=0, **options):
    return seeded(lambda: Net(**options), seed)


def judge(seed=0, **options):
    return seeded(lambda: Judge(**options), seed)


def noise(x, generator):
    return x + 0.1 * torch.randn(x.shape, generator=generator)


def digest(*modules):
    """Hash of all weights and buffers, bit for bit."""
    sha = hashlib.sha256()
    for module in modules:
        for value in module.state_dict().values():
            if isinstance(value, torch.Tensor):
                sha.update(value.detach().cpu().contiguous().numpy().tobytes())
    return sha.hexdigest()
