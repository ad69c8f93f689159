"""Two tasks on one trunk: the second loss, learnt weights, the second task's predictions."""

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional as F

from tlbook import finetuning
from tlbook.finetuning import FirstTask, MultiHead, SecondTask, UncertaintyWeighting
from tlbook.models import create, seeded
from tlbook.objective import Batch, Objective, Term
from tlbook.training import fit, predictor


class Net(nn.Module):
    def __init__(self, d=6, h=16, classes=3):
        super().__init__()
        self.body, self.head = nn.Sequential(nn.Linear(d, h), nn.Tanh()), nn.Linear(h, classes)

    def features(self, x):
        return self.body(x)

    def forward(self, x):
        return self.head(self.features(x))


def net(seed=0):
    return seeded(Net, seed)


def blobs(n=300, seed=0, noise=0.0, axis=0):
    """Three classes along the axes; ``noise`` is the share of labels drawn at random."""
    rng = np.random.default_rng(seed)
    y = np.arange(n) % 3
    X = (0.4 * rng.normal(size=(n, 6)) + 2 * np.eye(6)[y + axis]).astype(np.float32)
    wrong = rng.random(n) < noise
    return X, np.where(wrong, rng.integers(3, size=n), y)


def state(model):
    return {k: v.clone() for k, v in model.state_dict().items()}


class Constant(Term):
    needs = ("source",)

    def __init__(self, value):
        super().__init__()
        self.value = value

    def forward(self, batch):
        return torch.tensor(self.value)


def test_the_second_loss_is_the_formula_and_reaches_trunk_and_head():
    model, head = net(), seeded(lambda: nn.Linear(16, 4), 1)
    X, y = (torch.from_numpy(a) for a in blobs(12))
    value = SecondTask(head)(Batch(model, labeled_x=X, labeled_y=y))
    assert torch.equal(value, F.cross_entropy(head(model.features(X)), y))
    value.backward()
    assert model.body[0].weight.grad.abs().sum() > 0 and head.weight.grad.abs().sum() > 0
    assert model.head.weight.grad is None


def test_first_task_alone_is_plain_training():
    one, other = net(), net()
    fit(one, blobs(), steps=10)
    fit(other, blobs(), Objective(None, FirstTask()), steps=10)
    assert all(torch.equal(v, state(other)[k]) for k, v in one.state_dict().items())


def test_both_tasks_are_learnt_from_their_own_rows():
    model = net()
    head = finetuning.task_head(model, 3, seed=1)
    X, y = blobs(seed=1)
    X2, y2 = blobs(seed=2, axis=3)  # other inputs, other classes
    options = {"steps": 200, "lr": 1e-2, "labeled": (X2, y2)}
    fit(model, (X, y), Objective(F.cross_entropy, SecondTask(head, 0.5)), **options)
    assert np.mean(predictor(model)(X) == y) > 0.95
    second = MultiHead(model, head)
    assert np.mean(predictor(second)(X2) == y2) > 0.95
    assert second.trunk is model and not model.training
    again = net()
    twin = finetuning.task_head(again, 3, seed=1)
    fit(again, (X, y), Objective(F.cross_entropy, SecondTask(twin, 0.5)), **options)
    assert torch.equal(twin.weight, head.weight)


def test_with_frozen_trunk_only_the_heads_learn():
    model = finetuning.freeze(create("digitnet", n_classes=3))
    before, head = state(model), finetuning.task_head(model, 2)
    start = head.weight.clone()
    X = np.random.default_rng(0).random((20, 1, 8, 8), dtype=np.float32)
    y = np.arange(20) % 2
    fit(model, (X, y), Objective(F.cross_entropy, SecondTask(head)), steps=5, labeled=(X, y))
    moved = {k for k, v in model.state_dict().items() if not torch.equal(v, before[k])}
    assert moved == {"head.weight", "head.bias"} and not torch.equal(head.weight, start)


def test_at_equal_noise_uncertainty_weighting_is_the_plain_sum():
    model, head = net(), seeded(lambda: nn.Linear(16, 3), 1)
    X, y = (torch.from_numpy(a) for a in blobs(12))
    batch = Batch(model, source_x=X, source_y=y, labeled_x=X, labeled_y=y)
    term = UncertaintyWeighting(FirstTask(), SecondTask(head))
    assert set(term.needs) == {"source", "labeled"}
    plain = FirstTask()(batch) + SecondTask(head)(batch)
    assert torch.allclose(term(batch), plain) and np.array_equal(term.weights, [1, 1])
    with torch.no_grad():
        term.scaled.copy_(torch.tensor([0.03, -0.05]))
    s = np.array([0.3, -0.5])
    losses = [task(batch).item() for task in (FirstTask(), SecondTask(head))]
    expected = np.sum(np.exp(-s) * losses + s / 2)
    assert term(batch).item() == pytest.approx(expected, rel=1e-6)
    assert np.allclose(term.s, s) and np.allclose(term.losses, losses)


def test_its_gradient_agrees_with_finite_differences():
    tasks = (Constant(0.7), Constant(2.5))
    term = UncertaintyWeighting(*tasks).double()
    batch = Batch(net())
    with torch.no_grad():
        term.scaled.copy_(torch.tensor([0.02, 0.09]))
    (slope,) = torch.autograd.grad(term(batch), term.scaled)
    for i in range(2):
        values = []
        for step in (1e-6, -1e-6):
            with torch.no_grad():
                term.scaled[i] += step
                values.append(float(term(batch)))
                term.scaled[i] -= step
        assert float(slope[i]) == pytest.approx((values[0] - values[1]) / 2e-6, rel=1e-6)


def test_fixed_losses_end_at_the_closed_form():
    losses = [0.1, 1.0, 4.0]
    term = UncertaintyWeighting(*map(Constant, losses))
    fit(net(), blobs(), term, steps=400, lr=2e-2, schedule="cosine")
    assert np.allclose(term.s, np.log(2 * np.array(losses)), atol=1e-2)
    assert np.allclose(term.weights, 1 / (2 * np.array(losses)), rtol=1e-2)


@pytest.mark.parametrize("noisy", [0, 1])
def test_the_noisier_task_gets_the_smaller_weight(noisy):
    model = net()
    term = UncertaintyWeighting(FirstTask(), SecondTask(finetuning.task_head(model, 3)))
    shares = [0.5 if task == noisy else 0.0 for task in (0, 1)]
    first = blobs(seed=1, noise=shares[0])
    second = blobs(seed=2, noise=shares[1], axis=3)
    fit(model, first, term, steps=150, lr=1e-2, labeled=second)
    assert term.weights[noisy] < 0.5 * term.weights[1 - noisy]


def test_mistakes_are_named():
    model, head = net(), nn.Linear(16, 3)
    with pytest.raises(ValueError, match="head"):
        SecondTask(lambda z: z)
    with pytest.raises(ValueError, match="labeled="):
        fit(model, blobs(), Objective(F.cross_entropy, SecondTask(head)), steps=1)
    with pytest.raises(ValueError, match="got none"):
        UncertaintyWeighting()
    with pytest.raises(ValueError, match="want a Term"):
        UncertaintyWeighting(F.cross_entropy)
    with pytest.raises(ValueError, match="it is learnt"):
        UncertaintyWeighting(FirstTask(2.0))
    with pytest.raises(ValueError, match="speed"):
        UncertaintyWeighting(FirstTask(), speed=0.0)
    with pytest.raises(ValueError, match="without features"):
        MultiHead(nn.Linear(2, 2), head)
    with pytest.raises(ValueError, match="nn.Linear"):
        finetuning.task_head(nn.Linear(2, 2), 3)
    with pytest.raises(ValueError, match="n_classes"):
        finetuning.task_head(model, 0)
