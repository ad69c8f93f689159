"""Two towers: the loss by hand, equal names, what training does, new names, bad input."""

import numpy as np
import pytest
import torch
from sklearn.exceptions import NotFittedError
from torch import nn
from torch.nn import functional as F

from tlbook._base.batch import Batch
from tlbook.fewshot import Contrastive, TwoTowers
from tlbook.training import fit


class Same(nn.Module):
    """Features are the inputs."""

    def __init__(self):
        super().__init__()
        self.head = nn.Identity()
        self.one = nn.Parameter(torch.zeros(1))

    def features(self, x):
        return x + 0 * self.one


def loss(term, x, y):
    return term(Batch(Same(), source_x=torch.as_tensor(x).float(), source_y=torch.as_tensor(y)))


def with_identity(names, temperature):
    term = Contrastive(names, projection=np.shape(names)[1], temperature=temperature)
    with torch.no_grad():
        term.tower[0].weight.copy_(torch.eye(np.shape(names)[1]))
        term.tower[0].bias.zero_()
    return term


def test_the_loss_by_hand():
    names = [[1.0, 0.0], [0.0, 2.0]]
    x, T = [[3.0, 0.0], [1.0, 1.0]], 0.5
    c = 0.5**0.5
    logits = torch.tensor([[1.0, 0.0], [c, c]]) / T
    own = torch.tensor([0, 1])
    by_hand = (F.cross_entropy(logits, own) + F.cross_entropy(logits.T, own)) / 2
    assert loss(with_identity(names, T), x, [0, 1]).item() == pytest.approx(by_hand.item())


def test_equal_names_do_not_push_each_other_apart():
    """Three pictures of two names, all of them where their names are: no better place exists."""
    names = [[1.0, 0.0], [-1.0, 0.0]]
    term = with_identity(names, 0.05)
    x = torch.tensor([[1.0, 0.0], [1.0, 0.0], [-1.0, 0.0]], requires_grad=True)
    value = term(Batch(Same(), source_x=x, source_y=torch.tensor([0, 0, 1])))
    shared = 2 / 3 * np.log(2)  # two rows share the probability, whatever the features are
    assert value.item() == pytest.approx(shared, abs=1e-4)
    value.backward()
    assert x.grad.abs().max() < 1e-4


def test_it_agrees_with_simclr_style_cross_entropy_where_names_differ():
    rng = np.random.default_rng(0)
    names, x = rng.normal(size=(6, 4)), rng.normal(size=(6, 4))
    z, t = (F.normalize(torch.tensor(a).float(), dim=1) for a in (x, names))
    logits = z @ t.T / 0.2
    own = torch.arange(6)
    by_hand = (F.cross_entropy(logits, own) + F.cross_entropy(logits.T, own)) / 2
    found = loss(with_identity(names, 0.2), x, np.arange(6))
    assert found.item() == pytest.approx(by_hand.item(), abs=1e-5)


def test_fit_trains_the_names_tower_and_the_temperature():
    names = np.eye(3)
    term = Contrastive(names, projection=2, temperature=0.5)
    before = term.tower[0].weight.clone()
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(4, 2))
    model.features, model.head = model[0], nn.Identity()
    X = np.repeat(np.eye(4)[:3], 20, axis=0).astype(np.float32)
    fit(model, (X, np.repeat(np.arange(3), 20)), term, steps=60, lr=0.02, device="cpu")
    assert not torch.equal(before, term.tower[0].weight)
    assert term.temperature < 0.5


def composed(seed=0, d=12):
    """Names are made of two parts, and so are pictures; a ninth of the pairs of parts is new."""
    rng = np.random.default_rng(seed)
    parts = np.array([(a, b) for a in range(4) for b in range(4)])
    names = np.concatenate([np.eye(4)[parts[:, 0]], np.eye(4)[parts[:, 1]]], axis=1)
    turn = rng.normal(size=(8, d))
    y = np.arange(640) % 16
    X = names[y] @ turn + 0.1 * rng.normal(size=(640, d))
    lacking = np.array([0, 5, 10, 15])
    return X, y, names, lacking


@pytest.mark.slow
def test_new_combinations_are_named_where_names_have_parts_and_not_where_they_have_none():
    X, y, names, lacking = composed()
    known = ~np.isin(y, lacking)
    right = {}
    for kind, vectors in (("parts", names), ("one-hot", np.eye(16)), ("shuffled", names)):
        labels = y[known]
        if kind == "shuffled":
            labels = np.random.default_rng(1).permutation(labels)
        towers = TwoTowers(projection=8, steps=300, lr=0.01, device="cpu")
        towers.fit(X[known], vectors, labels)
        answer = towers.similarity(X[~known], vectors).argmax(axis=1)
        right[kind] = np.mean(answer == y[~known])
    assert right["parts"] > 0.9
    assert right["one-hot"] < 0.1 and right["shuffled"] < 0.5


def test_same_seed_same_towers_and_lengths_are_one():
    X, y, names, _ = composed()
    a, b = (TwoTowers(4, steps=5, device="cpu", seed=3).fit(X, names, y) for _ in range(2))
    assert np.array_equal(a.embed(X), b.embed(X))
    assert np.linalg.norm(a.embed_names(names), axis=1) == pytest.approx(1, abs=1e-5)
    assert a.similarity(X[:3], names).shape == (3, 16)


@pytest.mark.parametrize(
    "change, message",
    [
        ({"y": np.zeros(5, int)}, "y: got shape"),
        ({"y": np.full(640, 16)}, "y: got 16 … 16, want row numbers of the 16 names"),
        ({"y": np.full(640, 0.5)}, "y: got shape"),
        ({"X": np.full((640, 3), np.nan)}, "X: got"),
        ({"names": np.zeros(3)}, "names: got shape"),
        ({"projection": 0}, "projection: got 0"),
        ({"hidden": -1}, "hidden: got -1"),
        ({"temperature": 0.001}, "temperature: got 0.001, want at least 0.01"),
    ],
)
def test_bad_input_is_named(change, message):
    X, y, names, _ = composed()
    given = {"X": X, "names": names, "y": y}
    settings = {k: v for k, v in change.items() if k not in given}
    data = given | {k: v for k, v in change.items() if k in given}
    with pytest.raises(ValueError, match=message):
        TwoTowers(steps=1, device="cpu", **settings).fit(data["X"], data["names"], data["y"])


def test_use_before_fit_and_rows_of_another_width():
    X, y, names, _ = composed()
    with pytest.raises(NotFittedError):
        TwoTowers().embed(X)
    towers = TwoTowers(4, steps=1, device="cpu").fit(X, names, y)
    with pytest.raises(ValueError, match="X: got 3 features, want 12"):
        towers.embed(X[:, :3])


@pytest.mark.parametrize(
    ("y", "projection", "message"),
    [
        ([0, 1, 2, 3], 6, "source_y: got 0 … 3, want places in the 3 names"),
        ([-1, 1, 2, 0], 6, "source_y: got -1 … 2"),  # not the last name
        ([0, 1, 2, 0], 5, r"projection: got 5, want the width .* shape \(4, 6\)"),
    ],
)
def test_the_term_names_what_does_not_fit_the_model(y, projection, message):
    rows = np.zeros((4, 6), np.float32), np.array(y)
    with pytest.raises(ValueError, match=message):
        fit(Same(), rows, Contrastive(np.eye(3), projection), steps=1, batch_size=4, device="cpu")
