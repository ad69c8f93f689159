"""Federated averaging: gradient descent where it must be, and drift where clients differ."""

import copy

import numpy as np
import pytest
import torch
from torch import nn

from tlbook.trust import fed_avg


def clients(skew, seed=0):
    """Three clients of unequal size; with skew each has two of the six classes only."""
    rng = np.random.default_rng(seed)
    y = np.arange(180) % 6
    X = (2 * np.eye(6)[y] + rng.normal(size=(180, 6))).astype(np.float32)
    owner = y // 2 if skew else rng.integers(0, 3, size=180)
    return [(X[owner == k], y[owner == k]) for k in range(3)], X, y


def fresh():
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(6, 8), nn.Tanh(), nn.Linear(8, 6))


def descend(model, X, y, steps, rate):
    optimizer = torch.optim.SGD(model.parameters(), lr=rate)
    for _ in range(steps):
        optimizer.zero_grad()
        nn.functional.cross_entropy(model(torch.as_tensor(X)), torch.as_tensor(y)).backward()
        optimizer.step()
    return model


def weights(model):
    return torch.cat([p.detach().flatten() for p in model.parameters()])


@pytest.mark.parametrize("skew", [False, True])
def test_one_local_step_is_gradient_descent_on_all_rows(skew):
    parts, X, y = clients(skew)
    federated = fed_avg(fresh(), parts, rounds=25, learning_rate=0.5)
    together = descend(fresh(), X, y, 25, 0.5)
    assert torch.allclose(weights(federated), weights(together), atol=2e-6)


def test_one_client_is_plain_descent_whatever_the_rounds():
    _, X, y = clients(False)
    found = fed_avg(fresh(), [(X, y)], rounds=5, local_steps=4, learning_rate=0.3)
    assert torch.allclose(weights(found), weights(descend(fresh(), X, y, 20, 0.3)), atol=1e-5)


def test_equal_clients_average_to_each_of_them():
    _, X, y = clients(False)
    found = fed_avg(fresh(), [(X, y)] * 3, rounds=2, local_steps=5, learning_rate=0.3)
    assert torch.allclose(weights(found), weights(descend(fresh(), X, y, 10, 0.3)), atol=1e-5)


@pytest.mark.slow
def test_many_local_steps_drift_where_the_clients_have_different_classes():
    parts, X, y = clients(True)

    def loss(model):
        with torch.no_grad():
            return float(nn.functional.cross_entropy(model(torch.as_tensor(X)), torch.as_tensor(y)))

    together = loss(descend(fresh(), X, y, 800, 0.3))
    drifted = loss(fed_avg(fresh(), parts, rounds=4, local_steps=200, learning_rate=0.3))
    even = loss(fed_avg(fresh(), clients(False)[0], 4, local_steps=200, learning_rate=0.3))
    assert drifted > 2 * together
    assert drifted > 1.3 * even


def test_a_strong_proximal_term_keeps_each_client_at_the_start():
    parts, _, _ = clients(True)
    start = weights(fresh())
    moved = [
        (weights(fed_avg(fresh(), parts, 1, 20, 0.01, proximal=mu)) - start).norm()
        for mu in (0.0, 10.0, 90.0)
    ]
    assert moved[0] > 2 * moved[1] > 4 * moved[2]


def test_local_statistics_stay_local_and_all_else_is_averaged():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(60, 4)).astype(np.float32)
    parts = [(X, np.arange(60) % 2), (X + 5, np.arange(60) % 2)]
    torch.manual_seed(0)
    model = nn.Sequential(nn.BatchNorm1d(4), nn.Linear(4, 2))
    averaged = fed_avg(copy.deepcopy(model), parts, rounds=40)
    local = fed_avg(copy.deepcopy(model), parts, rounds=40, keep_local=lambda n: "running" in n)
    assert averaged[0].running_mean.mean() == pytest.approx(2.5, abs=0.3)
    assert local[0].running_mean.mean() == pytest.approx(5, abs=0.3)  # those of the last client


def test_batches_come_from_the_seed_and_rounds_are_watched():
    parts, _, _ = clients(False)
    seen = []
    runs = [
        fed_avg(fresh(), parts, 3, 4, batch_size=8, seed=s, watch=lambda r, _m: seen.append(r))
        for s in (0, 0, 1)
    ]
    assert torch.equal(weights(runs[0]), weights(runs[1]))
    assert not torch.equal(weights(runs[0]), weights(runs[2]))
    assert seen == [0, 1, 2] * 3


def test_bad_input_is_named():
    parts, _, _ = clients(False)
    for call, message in (
        (lambda: fed_avg(fresh(), [], 1), r"^clients: got none"),
        (lambda: fed_avg(fresh(), parts, 0), r"^rounds: got 0"),
        (lambda: fed_avg(fresh(), parts, 1, learning_rate=0), r"^learning_rate: got 0"),
        (lambda: fed_avg(fresh(), parts, 1, proximal=-1), r"^proximal: got -1"),
        (lambda: fed_avg(fresh(), [(parts[0][0], parts[0][1][1:])], 1), r"^y: got .* labels"),
    ):
        with pytest.raises(ValueError, match=message):
            call()
