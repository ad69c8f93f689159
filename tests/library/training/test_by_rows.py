"""Which objectives several processes may take apart; what they do is in ``test_processes``."""

from functools import partial

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional as F

from tests.library.training.training_cases import Net, blobs, judge
from tlbook.adversarial import DANN
from tlbook.alignment import MMD, DeepCORAL, Entropy, InformationMaximization
from tlbook.finetuning import L2SP, Distillation, FirstTask, SecondTask, UncertaintyWeighting
from tlbook.objective import Batch, Objective, TargetLoss, Term, mean_of_rows
from tlbook.training import by_rows, fit
from tlbook.vision.rows import ByRow, SameRows

MASKS = np.ones((5, 2, 2), dtype=np.int64)
HOLES = np.where(np.arange(4).reshape(2, 2) == 0, -100, MASKS)
NET = Net()


class Small(Term):
    needs = ("target",)

    def forward(self, batch):
        return batch.target_features.square().mean()


@mean_of_rows
class Declared(Small):
    pass


class Heir(Declared):
    """A subclass may look at the whole batch: it has to speak for itself."""


@mean_of_rows
class Both(Small):
    needs = ("source", "target")


@mean_of_rows
def own_loss(logits, y):
    return F.cross_entropy(logits, y)


ROWS = [
    Objective(),
    Objective(None, Entropy()),
    Objective(F.cross_entropy, TargetLoss(0.5), L2SP(0.1, NET), Distillation(NET), Declared()),
    Objective(None, FirstTask(), SecondTask(nn.Linear(8, 2))),
    Objective(partial(F.cross_entropy, label_smoothing=0.1)),
    Objective(nn.CrossEntropyLoss(label_smoothing=0.1), TargetLoss(loss=nn.MSELoss())),
    Objective(own_loss),
    Objective(ByRow(MASKS, F.cross_entropy), SameRows(nn.Linear(8, 2), ByRow(MASKS, F.l1_loss))),
]
WHOLE = [
    Objective(F.cross_entropy, MMD()),
    Objective(F.cross_entropy, DeepCORAL()),
    Objective(F.cross_entropy, DANN(n_features=8)),
    Objective(F.cross_entropy, InformationMaximization()),
    Objective(F.cross_entropy, judge()),
    Objective(F.cross_entropy, Small()),
    Objective(F.cross_entropy, Heir()),
    Objective(F.cross_entropy, Both()),
    Objective(None, UncertaintyWeighting(FirstTask(), SecondTask(nn.Linear(8, 2)))),
    Objective(lambda logits, y: logits.std()),
    Objective(partial(F.cross_entropy, weight=torch.ones(3))),
    Objective(nn.CrossEntropyLoss(weight=torch.ones(3))),
    Objective(nn.CrossEntropyLoss(reduction="sum")),
    Objective(nn.CrossEntropyLoss(ignore_index=0)),
    Objective(F.cross_entropy, TargetLoss(loss=lambda logits, y: logits.std())),
    Objective(ByRow(HOLES, F.cross_entropy)),
    Objective(ByRow(MASKS, lambda outputs, y: outputs.std())),
    type("Mine", (Objective,), {})(F.cross_entropy),
]


@pytest.mark.parametrize("objective", ROWS, ids=repr)
def test_a_mean_over_rows_is_taken_apart(objective):
    assert by_rows.goes_by_rows(objective)


@pytest.mark.parametrize("objective", WHOLE, ids=repr)
def test_what_looks_at_the_whole_batch_or_is_not_known_is_not(objective):
    assert not by_rows.goes_by_rows(objective)


def test_what_is_declared_is_true_of_shares():
    """The value of a draw is the mean of the values of its shares, weighted by their rows."""
    X, y = (torch.from_numpy(a) for a in blobs(10))
    X2, y2 = (torch.from_numpy(a) for a in blobs(10, seed=1))
    net = Net(dropout=0.0).eval()
    term = SecondTask(nn.Linear(8, 3))
    terms = (
        TargetLoss(),
        term,
        Distillation(Net(), on="target"),
        Entropy(),
        L2SP(0.1, Net()),
        FirstTask(),
    )
    for objective in (
        Objective(F.cross_entropy, *terms),
        Objective(nn.CrossEntropyLoss(), Declared()),
    ):
        assert by_rows.goes_by_rows(objective)

        def value(rows, objective=objective):
            x = {"source_x": X[rows], "target_x": X2[rows], "labeled_x": X2[rows]}
            return objective(Batch(net, **x, source_y=y[rows], labeled_y=y2[rows]))[1]

        whole, first, rest = value(slice(0, 10)), value(slice(0, 3)), value(slice(3, 10))
        for name in whole:
            torch.testing.assert_close(whole[name], 0.3 * first[name] + 0.7 * rest[name])


def test_one_process_is_left_alone(monkeypatch):
    """The guard of stored results skips the call for this reason."""
    seen = []
    monkeypatch.setattr(
        by_rows,
        "share",
        lambda run, real=by_rows.share: seen.append((dict(vars(run)), real(run), dict(vars(run)))),
    )
    fit(Net(), blobs(), steps=2, device="cpu", progress=False)
    ((before, _, after),) = seen
    assert before.keys() == after.keys()
    assert all(after[name] is value for name, value in before.items())
