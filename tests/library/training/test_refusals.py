"""What fit and predict refuse: networks without a cut, labels that are no classes, other shapes."""

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn.functional import cross_entropy, mse_loss

from tlbook import models
from tlbook.objective import Objective, TargetLoss, Term
from tlbook.training import fit, predict

X = np.random.default_rng(0).normal(size=(30, 4)).astype(np.float32)
Y = np.arange(30) % 3


def net() -> nn.Module:
    return models.wrap(nn.Sequential(nn.Linear(4, 3), nn.ReLU(), nn.Linear(3, 3)))


def test_a_plain_module_is_told_what_makes_it_fit():
    plain = nn.Sequential(nn.Linear(4, 3), nn.ReLU(), nn.Linear(3, 3))
    with pytest.raises(ValueError, match=r"model: got Sequential, .*tlbook.models.wrap\(model\)"):
        fit(plain, (X, Y), steps=2)
    assert len(fit(models.wrap(plain), (X, Y), steps=2).columns["loss"]) == 2
    with pytest.raises(ValueError, match="model: got LinearRegression, want a torch nn.Module"):
        from sklearn.linear_model import LinearRegression

        fit(LinearRegression(), (X, Y), steps=2)


def test_a_term_may_do_without_a_head():
    class Body(nn.Module):
        def __init__(self):
            super().__init__()
            self.layer = nn.Linear(4, 2)

        def features(self, x):
            return self.layer(x)

    class Small(Term):
        needs = ("source",)

        def forward(self, batch):
            return batch.source_features.pow(2).mean()

    assert fit(Body(), (X, Y), Small(), steps=2).columns["loss"].shape == (2,)


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        (np.where(Y == 0, -100, Y), "data: got the label -100 in y, want 0 … 2"),
        (Y - 1, "data: got the label -1 in y, want 0 … 2"),
        (Y + 5, "data: got the label 7 in y, want 0 … 2"),
        (Y.astype(float), "data: got labels y that are fractions"),
        (Y.astype(str), "y: got labels of type <U"),
    ],
)
def test_labels_that_are_no_classes_are_refused(labels, message):
    with pytest.raises(ValueError, match=message):
        fit(net(), (X, labels), steps=2)


def test_labels_of_the_labeled_part_too():
    objective = Objective(cross_entropy, TargetLoss(1.0))
    with pytest.raises(ValueError, match="labeled: got the label 9 in y, want 0 … 2"):
        fit(net(), (X, Y), objective, labeled=(X, Y + 7), steps=2)


def test_another_loss_takes_other_labels():
    def squared(logits, y):
        return mse_loss(logits[:, 0], y.float())

    for labels in (Y - 100, Y.astype(float), Y + 7):
        assert np.isfinite(fit(net(), (X, labels), Objective(squared), steps=2).loss).all()


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (X[:, :2], r"got rows of shape \(2,\) and type float32, .*cannot be multiplied"),
        (X.astype(int), r"got rows of shape \(4,\) and type int64, .*same dtype"),
    ],
)
def test_rows_that_the_network_does_not_take_are_named(rows, message):
    with pytest.raises(ValueError, match=f"data: {message}"):
        fit(net(), (rows, Y), steps=2)
    with pytest.raises(ValueError, match=f"X: {message}"):
        predict(net(), rows)


@pytest.mark.parametrize("stored", [lambda d: d, lambda d: torch.utils.data.DataLoader(d, 8)])
@pytest.mark.parametrize("label", [-100, -1, 3])
def test_labels_of_a_dataset_that_are_no_classes_are_named_when_they_are_drawn(label, stored):
    labels = np.where(np.arange(len(Y)) == len(Y) - 1, label, Y)
    data = stored(torch.utils.data.TensorDataset(torch.tensor(X), torch.tensor(labels)))
    message = f"got the label {label} in y, want 0 … 2"
    with pytest.raises(ValueError, match=f"data: {message}"):
        fit(net(), data, steps=len(Y))
    with pytest.raises(ValueError, match=f"labeled: {message}"):
        fit(net(), (X, Y), Objective(cross_entropy, TargetLoss()), labeled=data, steps=len(Y))
    another = Objective(lambda logits, y: logits.mean())
    fit(net(), data, another, steps=2)
