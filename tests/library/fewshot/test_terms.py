"""Prototypes, pairs, cosine heads and views: values by hand, gradients, and what training does."""

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional as F

from tlbook import augmentation
from tlbook._base.batch import Batch
from tlbook.evaluation import t_interval
from tlbook.fewshot import (
    CosineHead,
    Prototypes,
    SameClass,
    SimCLR,
    VICReg,
    effective_rank,
    episode_accuracies,
    episode_loader,
    episodes,
    nearest_centroid,
)
from tlbook.training import fit


class Net(nn.Module):
    def __init__(self, head=None, inputs=10, width=8):
        super().__init__()
        torch.manual_seed(0)
        self.body = nn.Sequential(
            nn.Flatten(), nn.Linear(inputs, 32), nn.ReLU(), nn.Linear(32, width)
        )
        self.head = head or nn.Linear(width, 4)

    def features(self, x):
        return self.body(x)

    def forward(self, x):
        return self.head(self.features(x))


class Same(nn.Module):
    """Features are the inputs."""

    def __init__(self):
        super().__init__()
        self.head = nn.Identity()
        self.one = nn.Parameter(torch.zeros(1))

    def features(self, x):
        return x + 0 * self.one


def batch(x, y):
    return Batch(Same(), source_x=torch.as_tensor(x).float(), source_y=torch.as_tensor(y))


def test_prototypical_loss_by_hand():
    x = [[0.0, 0.0], [2.0, 0.0], [1.0, 1.0], [2.0, 3.0]]
    # support: row 0 of class 5, row 1 of class 7; queries: rows 2 and 3
    found = Prototypes(shots=1)(batch(x, [5, 7, 5, 7]))
    d = torch.tensor([[2.0, 2.0], [13.0, 9.0]])
    by_hand = F.cross_entropy(-d, torch.tensor([0, 1]))
    assert found.item() == pytest.approx(by_hand.item(), abs=1e-6)


def test_a_draw_with_nothing_to_tell_apart_costs_nothing():
    assert Prototypes(shots=1)(batch([[1.0], [2.0]], [0, 1])).item() == 0
    assert Prototypes(shots=2)(batch(np.ones((6, 2)), [0, 0, 0, 1, 1, 2])).item() == 0


def test_pair_loss_by_hand_and_at_its_optimum():
    x = [[1.0, 0.0], [0.0, 2.0], [3.0, 3.0]]
    c = 0.5**0.5
    equal, other = (c - 1) ** 2, (0 + c**2) / 2  # pairs (0, 2); (0, 1) and (1, 2)
    assert SameClass()(batch(x, [0, 1, 0])).item() == pytest.approx((equal + other) / 2, abs=1e-6)
    assert SameClass()(batch([[1.0, 0], [2.0, 0], [0, 1.0]], [0, 0, 1])).item() == pytest.approx(0)
    assert SameClass()(batch([[1.0, 0]], [0])).item() == 0


def test_cosine_head_ignores_length_and_stays_within_its_scale():
    head, z = CosineHead(5, 3, scale=7.0, seed=1), torch.randn(50, 5)
    assert torch.allclose(head(z), head(3 * z), atol=1e-5)
    assert head(z).abs().max() <= 7 + 1e-5
    assert torch.equal(CosineHead(5, 3, seed=1).weight, CosineHead(5, 3, seed=1).weight)


def rows(classes, each=40, seed=0):
    """Classes that differ in a random plane only, under eight columns of large noise."""
    rng = np.random.default_rng(seed)
    angle = 2 * np.pi * np.arange(classes) / classes
    y = np.repeat(np.arange(classes), each)
    signal = 2 * np.stack([np.cos(angle), np.sin(angle)], axis=1)[y]
    X = np.hstack([signal + 0.2 * rng.normal(size=signal.shape), 2 * rng.normal(size=(len(y), 8))])
    return X.astype(np.float32), y


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["prototypes", "pairs", "cosine head"])
def test_training_on_some_classes_helps_new_ones(kind):
    X, y = rows(16)
    base, new = y % 2 == 0, y % 2 == 1
    model = Net(CosineHead(8, 8)) if kind == "cosine head" else Net()
    own = y[base] // 2
    if kind == "prototypes":
        loader = episode_loader(X[base], own, ways=5, shots=1, queries=5, n=150)
        fit(model, loader, Prototypes(shots=1), steps=300, lr=3e-3, progress=False)
    elif kind == "pairs":
        fit(model, (X[base], own), SameClass(), steps=300, lr=3e-3, progress=False)
    else:
        fit(model, (X[base], own), steps=300, lr=3e-3, progress=False)
    with torch.no_grad():
        Z = model.features(torch.as_tensor(X[new])).numpy()
    drawn = episodes(y[new], n=150)
    gain = episode_accuracies(nearest_centroid, Z, drawn) - episode_accuracies(
        nearest_centroid, X[new], drawn
    )
    assert t_interval(gain).low > 0.1


def test_loader_draws_episodes_support_first():
    X, y = rows(6, each=10)
    loader = episode_loader(X, y, ways=3, shots=2, queries=4, n=5)
    for x, labels in loader:
        assert len(x) == 18
        assert np.unique(labels[:6], return_counts=True)[1].tolist() == [2, 2, 2]
        assert set(labels[6:].tolist()) == set(labels[:6].tolist())
    assert len(loader) == 5


def jitter(x, draw):
    return x + 0.05 * torch.randn(x.shape, generator=draw)


def test_simclr_is_the_loss_of_its_formula():
    term = SimCLR(jitter, n_features=4, temperature=0.3)
    a, b = torch.randn(5, 3), torch.randn(5, 3)
    z = torch.cat([a, b]).numpy()
    z = z / np.linalg.norm(z, axis=1, keepdims=True)
    similarity = np.exp(z @ z.T / 0.3)
    losses = []
    for i in range(10):
        others = np.delete(similarity[i], i).sum()
        losses.append(-np.log(similarity[i, (i + 5) % 10] / others))
    assert term.compare(a, b).item() == pytest.approx(np.mean(losses), abs=1e-5)


def test_vicreg_is_the_sum_of_its_parts():
    a, b = torch.randn(40, 3), 0.1 * torch.randn(40, 3)

    def value(**parts):
        zero = {"invariance": 0.0, "variance": 0.0, "covariance": 0.0}
        return VICReg(jitter, 4, **{**zero, **parts}).compare(a, b).item()

    assert value(invariance=2.0) == pytest.approx(2 * ((a - b) ** 2).mean().item(), rel=1e-5)
    spread = [(1 - (z.var(dim=0) + 1e-4).sqrt()).clamp(min=0).mean().item() for z in (a, b)]
    assert value(variance=3.0) == pytest.approx(3 * sum(spread), rel=1e-5)
    off = [torch.cov(z.T) - torch.diag(torch.diag(torch.cov(z.T))) for z in (a, b)]
    assert value(covariance=1.0) == pytest.approx(
        sum((c**2).sum().item() for c in off) / 3, rel=1e-4
    )
    both = value(invariance=2.0, variance=3.0)
    assert both == pytest.approx(value(invariance=2.0) + value(variance=3.0), rel=1e-5)


@pytest.mark.slow
def test_without_its_variance_term_it_collapses_and_the_rank_says_so():
    X, _ = rows(8)
    ranks = {}
    for variance in (25.0, 0.0):
        model = Net()
        term = VICReg(jitter, 8, projection=8, variance=variance, covariance=0.0)
        history = fit(model, (X, np.zeros(len(X), int)), term, steps=400, lr=3e-3, progress=False)
        with torch.no_grad():
            ranks[variance] = effective_rank(
                term.projector(model.features(torch.as_tensor(X))).numpy()
            )
        if not variance:
            assert history.columns["loss"][-1] < 0.01  # perfect, and worthless
    assert ranks[0.0] < 2 < ranks[25.0]


def test_views_are_drawn_from_the_step_and_the_seed():
    term = SimCLR(jitter, n_features=16, seed=4)
    x = torch.randn(6, 16)
    one = [term(Batch(Same(), source_x=x, step=s)).item() for s in (0, 0, 1)]
    assert one[0] == one[1] != one[2]


def test_effective_rank_counts_directions():
    rng = np.random.default_rng(0)
    Q = np.linalg.qr(rng.normal(size=(200, 5)))[0]
    Q -= Q.mean(axis=0)
    assert effective_rank(np.outer(Q[:, 0], np.ones(4))) == pytest.approx(1)
    assert effective_rank(np.ones((5, 3))) == 0
    assert 4.5 < effective_rank(rng.normal(size=(5000, 5))) <= 5
    assert effective_rank(1e6 * Q) == pytest.approx(effective_rank(Q))


def test_bad_input_is_named():
    for call, message in (
        (lambda: Prototypes(shots=0), r"^shots: got 0"),
        (lambda: CosineHead(4, 3, scale=0), r"^scale: got 0"),
        (lambda: SimCLR(augmentation.geometric(), 4, temperature=0), r"^temperature: got 0"),
        (lambda: VICReg(augmentation.geometric(), 0), r"^n_features: got 0"),
        (lambda: VICReg(augmentation.geometric(), 4, variance=-1), r"^variance: got -1"),
        (lambda: episode_loader(np.zeros((5, 2)), np.arange(5)), r"^ways: got 5"),
        (lambda: effective_rank([1.0]), r"^features: got shape"),
    ):
        with pytest.raises(ValueError, match=message):
            call()
