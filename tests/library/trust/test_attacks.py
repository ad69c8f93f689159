"""Attacks: best for what is linear, never outside of their ball, and passed on by a shared base."""

import numpy as np
import pytest
import torch
from torch import nn

from tlbook.trust import feature_attack, fgsm, fooled, pgd


@pytest.fixture
def trained():
    """A small network that has learned which of two pixels is brighter."""
    X = torch.rand(400, 4, generator=torch.Generator().manual_seed(0))
    y = (X[:, 0] > X[:, 1]).long()
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Linear(16, 2))
    optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
    for _ in range(200):
        optimizer.zero_grad()
        nn.functional.cross_entropy(model(X), y).backward()
        optimizer.step()
    model.zero_grad()
    return model, X, y.numpy()


def losses(model, X, y):
    with torch.no_grad():
        logits = model(torch.as_tensor(X))
        return nn.functional.cross_entropy(logits, torch.as_tensor(y), reduction="none").numpy()


def test_one_step_is_the_optimum_for_a_linear_model():
    torch.manual_seed(0)
    model = nn.Linear(3, 2)
    X, y = torch.rand(6, 3) * 0.4 + 0.3, np.arange(6) % 2
    corners = torch.tensor(np.stack(np.meshgrid(*[[-0.1, 0.1]] * 3), -1).reshape(-1, 3)).float()
    best = np.max([losses(model, X + corner, y) for corner in corners], axis=0)
    assert losses(model, fgsm(model, X, y, 0.1), y) == pytest.approx(best, abs=1e-6)
    assert losses(model, pgd(model, X, y, 0.1), y) == pytest.approx(best, abs=1e-6)


def test_the_euclidean_attack_goes_along_the_difference_of_the_weights():
    torch.manual_seed(0)
    model = nn.Linear(3, 2)
    X = torch.full((2, 3), 0.5)
    moved = pgd(model, X, [0, 1], 0.2, norm="2", seed=None)
    w = (model.weight[1] - model.weight[0]).detach().numpy()
    assert moved[0] - 0.5 == pytest.approx(0.2 * w / np.linalg.norm(w), abs=1e-5)
    assert moved[1] - 0.5 == pytest.approx(-0.2 * w / np.linalg.norm(w), abs=1e-5)


@pytest.mark.parametrize("norm", ["inf", "2"])
def test_changes_stay_in_the_ball_and_in_the_range(trained, norm):
    model, X, y = trained
    moved = pgd(model, X, y, 0.3, norm=norm)
    size = (
        abs(moved - X.numpy()).max(1)
        if norm == "inf"
        else np.linalg.norm(moved - X.numpy(), axis=1)
    )
    assert size.max() <= 0.3 + 1e-6
    assert moved.min() >= 0
    assert moved.max() <= 1
    assert np.array_equal(moved, pgd(model, X, y, 0.3, norm=norm))  # a seed, no chance


def test_stronger_attacks_fool_more_and_none_fools_nobody(trained):
    model, X, y = trained
    shares = [fooled(model, X, pgd(model, X, y, e), y) for e in (0.0, 0.05, 0.2, 0.5)]
    assert shares[0] == 0
    assert shares == sorted(shares)
    assert shares[-1] > 0.9
    assert fooled(model, X, fgsm(model, X, y, 0.2), y) <= shares[2] + 0.02


def test_an_attack_on_the_base_drives_features_farther_than_noise_of_the_same_size():
    torch.manual_seed(0)
    base = nn.Sequential(nn.Linear(60, 24), nn.Tanh())
    X = torch.rand(400, 60)
    noise = (X + 0.05 * torch.sign(torch.rand_like(X) - 0.5)).clamp(0, 1)
    moved = torch.as_tensor(feature_attack(base, X, 0.05))
    assert (moved - X).abs().max() <= 0.05 + 1e-6
    with torch.no_grad():
        far, near = (((base(M) - base(X)) ** 2).sum(dim=1) for M in (moved, noise))
    assert (far > near).float().mean() > 0.95
    assert far.mean() > 2 * near.mean()


def test_the_model_is_left_as_it_came(trained):
    model, X, y = trained
    model.train()
    before = [p.clone() for p in model.parameters()]
    pgd(model, X, y, 0.1)
    feature_attack(model[:2], X, 0.1)
    assert model.training
    assert all(p.requires_grad and p.grad is None for p in model.parameters())
    assert all(torch.equal(p, q) for p, q in zip(model.parameters(), before, strict=True))


def test_bad_input_is_named(trained):
    model, X, y = trained
    for call, message in (
        (lambda: fgsm(model, X, y, -0.1), r"^epsilon: got -0.1"),
        (lambda: pgd(model, X, y, 0.1, steps=0), r"^steps: got 0"),
        (lambda: pgd(model, X, y, 0.1, norm="1"), r"^norm: got '1'"),
        (lambda: fgsm(model, X, y[1:], 0.1), r"^y: got 399 labels"),
        (lambda: fooled(model, X, X[1:], y), r"^y: got 400 labels|^moved: got shape"),
    ):
        with pytest.raises(ValueError, match=message):
            call()
    assert np.isnan(fooled(nn.Identity(), np.eye(2, dtype=np.float32), np.eye(2), [1, 0]))
