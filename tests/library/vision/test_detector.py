"""Heat maps: what they should show, what the loss asks, and which boxes come out again."""

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn.functional import logsigmoid

from tlbook import models
from tlbook.domains import Boxes
from tlbook.finetuning import cached_features, freeze
from tlbook.objective import Objective
from tlbook.training import fit
from tlbook.vision import (
    ByRow,
    HeatMap,
    average_precision,
    find,
    heat_loss,
    heat_targets,
    map_head,
    numbered,
)

SIZE, STRIDE = (32, 48), 4
TRUTH = [
    Boxes([[4, 4, 16, 20], [30, 10, 42, 22]], [0, 1]),
    Boxes([[20, 6, 32, 24]], [1]),
    Boxes([], []),
]


class Answer(nn.Module):
    """A network that always gives the same maps."""

    def __init__(self, maps):
        super().__init__()
        self.maps = maps

    def forward(self, x):
        return self.maps[: len(x)]


def ideal(target, classes=2):
    """Return the outputs that a perfect detector would give."""
    heat = torch.logit(torch.tensor(target[:, :classes]).clamp(1e-4, 1 - 1e-4))
    return torch.cat([heat, torch.tensor(target[:, classes:-1])], dim=1)


def test_targets_by_hand():
    target = heat_targets(TRUTH, 2, size=SIZE, stride=STRIDE)
    assert target.shape == (3, 7, 8, 12)
    # The first box: center (10, 12), that is cell (2, 3), half a cell to the right; 3 × 4 cells.
    assert target[0, 2:, 3, 2].tolist() == [3, 4, 0.5, 0, 1]
    assert target[0, 0, 3, 2] == 1 and target[0, 0, 3, 3] == pytest.approx(np.exp(-2))
    assert target[0, -1].sum() == 2 and (target[0, 1, 4, 9], target[0, 1, 3, 2] < 0.01) == (1, True)
    assert not target[2].any()


def test_what_goes_in_comes_out():
    target = heat_targets(TRUTH, 2, size=SIZE, stride=STRIDE)
    found = find(Answer(ideal(target)), np.zeros((3, 3, *SIZE), np.float32), stride=STRIDE)
    assert [len(boxes) for boxes in found] == [2, 1, 0]
    for here, there in zip(found, TRUTH, strict=True):
        order = np.argsort(here.labels)
        assert np.allclose(here.corners[order], there.corners, atol=1e-4)
        assert (here.labels[order] == there.labels).all()
    assert average_precision(found, TRUTH, 2).tolist() == [1, 1]


def test_two_peaks_for_one_object_are_one():
    maps = torch.zeros(1, 5, 8, 12)
    maps[:, 0] = -9.0
    maps[0, 0, 3, 2], maps[0, 0, 3, 4] = 3.0, 2.0  # two cells apart: both are peaks
    maps[0, 1:3], maps[0, 3, 3, 2], maps[0, 3, 3, 4] = 5.0, 1.0, -0.5  # nearly the same box
    x = np.zeros((1, 3, *SIZE), np.float32)
    assert len(find(Answer(maps), x, stride=STRIDE, overlap=1.0)[0]) == 2
    kept = find(Answer(maps), x, stride=STRIDE)[0]
    assert len(kept) == 1 and kept.scores[0] == pytest.approx(torch.sigmoid(torch.tensor(3.0)))
    assert len(find(Answer(maps), x, stride=STRIDE, least=0.99)[0]) == 0


def test_the_loss_by_hand():
    outputs = torch.tensor([[0.5, 2.0, 3.0, 0.25, 0.75], [-1.0, 9.0, 9.0, 9.0, 9.0]])
    target = torch.tensor([[1.0, 2.5, 3.0, 0.5, 0.5, 1.0], [0.3, 0.0, 0.0, 0.0, 0.0, 0.0]])
    outputs, target = (t.T[None, :, None] for t in (outputs, target))  # one row of two cells
    p, q = torch.sigmoid(torch.tensor([0.5, -1.0]))
    hit = (1 - p) ** 2 * logsigmoid(torch.tensor(0.5))
    empty = 0.7**4 * q**2 * logsigmoid(torch.tensor(1.0))
    want = -(hit + empty) + 0.1 * 0.5 + 0.5
    assert heat_loss(outputs, target).item() == pytest.approx(want.item(), abs=1e-6)


def test_the_loss_is_small_where_the_maps_are_right():
    target = heat_targets(TRUTH, 2, size=SIZE, stride=STRIDE)
    right = ideal(target)
    assert heat_loss(right, torch.tensor(target)) < 0.3
    assert heat_loss(torch.zeros_like(right), torch.tensor(target)) > 3
    empty = heat_targets(TRUTH[2:], 2, size=SIZE, stride=STRIDE)
    assert torch.isfinite(heat_loss(ideal(empty), torch.tensor(empty)))


def test_a_head_on_cached_maps_is_the_frozen_detector():
    rng = np.random.default_rng(0)
    X = rng.random((3, 3, *SIZE), dtype=np.float32)
    objective = Objective(ByRow(heat_targets(TRUTH, 2, size=SIZE, stride=STRIDE), heat_loss))
    nets = []
    for cached in (False, True):
        body = models.create("signnet", weights="embedded")
        net = freeze(HeatMap(body, 2, size=SIZE, width=8), but=("head",))
        rows = cached_features(net, X) if cached else X
        fit(map_head(net) if cached else net, numbered(rows), objective, steps=4, lr=0.01)
        nets.append(net(torch.tensor(X)).detach())
    assert torch.allclose(*nets, atol=1e-4)


@pytest.mark.slow
def test_it_learns_to_find_bright_squares():
    rng = np.random.default_rng(1)
    X = 0.1 * rng.random((40, 3, *SIZE)).astype(np.float32)
    truth = []
    for picture, label in zip(X, rng.integers(2, size=40), strict=True):
        top, left = int(rng.integers(16)), int(rng.integers(32))
        picture[label, top : top + 12, left : left + 12] += 0.8
        truth.append(Boxes([[left, top, left + 12, top + 12]], [label]))
    body = models.SignNet(2, ((8, 1), (16, 2), (16, 2)))
    net = HeatMap(body, 2, size=SIZE, width=16)
    objective = Objective(ByRow(heat_targets(truth, 2, size=SIZE, stride=4), heat_loss))
    fit(net, numbered(X), objective, steps=200, batch_size=10, lr=0.01, schedule="one-cycle")
    assert average_precision(find(net, X, stride=4), truth, 2).mean() > 0.8


def test_stride_can_be_chosen():
    net = HeatMap(models.create("signnet", weights="embedded"), 2, size=SIZE, stride=2)
    assert net(torch.zeros(1, 3, *SIZE)).shape == (1, 6, 16, 24)


def test_gray_pictures_and_a_stride_that_need_not_be_told():
    net = HeatMap(models.create("digitnet"), 3, size=(8, 8), channels=1)
    assert net(torch.zeros(2, 1, 8, 8)).shape == (2, 7, 4, 4)
    X = np.random.default_rng(0).random((2, 1, 8, 8), dtype=np.float32)
    told, untold = (find(net, X, **given) for given in ({"stride": 2}, {}))
    assert [len(a) for a in told] == [len(a) for a in untold] and len(told[0])
    assert np.array_equal(told[0].corners, untold[0].corners)


def build(**options):
    return HeatMap(models.create("signnet"), 2, **{"size": SIZE, **options})


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: build(stride=3), "stride: got 3, want one of 1, 2, 4"),
        (lambda: build(width=0), "width: got 0"),
        (lambda: heat_targets([{"boxes": []}], 1, size=SIZE, stride=4), "truth: got dict, want a"),
        (lambda: find(build(), np.zeros((1, 3, *SIZE), np.float32), stride=8),
         "stride: got 8, want 4 as in the model"),
        (lambda: find(map_head(build()), np.zeros((1, 128, 8, 12), np.float32)),
         "stride: got None"),
        (lambda: heat_targets(TRUTH, 1, size=SIZE, stride=4), "truth: got the label 1"),
        (lambda: heat_targets(TRUTH, 2, size=(8, 8), stride=4), "center outside"),
        (lambda: heat_targets(TRUTH, 2, size=SIZE, stride=0), "stride: got 0"),
        (lambda: heat_loss(torch.zeros(1, 6, 8, 12), torch.zeros(1, 6, 8, 12)),
         "target: got shape"),
        (lambda: find(nn.Identity(), np.zeros((1, 6, 8, 8), np.float32), stride=4, least=2),
         "least: got 2"),
        (lambda: find(nn.Identity(), np.zeros((1, 6, 8, 8), np.float32), stride=4, most=0),
         "most: got 0"),
        (lambda: map_head(nn.Identity()), "model: got a Identity without head"),
    ],
)  # fmt: skip
def test_bad_input(call, message):
    with pytest.raises(ValueError, match=message):
        call()
