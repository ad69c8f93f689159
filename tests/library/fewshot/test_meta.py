"""Learned starts against closed forms and finite differences."""

import copy

import numpy as np
import pytest
import torch
from torch import nn

from tlbook.fewshot import adapt, adapted_learner, episode_accuracies, episodes, maml, reptile
from tlbook.fewshot.episodes import Episode


def values(model):
    return {name: p.detach() for name, p in model.named_parameters()}


def squared(outputs, y):
    return 0.5 * ((outputs[:, 0] - y) ** 2).mean()


def outer_gradient(model, x, y, xq, yq, rate, order, steps=1):
    """The gradient that maml hands to its optimizer, caught before the step."""
    start = dict(model.named_parameters())
    theta = adapt(model, start, x, y, steps, rate, squared, follow=order == 2)
    loss = squared(torch.func.functional_call(model, theta, (xq,)), yq)
    return torch.autograd.grad(loss, list(model.parameters()))


def linear(seed=0):
    torch.manual_seed(seed)
    model = nn.Linear(3, 1, bias=False).double()
    x, xq = torch.randn(8, 3, dtype=torch.float64), torch.randn(9, 3, dtype=torch.float64)
    return model, x, torch.randn(8).double(), xq, torch.randn(9).double()


@pytest.mark.slow
def test_linear_model_has_the_closed_form():
    """∇ = (I − αH) g with H = X'X/n and g the query slope at θ′; first order is g itself."""
    model, x, y, xq, yq = linear()
    w = model.weight.detach()[0]
    H = x.T @ x / 8
    moved = w - 0.3 * (H @ w - x.T @ y / 8)
    g = xq.T @ (xq @ moved - yq) / 9
    second = outer_gradient(model, x, y, xq, yq, 0.3, 2)[0][0]
    first = outer_gradient(model, x, y, xq, yq, 0.3, 1)[0][0]
    assert torch.allclose(second, (torch.eye(3).double() - 0.3 * H) @ g, atol=1e-12)
    assert torch.allclose(first, g, atol=1e-12)


@pytest.mark.parametrize("steps", [1, 3])
def test_second_order_equals_finite_differences_through_all_inner_steps(steps):
    torch.manual_seed(1)
    model = nn.Sequential(nn.Linear(3, 5), nn.Tanh(), nn.Linear(5, 1)).double()
    _, x, y, xq, yq = linear(1)

    def after(net):
        theta = adapt(net, values(net), x, y, steps, 0.2, squared)
        return float(squared(torch.func.functional_call(net, theta, (xq,)), yq))

    found = outer_gradient(model, x, y, xq, yq, 0.2, 2, steps)
    h = 1e-6
    for k, parameter in enumerate(model.parameters()):
        for index in range(min(3, parameter.numel())):
            ends = []
            for sign in (1, -1):
                net = copy.deepcopy(model)
                with torch.no_grad():
                    list(net.parameters())[k].view(-1)[index] += sign * h
                ends.append(after(net))
            assert found[k].view(-1)[index].item() == pytest.approx(
                (ends[0] - ends[1]) / (2 * h), abs=1e-7
            )


def test_maml_hands_exactly_this_gradient_to_its_optimizer(monkeypatch):
    model, x, y, xq, yq = linear()
    model = model.float()
    X = torch.cat([x, xq]).float().numpy()
    targets = torch.cat([y, yq]).float().numpy()
    episode = Episode(
        np.arange(8), np.zeros(8, int), np.arange(8, 17), np.zeros(9, int), np.arange(1)
    )
    seen = []
    monkeypatch.setattr(
        torch.optim.Adam,
        "step",
        lambda self: seen.append([p.grad.clone() for g in self.param_groups for p in g["params"]]),
    )
    for order in (1, 2):
        maml(
            model,
            X,
            np.zeros(17, int),
            [episode],
            1,
            0.3,
            order=order,
            loss=squared,
            targets=targets,
        )
    pairs = [
        outer_gradient(model, x.float(), y.float(), xq.float(), yq.float(), 0.3, o) for o in (1, 2)
    ]
    for caught, wanted in zip(seen, pairs, strict=True):
        assert torch.allclose(caught[0], wanted[0], atol=1e-6)
    assert not torch.allclose(seen[0][0], seen[1][0], atol=1e-4)


def test_reptile_with_one_inner_step_is_a_step_of_plain_descent():
    model, x, y, xq, yq = linear()
    model = model.float()
    X, targets = torch.cat([x, xq]).float(), torch.cat([y, yq]).float()
    episode = Episode(
        np.arange(8), np.zeros(8, int), np.arange(8, 17), np.zeros(9, int), np.arange(1)
    )
    w = model.weight.detach()[0].clone()
    slope = X.T @ (X @ w - targets) / 17
    reptile(
        model, X.numpy(), np.zeros(17, int), [episode], 1, 0.2, 0.5, 1, squared, targets.numpy()
    )
    assert torch.allclose(model.weight.detach()[0], w - 0.5 * 0.2 * slope, atol=1e-6)


def sines(n, seed=0, rows=20):
    """Tasks of amplitude and phase, 20 points each; class k is task k."""
    rng = np.random.default_rng(seed)
    a, phase = rng.uniform(0.5, 2, n), rng.uniform(0, np.pi, n)
    x = rng.uniform(-3, 3, size=(n, rows))
    y = a[:, None] * np.sin(x + phase[:, None])
    return (
        x.reshape(-1, 1).astype(np.float32),
        y.ravel().astype(np.float32),
        np.repeat(np.arange(n), rows),
    )


def net():
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Linear(1, 32), nn.Tanh(), nn.Linear(32, 32), nn.Tanh(), nn.Linear(32, 1)
    )


def one_task(task, rows=20, shots=10):
    own = np.arange(task * rows, (task + 1) * rows)
    return Episode(
        own[:shots],
        np.zeros(shots, int),
        own[shots:],
        np.zeros(rows - shots, int),
        np.array([task]),
    )


@pytest.mark.slow
@pytest.mark.parametrize("order", [1, 2])
def test_a_learned_start_adapts_better_to_new_tasks_than_a_random_one(order):
    X, targets, tasks = sines(300)
    start = net()
    maml(
        start, X, tasks, [one_task(t) for t in range(280)] * 3, 1, 0.05, 3e-3,
        order=order, loss=squared, targets=targets,
    )  # fmt: skip

    def after(model):
        found = []
        for t in range(280, 300):
            e = one_task(t)
            x, y = torch.as_tensor(X[e.support]), torch.as_tensor(targets[e.support])
            theta = adapt(model, values(model), x, y, 5, 0.05, squared)
            out = torch.func.functional_call(model, theta, (torch.as_tensor(X[e.query]),))
            found.append(float(squared(out, torch.as_tensor(targets[e.query]))))
        return np.mean(found)

    assert after(start) < 0.6 * after(net())


def test_the_learner_leaves_the_model_alone_and_learns_each_episode_anew():
    y = np.repeat(np.arange(8), 20)
    X = (2 * np.eye(8)[y] + np.random.default_rng(0).normal(size=(160, 8))).astype(np.float32)
    torch.manual_seed(0)
    model = nn.Linear(8, 5)
    before = model.weight.clone()
    learn = adapted_learner(model, steps=20, rate=0.5)
    found = episode_accuracies(learn, X, episodes(y, shots=5, queries=10, n=30))
    again = episode_accuracies(learn, X, episodes(y, shots=5, queries=10, n=30))
    assert found.mean() > 0.7
    assert np.array_equal(found, again)
    assert torch.equal(before, model.weight)


def test_bad_input_is_named():
    y = np.repeat(np.arange(6), 20)
    X, drawn = np.zeros((120, 4), dtype=np.float32), episodes(y, n=2)
    for call, message in (
        (lambda: maml(nn.Linear(4, 5), X, y, drawn, order=3), r"^order: got 3"),
        (lambda: maml(nn.Linear(4, 5), X, y, []), r"^drawn: got no episodes"),
        (lambda: maml(nn.Linear(4, 5), X, y[1:], drawn), r"^y: got 119 labels"),
        (lambda: maml(nn.Linear(4, 5), X, y, drawn, batch=0), r"^batch: got 0"),
        (lambda: reptile(nn.Linear(4, 5), X, y, drawn, outer_rate=0), r"^outer_rate: got 0"),
        (lambda: adapted_learner(nn.Linear(4, 5), steps=0), r"^steps: got 0"),
    ):
        with pytest.raises(ValueError, match=message):
            call()
