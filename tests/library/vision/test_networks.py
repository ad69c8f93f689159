"""Maps of any backbone, the U-Net, and losses by row, trained by the one loop."""

import copy

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional as F

from tlbook import models
from tlbook.alignment import adabn, tent
from tlbook.domains import Boxes
from tlbook.finetuning import MultiHead, freeze
from tlbook.objective import Objective
from tlbook.training import fit, predict
from tlbook.vision import (
    ByRow,
    FeatureMaps,
    HeatMap,
    SameRows,
    UNet,
    heat_targets,
    numbered,
)

SIZE = (16, 24)


def small():
    return models.seeded(lambda: models.SignNet(3, ((6, 1), (8, 2))), 0)


@pytest.fixture
def squares():
    """Bright squares on dark ground, and the masks of the squares."""
    rng = np.random.default_rng(0)
    masks = np.zeros((24, *SIZE), np.int64)
    for mask, top, left in zip(masks, rng.integers(8, size=24), rng.integers(16, size=24),
                               strict=True):  # fmt: skip
        mask[top : top + 8, left : left + 8] = 1
    X = 0.2 + 0.5 * masks[:, None] + 0.05 * rng.normal(size=(24, 3, *SIZE))
    return X.astype(np.float32), masks


@pytest.mark.parametrize(
    ("name", "channels", "strides"),
    [
        ("signnet", 3, (1, 2, 4)),
        ("digitnet", 1, (1, 2)),
        ("resnet18", 3, (1, 2, 4, 8, 16, 32)),
        ("mobilenet_v3_small", 3, (1, 2, 4, 8, 16, 32)),
    ],
)
def test_maps_of_every_backbone(name, channels, strides, capsys):
    size = (8, 8) if name == "digitnet" else (64, 96)
    backbone = models.create(name)
    maps = FeatureMaps(backbone, size, channels)
    assert maps.strides == strides
    found = maps.eval()(torch.rand(2, channels, *size))
    for z, stride, width in zip(found, maps.strides, maps.widths, strict=True):
        assert z.shape == (2, width, -(-size[0] // stride), -(-size[1] // stride))
    assert not any(m._forward_hooks for m in backbone.modules())


@pytest.mark.parametrize("size", [(375, 500), (333, 500), (100, 100), (33, 47)])
def test_strides_do_not_depend_on_the_size_of_the_picture(size):
    """12 rows of 375 pixels are a stride of 32, not of 375 / 12 = 31."""
    backbone = models.SignNet(2, ((4, 2),) * 5)
    assert FeatureMaps(backbone, size).strides == (2, 4, 8, 16, 32)
    net = HeatMap(backbone, 2, size=size)
    cells = heat_targets([Boxes([[0, 0, 10, 10]], [1])], 2, size=size, stride=net.stride)
    assert net(torch.zeros(1, 3, *size)).shape[2:] == cells.shape[2:]


def test_cells_that_round_down_have_a_stride_too():
    pooled = nn.Sequential(nn.Conv2d(3, 5, 3, padding=1), nn.MaxPool2d(4), nn.Conv2d(5, 6, 1))
    backbone = models.wrap(nn.Sequential(pooled, nn.AdaptiveAvgPool2d(1), nn.Flatten(),
                                         nn.Linear(6, 2)))  # fmt: skip
    assert FeatureMaps(backbone, (47, 31)).strides == (1, 4)
    odd = models.wrap(nn.Sequential(nn.Conv2d(3, 5, 5, stride=3), nn.AdaptiveAvgPool2d(1),
                                    nn.Flatten(), nn.Linear(5, 2)))  # fmt: skip
    assert FeatureMaps(odd, (31, 31)).strides == (3,)


def test_the_coarsest_map_of_signnet_is_what_it_pools():
    net = models.create("signnet", weights="embedded")
    x = torch.rand(3, 3, 24, 24)
    assert torch.allclose(FeatureMaps(net, (24, 24))(x)[-1].mean(dim=(2, 3)), net.features(x))


def test_a_copy_has_maps_of_its_own():
    maps = FeatureMaps(small(), SIZE).eval()
    twin = copy.deepcopy(maps)
    with torch.no_grad():
        next(twin.parameters()).zero_()
    x = torch.rand(1, 3, *SIZE)
    assert not torch.equal(maps(x)[0], twin(x)[0])


@pytest.mark.parametrize("size", [SIZE, (17, 23)])
def test_a_unet_answers_every_pixel_of_any_size(size):
    net = UNet(small(), 4, size=SIZE, width=5)
    assert net(torch.rand(2, 3, *size)).shape == (2, 4, *size)


def test_a_unet_starts_by_its_seed():
    first, again, other = (UNet(small(), 2, size=SIZE, seed=s) for s in (0, 0, 1))
    assert torch.equal(first.head.weight, again.head.weight)
    assert not torch.equal(first.head.weight, other.head.weight)


def test_fit_learns_masks_and_what_takes_a_network_takes_it(squares):
    X, masks = squares
    net = UNet(small(), 2, size=SIZE, width=6)
    fit(net, numbered(X), Objective(ByRow(masks, F.cross_entropy)), steps=60, batch_size=8, lr=0.01)
    assert np.mean(predict(net, X) == masks) > 0.97
    dark = 0.3 * X
    assert predict(adabn(net, dark), dark).shape == masks.shape
    assert tent(net, dark, batch_size=12).answers.shape == masks.shape


def test_a_frozen_backbone_stays(squares):
    X, masks = squares
    backbone = small()
    before = copy.deepcopy(backbone.state_dict())
    net = freeze(UNet(backbone, 2, size=SIZE, width=6), but=("up", "head"))
    fit(net, numbered(X), Objective(ByRow(masks, F.cross_entropy)), steps=5, batch_size=8)
    assert all(torch.equal(v, before[k]) for k, v in backbone.state_dict().items())


def test_two_heads_on_the_same_rows(squares):
    X, masks = squares
    area = masks[:, :, :12].mean(axis=(1, 2)).astype(np.float32)  # how much lies on the left
    net = UNet(small(), 2, size=SIZE, width=6)
    head = nn.Sequential(nn.AdaptiveAvgPool2d((1, 2)), nn.Flatten(), nn.Linear(12, 1),
                         nn.Flatten(0))  # fmt: skip
    second = SameRows(head, ByRow(area, F.mse_loss), weight=2.0)
    objective = Objective(ByRow(masks, F.cross_entropy), second)
    history = fit(net, numbered(X), objective, steps=80, batch_size=8, lr=0.01)
    assert {"L_S", "SameRows"} <= set(history.columns)
    with torch.no_grad():
        told = MultiHead(net, head).eval()(torch.tensor(X)).numpy()
    assert np.corrcoef(told, area)[0, 1] > 0.8


def test_targets_are_those_of_the_rows():
    targets = np.arange(12.0).reshape(4, 3)
    loss = ByRow(targets, lambda out, t: (out - t).abs().sum())
    assert loss(torch.tensor(targets[[2, 0]]), torch.tensor([2, 0])).item() == 0


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: FeatureMaps(nn.Linear(3, 2), SIZE), "backbone: got a Linear without features"),
        (lambda: FeatureMaps(small(), (16,)), r"size: got \(16,\), want \(height, width\)"),
        (lambda: FeatureMaps(models.wrap(nn.Sequential(nn.Flatten(), nn.Linear(1152, 2))), SIZE),
         "without feature maps"),
        (lambda: UNet(small(), 0, size=SIZE), "n_classes: got 0"),
        (lambda: UNet(small(), 2, size=SIZE, width=1.5), "width: got 1.5"),
        (lambda: ByRow([[np.nan]], F.mse_loss), "targets: got 1 values that are NaN"),
        (lambda: ByRow([1.0], "mse"), "loss: got str, want a function"),
        (lambda: ByRow([1.0], F.mse_loss)(torch.zeros(1), torch.tensor([3])), "rows: got labels"),
        (lambda: ByRow([1.0], F.mse_loss)(torch.zeros(1), torch.tensor([-1])), "rows: got labels"),
        (lambda: SameRows(nn.Identity(), F.mse_loss), "loss: got function, want a ByRow"),
        (lambda: SameRows(print, ByRow([1.0], F.mse_loss)), "head: got builtin_function"),
        (lambda: numbered([]), "X: got 0 rows"),
    ],
)  # fmt: skip
def test_bad_input(call, message):
    with pytest.raises(ValueError, match=message):
        call()
