"""The loop: ``fit`` against a bare loop written by hand, and against two trainers.

Both sides make the same number of steps with the same optimizer, batch and network. ``fit`` keeps
its whole record and its progress bar; the bare loop keeps nothing.
"""

import tempfile
import warnings

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from tests.benchmarks._harness import Row, median_seconds
from tlbook import data
from tlbook.adversarial import DANN
from tlbook.models import create, seeded
from tlbook.objective import Objective, Ramp
from tlbook.training import fit

BATCH = 64


class Draws:
    """Shuffled passes over n rows, as one writes them by hand."""

    def __init__(self, n: int) -> None:
        self.n, self.order, self.at = n, torch.randperm(n), 0

    def next(self) -> torch.Tensor:
        if self.at + BATCH > self.n:
            self.order, self.at = torch.randperm(self.n), 0
        rows = self.order[self.at : self.at + BATCH]
        self.at += BATCH
        return rows


class Reverse(torch.autograd.Function):
    """Gradient reversal as in every tutorial."""

    @staticmethod
    def forward(ctx, x, weight):
        ctx.weight = weight
        return x.view_as(x)

    @staticmethod
    def backward(ctx, gradient):
        return -ctx.weight * gradient, None


class Digits:
    """Fonts to handwriting with the course's small network."""

    def __init__(self, steps: int) -> None:
        self.steps = steps
        self.task = data.load("fonts-to-handwriting", seed=0)
        self.Xs = torch.from_numpy(np.asarray(self.task.source.X))
        self.ys = torch.from_numpy(np.asarray(self.task.source.y))
        self.Xt = torch.from_numpy(np.asarray(self.task.target.X))

    def plain(self) -> None:
        net = create("digitnet").train()
        adam = torch.optim.Adam(net.parameters(), lr=1e-3, fused=True)
        draws = Draws(len(self.Xs))
        for _ in range(self.steps):
            rows = draws.next()
            loss = F.cross_entropy(net(self.Xs[rows]), self.ys[rows])
            adam.zero_grad()
            loss.backward()
            adam.step()

    def plain_fit(self) -> None:
        fit(create("digitnet"), self.task, **self._options())

    def adversarial(self) -> None:
        net, judge = create("digitnet").train(), self._judge().train()
        adam = torch.optim.Adam([*net.parameters(), *judge.parameters()], lr=1e-3, fused=True)
        source, target = Draws(len(self.Xs)), Draws(len(self.Xt))
        ramp = Ramp(0.3)
        for step in range(self.steps):
            rows = source.next()
            zs, zt = net.features(self.Xs[rows]), net.features(self.Xt[target.next()])
            weight = ramp(step / (self.steps - 1))
            said_s = judge(Reverse.apply(zs, weight)).squeeze(1)
            said_t = judge(Reverse.apply(zt, weight)).squeeze(1)
            domain = (F.softplus(-said_s).mean() + F.softplus(said_t).mean()) / 2
            loss = F.cross_entropy(net.head(zs), self.ys[rows]) + domain
            adam.zero_grad()
            loss.backward()
            adam.step()

    def adversarial_fit(self) -> None:
        term = DANN(Ramp(0.3), n_features=64, hidden=256, dropout=0.5)
        fit(create("digitnet"), self.task, Objective(F.cross_entropy, term), **self._options())

    def _judge(self) -> nn.Module:
        return nn.Sequential(nn.Linear(64, 256), nn.ReLU(), nn.Dropout(0.5), nn.Linear(256, 1))

    def _options(self) -> dict:
        return {
            "steps": self.steps,
            "batch_size": BATCH,
            "optimizer": "adam",
            "device": "cpu",
            "progress": True,
        }


class Small:
    """Vectors of 32 numbers and a network so small that only the loop itself costs."""

    def __init__(self, steps: int) -> None:
        rng = np.random.default_rng(0)
        self.steps, self.n = steps, steps * BATCH
        self.X = rng.normal(size=(self.n, 32)).astype(np.float32)
        self.y = rng.integers(10, size=self.n)

    def network(self) -> nn.Module:
        class Net(nn.Module):
            def __init__(self) -> None:
                super().__init__()
                self.body, self.head = nn.Linear(32, 64), nn.Linear(64, 10)

            def features(self, x):
                return torch.relu(self.body(x))

            def forward(self, x, labels=None):
                logits = self.head(self.features(x))
                if labels is None:
                    return logits
                return {"loss": F.cross_entropy(logits, labels), "logits": logits}

        return seeded(Net, 0)

    def ours(self) -> None:
        fit(
            self.network(),
            (self.X, self.y),
            steps=self.steps,
            batch_size=BATCH,
            device="cpu",
            progress=True,
        )

    def trainer(self) -> None:
        from transformers import Trainer, TrainingArguments

        with tempfile.TemporaryDirectory() as folder:
            arguments = TrainingArguments(
                output_dir=folder,
                max_steps=self.steps,
                per_device_train_batch_size=BATCH,
                learning_rate=1e-3,
                use_cpu=True,
                save_strategy="no",
                report_to=[],
                logging_steps=self.steps,
                disable_tqdm=True,
            )
            rows = [
                {"x": x, "labels": int(label)}
                for x, label in zip(torch.from_numpy(self.X), self.y, strict=True)
            ]
            Trainer(self.network(), arguments, train_dataset=rows).train()

    def skorch(self) -> None:
        from skorch import NeuralNetClassifier

        net = NeuralNetClassifier(
            self.network(),
            criterion=nn.CrossEntropyLoss,
            optimizer=torch.optim.AdamW,
            lr=1e-3,
            max_epochs=1,
            batch_size=BATCH,
            train_split=None,
            iterator_train__shuffle=True,
            verbose=0,
        )
        net.fit(self.X, self.y)


def run(quick: bool = False) -> list[Row]:
    """All rows; about a minute and a half."""
    digits, small = Digits(100 if quick else 250), Small(200 if quick else 500)
    repeats = 5 if quick else 9
    work = {
        "plain": digits.plain,
        "plain fit": digits.plain_fit,
        "adversarial": digits.adversarial,
        "adversarial fit": digits.adversarial_fit,
    }
    seconds = median_seconds(work, repeats)
    rows = [
        Row("a step of the bare supervised loop", 1e3 * seconds["plain"] / digits.steps, "ms"),
        Row("  the same step by fit", seconds["plain fit"] / seconds["plain"], "x", 1.05, False),
        Row("a step of the bare DANN loop", 1e3 * seconds["adversarial"] / digits.steps, "ms"),
        Row(
            "  the same step by fit",
            seconds["adversarial fit"] / seconds["adversarial"],
            "x",
            1.10,
            False,
        ),
    ]
    peers = {"fit": small.ours, "transformers.Trainer": small.trainer}
    try:
        import skorch  # noqa: F401

        peers["skorch"] = small.skorch
    except ImportError:
        pass
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        seconds = median_seconds(peers, repeats)
    rows.append(Row("a step of fit, small tensors", 1e6 * seconds["fit"] / small.steps, "µs"))
    rows += [
        Row(f"  times faster than {name}", seconds[name] / seconds["fit"], "x", 2)
        for name in peers
        if name != "fit"
    ]
    return rows
