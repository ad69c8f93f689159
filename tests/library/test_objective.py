"""The formula as code."""

import pytest
import torch
from torch import nn

from tlbook.objective import Batch, Objective, TargetLoss, Term


class Net(nn.Module):
    calls = 0

    def __init__(self):
        super().__init__()
        self.body, self.head = nn.Linear(3, 4), nn.Linear(4, 2)

    def features(self, x):
        self.calls += 1
        return self.body(x)


def batch(model, **parts):
    x, y = torch.randn(6, 3), torch.tensor([0, 1, 0, 1, 0, 1])
    return Batch(model, **{"source_x": x, "source_y": y, **parts})


def test_total_is_the_weighted_sum_and_features_are_computed_once():
    class Square(Term):
        def forward(self, batch):
            return batch.source_features.pow(2).mean()

    model = Net()
    total, parts = Objective(nn.functional.cross_entropy, Square(2.0), Square(0.5))(batch(model))
    assert list(parts) == ["L_S", "Square", "Square'"]
    assert total.item() == pytest.approx(parts["L_S"].item() + 2.5 * parts["Square"].item())
    assert model.calls == 1


def test_target_loss_is_the_plain_loss_on_the_labeled_draw():
    model = Net()
    x, y = torch.randn(4, 3), torch.tensor([1, 1, 0, 0])
    b = batch(model, labeled_x=x, labeled_y=y)
    value = TargetLoss()(b)
    expected = nn.functional.cross_entropy(model.head(model.body(x)), y)
    assert value.item() == pytest.approx(expected.item())
    empty = batch(model, labeled_x=x[:0], labeled_y=y[:0])
    assert TargetLoss()(empty).item() == 0


def test_repr_reads_as_the_formula_and_needs_names_the_draws():
    objective = Objective(nn.functional.cross_entropy, TargetLoss(0.5), TargetLoss(lambda p: p))
    assert repr(objective) == "L_S + 0.5 TargetLoss + w(t) TargetLoss"
    assert objective.needs == {"source", "labeled"}
    assert Objective(None, TargetLoss()).needs == {"labeled"}


def test_missing_draws_and_bad_terms_are_named():
    with pytest.raises(ValueError, match="target_x: got None"):
        _ = batch(Net()).target_features
    with pytest.raises(ValueError, match="want a Term"):
        Objective(nn.functional.cross_entropy, nn.ReLU())
    with pytest.raises(ValueError, match="nothing|something to minimize"):
        Objective(None)
    with pytest.raises(ValueError, match="weight"):
        TargetLoss(float("inf"))
