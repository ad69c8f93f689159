"""Many models at once: each is what it would be alone, and the attack finds what leaks."""

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional as F

from tlbook.course.ch18_trust import encoder, leaks


@pytest.fixture(scope="module")
def game():
    rng = np.random.default_rng(3)
    y = np.arange(40) % 10
    X = (rng.random((10, 64))[y] + 0.2 * rng.normal(size=(40, 64))).astype(np.float32)
    members = rng.random((9, 40)) < 0.5
    return leaks.Pool(X, y, members, X, y, encoder.network(52, 0))


def test_a_model_trains_as_if_it_were_alone(game):
    weights = list(leaks.trained(game, "whole network", (1, 5), 0))[-1]
    net = encoder.with_new_head(game.base, 10, 0)
    g = torch.Generator().manual_seed(0)
    with torch.no_grad():
        net[-1].weight.copy_((0.1 * torch.randn(9, 32, 10, generator=g))[2].T)
        net[-1].bias.zero_()
    optimizer = torch.optim.Adam(net.parameters(), lr=leaks.LEARNING_RATES["whole network"])
    mine = game.members[2]
    x, y = torch.from_numpy(game.X[mine]), torch.from_numpy(game.y[mine])
    for _ in range(5):
        optimizer.zero_grad()
        F.cross_entropy(net(x), y).backward()
        optimizer.step()
    assert torch.allclose(weights[-2][2].T, net[-1].weight, atol=2e-5)
    assert torch.allclose(weights[0][2].T, net[0].weight, atol=2e-5)


def test_the_head_alone_leaves_the_base_as_it_is(game):
    weights = list(leaks.trained(game, "head", (5,), 0))[-1]
    layer = game.base[0]
    assert isinstance(layer, nn.Linear)
    assert torch.equal(weights[0][4].T, layer.weight)
    P = leaks.posteriors(weights, game.X)
    assert P.shape == (9, 40, 10) and P.sum(axis=2) == pytest.approx(np.ones((9, 40)))


def test_the_attack_uses_the_other_models_only():
    rng = np.random.default_rng(0)
    members = rng.random((17, 300)) < 0.5
    phi = rng.normal(size=(17, 300)) + 3 * members
    ratio = leaks.attacked(phi, members)
    again = phi.copy()
    again[0] += 100  # the model under attack says more: only its own ratios move with it
    assert not np.allclose(leaks.attacked(again, members)[0], ratio[0])
    found = leaks.found(ratio, members)
    assert list(found) == [f"found_{rate:g}" for rate in leaks.RATES]
    assert found["found_0.01"] > 0.5 and list(found.values()) == sorted(found.values())


def test_bad_input_is_named(game):
    with pytest.raises(ValueError, match=r"^arm: got 'tail'"):
        next(leaks.trained(game, "tail", (1,), 0))
