"""Healthy trainings for the battery, each with a function that builds it from a seed."""

from __future__ import annotations

import copy

import torch
from torch import nn
from torch.nn import functional as F

from tlbook.distances import coral_distance, mmd2


def made(build, seed):
    """Return what ``build`` returns, its random numbers fixed by the seed alone."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        return build()


def vectors(seed, n=24, m=20):
    """Return a batch of labeled source and labeled (sealed) target vectors."""
    rng = torch.Generator().manual_seed(seed)
    xs, xt = torch.randn(n, 6, generator=rng), torch.randn(m, 6, generator=rng) + 0.5
    return {"xs": xs, "ys": (xs[:, 0] > 0).long(), "xt": xt, "yt": (xt[:, 0] > 0.5).long()}


class Net(nn.Module):
    """A body and a head; ``forward`` gives the scores."""

    def __init__(self, norm=nn.Identity, p=0.0):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(6, 12), norm(), nn.ReLU(), nn.Dropout(p))
        self.head = nn.Linear(12, 2)

    def forward(self, x):
        return self.head(self.body(x))


def batchnorm():
    return nn.BatchNorm1d(12)


def labels(model, batch):
    return F.cross_entropy(model(batch["xs"]), batch["ys"])


def plain(seed):
    """Cross-entropy alone, one tensor and no dict."""
    return {"model": made(Net, seed), "loss": labels, "batch": vectors(seed)}


def dropout_and_batchnorm(seed):
    """A network that draws random numbers in training, with a bias before BatchNorm."""
    model = made(lambda: Net(batchnorm, 0.5), seed)
    return {"model": model, "loss": labels, "batch": vectors(seed)}


def unbiased_mmd(seed):
    """Labels plus an unbiased MMD, which a copy of the rows changes a little."""

    def loss(model, batch):
        distance = mmd2(model.body(batch["xs"]), model.body(batch["xt"]), unbiased=True)
        return {"labels": labels(model, batch), "mmd": 2.0 * distance}

    return {"model": made(Net, seed), "loss": loss, "batch": vectors(seed)}


def coral(seed):
    """Labels plus the distance of covariances, with 1/(n - 1)."""

    def loss(model, batch):
        distance = coral_distance(model.body(batch["xs"]), model.body(batch["xt"]))
        return {"labels": labels(model, batch), "coral": distance}

    return {"model": made(Net, seed), "loss": loss, "batch": vectors(seed)}


def head_on_frozen_body(seed):
    """A frozen body with BatchNorm, kept in evaluation mode by the reader's own step."""
    model = made(lambda: Net(batchnorm), seed)
    model.body.requires_grad_(False)
    optimizer = torch.optim.Adam(model.head.parameters(), lr=1e-2)

    def step(batch):
        model.train()
        model.body.eval()
        optimizer.zero_grad()
        labels(model, batch).backward()
        optimizer.step()

    parts = {"model": model, "loss": labels, "batch": vectors(seed), "step": step}
    return parts | {"frozen": ["body"]}


def one_forward_pass(seed):
    """Two terms from the same features: they share a part of the graph."""

    def loss(model, batch):
        zs, zt = model.body(batch["xs"]), model.body(batch["xt"])
        distance = (zs.mean(0) - zt.mean(0)).square().sum()
        return {"labels": F.cross_entropy(model.head(zs), batch["ys"]), "means": 0.1 * distance}

    return {"model": made(Net, seed), "loss": loss, "batch": vectors(seed)}


class Reverse(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return x.clone()

    @staticmethod
    def backward(ctx, gradient):
        return -gradient


def adversarial(seed):
    """An adversary with a reversal, and a discriminator of two logits."""
    model = made(Net, seed)
    critic = made(lambda: nn.Sequential(nn.Linear(12, 8), nn.ReLU(), nn.Linear(8, 2)), seed + 1)

    def domain_loss(model, critic, batch):
        scores = critic(torch.cat([model.body(batch["xs"]), model.body(batch["xt"])]).detach())
        return F.cross_entropy(scores, domains(batch))

    def domains(batch):
        return torch.cat([torch.zeros(len(batch["xs"])), torch.ones(len(batch["xt"]))]).long()

    def loss(model, batch):
        z = torch.cat([model.body(batch["xs"]), model.body(batch["xt"])])
        game = F.cross_entropy(critic(Reverse.apply(z)), domains(batch))
        return {"labels": labels(model, batch), "game": 0.1 * game}

    parts = {"model": model, "loss": loss, "batch": vectors(seed)}
    return parts | {"discriminator": critic, "domain_loss": domain_loss}


class LoRA(nn.Module):
    """A frozen layer plus a product of two thin ones, of which the second starts at zero."""

    def __init__(self):
        super().__init__()
        self.base = nn.Linear(6, 12).requires_grad_(False)
        self.down, self.up = nn.Linear(6, 2, bias=False), nn.Linear(2, 12, bias=False)
        nn.init.zeros_(self.up.weight)
        self.head = nn.Linear(12, 2)

    def forward(self, x):
        return self.head(F.relu(self.base(x) + self.up(self.down(x))))


def lora(seed):
    """Weights whose first gradient is exactly zero."""
    return {"model": made(LoRA, seed), "loss": labels, "batch": vectors(seed)}


def entropy_from_zero(seed):
    """Entropy on target rows, with a head that starts at zero: no gradient in the first step."""
    model = made(Net, seed)
    nn.init.zeros_(model.head.weight)

    def loss(model, batch):
        p = model(batch["xt"]).softmax(1)
        entropy = -(p * p.clamp_min(1e-9).log()).sum(1).mean()
        return {"labels": labels(model, batch), "entropy": 0.1 * entropy}

    return {"model": model, "loss": loss, "batch": vectors(seed)}


def contrast(seed):
    """A supervised contrastive loss, which asks only which labels are equal."""
    model = made(Net, seed).body

    def loss(model, batch):
        z = F.normalize(model(batch["xs"]), dim=1, eps=1e-6)
        scores = z @ z.T / 0.5 - 1e9 * torch.eye(len(z))
        alike = (batch["ys"][:, None] == batch["ys"][None]).float() - torch.eye(len(z))
        each = (scores.log_softmax(1) * alike).sum(1) / alike.sum(1).clamp_min(1)
        return -each.mean()

    return {"model": model, "loss": loss, "batch": vectors(seed)}


def training_alone(seed):
    """No loss and no model: a training function that returns an estimator of scikit-learn."""
    from sklearn.linear_model import LogisticRegression

    def train(batch, seed):
        return LogisticRegression(random_state=seed).fit(batch["xs"], batch["ys"])

    batch = {key: value.numpy() for key, value in vectors(seed).items()}
    return {"batch": batch, "train": train}


def training_with_torch(seed):
    """A training function in torch that draws its own head, order and dropout from the seed."""

    def train(batch, seed):
        def run():
            model = Net(p=0.2)
            optimizer = torch.optim.Adam(model.parameters())
            for _ in range(3):
                rows = torch.randperm(len(batch["xs"]))[:8]
                optimizer.zero_grad()
                labels(model, {"xs": batch["xs"][rows], "ys": batch["ys"][rows]}).backward()
                optimizer.step()
            return model

        return made(run, seed)

    return plain(seed) | {"train": train}


def adapting_statistics():
    """AdaBN in a function without a seed: weights stay, statistics move, and that is meant."""
    model = made(lambda: Net(batchnorm), 0)
    model.body[0].requires_grad_(False)
    model.body[1].requires_grad_(False)
    return {"model": model, "loss": labels, "batch": vectors(0), "frozen": []}


HEALTHY = (
    plain,
    dropout_and_batchnorm,
    unbiased_mmd,
    coral,
    one_forward_pass,
    head_on_frozen_body,
    adversarial,
    lora,
    entropy_from_zero,
    contrast,
    training_alone,
    training_with_torch,
    adapting_statistics,
)


def changed(setup, **parts):
    """Return a setup with parts replaced: each value is made from the parts that it replaces."""

    def other(seed):
        given = setup(seed)
        return given | {key: make(copy.copy(given)) for key, make in parts.items()}

    return other
